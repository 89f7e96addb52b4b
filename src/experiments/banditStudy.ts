/** @file Bandit studies as a study file has them, and the cells they stand for. Pure. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { cellEnvironment } from "../bandit/cell.ts"
import { BanditCellSpec, DataSpec, decodeBanditCell, OptimizerSpec, PolicySpec } from "../bandit/cellSchema.ts"
import { EnvironmentSpec } from "../bandit/environments/registry.ts"
import { resolveFamily } from "../bandit/families.ts"
import type { Json } from "./canonical.ts"
import { expandLosses, LossGrid } from "./lossName.ts"

/** One value, or a list of values to go through. */
const swept = <S extends Schema.Constraint>(schema: S) => Schema.Union([schema, Schema.NonEmptyArray(schema)])

const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** The settings that are a cell's own; see BanditCellSpec. */
const cellFields = BanditCellSpec.fields

const fields = Schema.Struct({
  /** Losses: LOSS texts, `pg?baseline=…`, or `{loss, with: {tau: [0.1, 1]}}`. */
  losses: Schema.NonEmptyArray(Schema.Union([Schema.NonEmptyString, LossGrid])),
  /** Whether the losses that the derive stage found run too. */
  derived: Schema.Boolean.pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(false))),
  reference: swept(Schema.Boolean).pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(false))),
  ceWeight: swept(NonNegative).pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(0))),
  environment: EnvironmentSpec,
  data: DataSpec,
  policy: Schema.optionalKey(PolicySpec),
  optimizer: OptimizerSpec,
  steps: cellFields.steps,
  checkpoints: cellFields.checkpoints,
  klLevels: cellFields.klLevels,
  /** Default: the study's seeds. */
  seeds: Schema.optionalKey(Schema.NonEmptyArray(cellFields.seed)),
  /** Further settings to go through: dotted name (`optimizer.learningRate`) → values. Each combination is a variant. */
  sweep: Schema.optionalKey(Schema.Record(Schema.String, Schema.NonEmptyArray(Schema.Json)))
})

type Fields = typeof fields.Type

/** A combination of swept settings, and its name: "" or `optimizer.learningRate=0.1`. */
interface Variant {
  readonly name: string
  readonly settings: ReadonlyArray<readonly [string, Json]>
}

const variantsOf = (study: Fields): ReadonlyArray<Variant> =>
  Object.entries(study.sweep ?? {}).reduce<ReadonlyArray<Variant>>(
    (variants, [path, values]) =>
      variants.flatMap(({ name, settings }) =>
        values.map((value) => ({
          name: `${name}${name === "" ? "" : ","}${path}=${typeof value === "string" ? value : JSON.stringify(value)}`,
          settings: [...settings, [path, value as Json] as const]
        }))
      ),
    [{ name: "", settings: [] }]
  )

/** Sets a dotted path in a copy of plain data. */
const withSetting = (base: Json, path: ReadonlyArray<string>, value: Json): Json => {
  const [step, ...rest] = path
  if (step === undefined) return value
  const map = typeof base === "object" && base !== null && !Array.isArray(base) ? (base as Record<string, Json>) : {}
  return { ...map, [step]: withSetting(map[step] ?? null, rest, value) }
}

const listOf = <A>(value: A | ReadonlyArray<A>): ReadonlyArray<A> => (Array.isArray(value) ? value : [value as A])

/** A cell before the seed. */
interface Setting {
  readonly loss: string
  readonly reference: boolean
  readonly ceWeight: number
  readonly variant: Variant
}

const settingsOf = (study: Fields, losses: ReadonlyArray<string>): ReadonlyArray<Setting> =>
  variantsOf(study).flatMap((variant) =>
    losses.flatMap((loss) =>
      listOf(study.reference).flatMap((reference) =>
        listOf(study.ceWeight).map((ceWeight) => ({ loss, reference, ceWeight, variant }))
      )
    )
  )

const specOf = (study: Fields, setting: Setting, seed: number): Json => {
  const { environment, data, policy, optimizer, steps, checkpoints, klLevels } = study
  const base = {
    loss: setting.loss,
    reference: setting.reference,
    ceWeight: setting.ceWeight,
    environment,
    data,
    ...(policy ? { policy } : {}),
    optimizer,
    steps,
    checkpoints,
    ...(klLevels ? { klLevels } : {}),
    seed
  } as unknown as Json
  return setting.variant.settings.reduce((spec, [path, value]) => withSetting(spec, path.split("."), value), base)
}

interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: string
}

/** What is wrong with a study besides its shape: variants that are no cells, losses that do not run in it. */
const problemsOf = (study: Fields): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  for (const variant of variantsOf(study)) {
    const probe = specOf(study, { loss: "dpo", reference: false, ceWeight: 0, variant }, 0)
    const cell = decodeBanditCell(probe)
    if (Result.isFailure(cell)) {
      const path = variant.name === "" ? [] : ["sweep"]
      return cell.failure.issues.map((issue) => ({
        path,
        issue: variant.name === "" ? issue : `${variant.name}: ${issue}`
      }))
    }
  }
  const environment = cellEnvironment({ environment: study.environment, seed: 0 })
  study.losses.forEach((entry, position) => {
    for (const loss of expandLosses(entry)) {
      for (const reference of listOf(study.reference)) {
        const family = resolveFamily(loss, environment, { reference })
        if (Result.isFailure(family)) problems.push({ path: ["losses", position], issue: family.failure.message })
      }
    }
  })
  return problems
}

/** One bandit study: losses × variants × reference × ceWeight × seeds in one environment. */
export const BanditStudy = fields.check(Schema.makeFilter(problemsOf))
export type BanditStudy = typeof BanditStudy.Type

/** A cell of a bandit study with what the records say of it. */
export interface BanditCell {
  readonly id: string
  readonly loss: string
  readonly environment: string
  readonly reference: boolean
  readonly ceWeight: number
  readonly seed: number
  readonly spec: BanditCellSpec
}

const nameOf = (study: string, { loss, reference, ceWeight, variant }: Setting): string =>
  [
    study,
    ...(variant.name === "" ? [] : [variant.name]),
    loss,
    ...(reference ? ["reference"] : []),
    ...(ceWeight > 0 ? [`ce=${ceWeight}`] : [])
  ].join("/")

/**
 * The cells of a study. @param derived losses that the derive stage found @param seeds those of the whole study
 */
export const banditCells = (
  name: string,
  study: BanditStudy,
  derived: ReadonlyArray<string>,
  seeds: ReadonlyArray<number>
): ReadonlyArray<BanditCell> => {
  const listed = study.losses.flatMap(expandLosses)
  const losses = [...new Set([...listed, ...(study.derived ? derived : [])])]
  return settingsOf(study, losses).flatMap((setting) =>
    (study.seeds ?? seeds).map((seed) => ({
      id: `bandit/${nameOf(name, setting)}/seed=${seed}`,
      loss: setting.loss,
      environment: setting.variant.name === "" ? name : `${name} ${setting.variant.name}`,
      reference: setting.reference,
      ceWeight: setting.ceWeight,
      seed,
      spec: specOf(study, setting, seed) as unknown as BanditCellSpec
    }))
  )
}
