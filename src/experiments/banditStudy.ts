/** @file Bandit studies as a study file has them, and the cells they stand for. Pure. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { cellEnvironment, environmentRng } from "../bandit/cell.ts"
import { BanditCellSpec, DataSpec, OptimizerSpec } from "../bandit/cellSchema.ts"
import type { Environment } from "../bandit/environment.ts"
import { EnvironmentSpec, environmentOf } from "../bandit/environments/registry.ts"
import type { FamilyOptions } from "../bandit/families.ts"
import { worldOf } from "../bandit/inputs/filler.ts"
import { isMethod, resolveMethod } from "../bandit/methods/registry.ts"
import { makePolicy, PolicySpec } from "../bandit/policySpec.ts"
import { RegimeSpec, regimeInputs, regimeMembers } from "../bandit/regimes/registry.ts"
import { decodeWhole, type Finding, findingText } from "../loss/schemaFindings.ts"
import { Rng } from "../random/rng.ts"
import type { Json } from "./canonical.ts"
import { defaulted, distinct, listOf, NonNegative, Seeds, swept } from "./fields.ts"
import { expandLosses, fileProblem, LossGrid, LossText } from "./lossName.ts"

/** A world and a regime in which every loss that runs anywhere runs: what is wrong with it here is wrong with the loss. */
const anywhere = {
  environment: {
    ...cellEnvironment({ environment: { kind: "bradley-terry", arms: 2 }, seed: 0 }),
    tree: { branching: 2, depth: 1, correct: new Uint8Array(2) }
  },
  options: { supplied: ["pol_is_w"], members: 16, tokenMask: true }
} as const satisfies { readonly environment: Environment; readonly options: FamilyOptions }

const lossProblem = (
  entry: string | LossGrid,
  environment: Environment,
  optionsOf: (loss: string) => Omit<FamilyOptions, "world">
): string | undefined => {
  for (const loss of expandLosses(entry)) {
    const unreadable = fileProblem(loss)
    if (unreadable !== undefined) return unreadable
    const method = resolveMethod(loss, { world: worldOf(environment), steps: 1 }, optionsOf(loss))
    if (Result.isFailure(method)) return method.failure.message
  }
  return undefined
}

const BanditLoss = Schema.Union([LossText, LossGrid])
  .check(
    // A method has no use for what a loss may read.
    Schema.makeFilter((entry) =>
      lossProblem(entry, anywhere.environment, (loss) => (isMethod(loss) ? {} : anywhere.options))
    )
  )
  .annotate({ identifier: "BanditLoss" })

/** The settings that are a cell's own; see BanditCellSpec. */
const cellFields = BanditCellSpec.fields

const fields = Schema.Struct({
  losses: Schema.NonEmptyArray(BanditLoss).annotateKey({
    description: "Losses: LOSS texts, `pg?baseline=…`, or `{loss, with: {tau: [0.1, 1]}}`."
  }),
  derived: defaulted(Schema.Boolean, false).annotateKey({
    description: "Whether the losses that the derive stage found run too."
  }),
  reference: defaulted(swept(Schema.Boolean), false).annotateKey({
    description: "Adds the reference to losses without one; `[false, true]`: each loss with and without."
  }),
  ceWeight: defaulted(swept(NonNegative), 0).annotateKey({
    description: "Weight of the cross-entropy term -log π(chosen); several: each loss runs with each."
  }),
  environment: EnvironmentSpec.annotateKey({
    description: "The world: answers, rewards, reference, and who is asked."
  }),
  data: DataSpec.annotateKey({ description: "The expectation over all pairs, or a data set of sampled ones." }),
  regime: Schema.optionalKey(RegimeSpec).annotateKey({
    description: "Who proposes the pairs of a step. Default: offline."
  }),
  policy: Schema.optionalKey(PolicySpec).annotateKey({
    description: "What is trained. Default: tabular, a logit per answer."
  }),
  optimizer: OptimizerSpec.annotateKey({ description: "Full batch unless `batchSize` is given." }),
  steps: cellFields.steps,
  checkpoints: cellFields.checkpoints,
  klLevels: cellFields.klLevels.annotateKey({
    description:
      "Levels given here have all metrics recorded at them (`records/bandit-kl.jsonl`), whatever `keep` says."
  }),
  keep: defaulted(Schema.Literals(["trajectory", "ends"]), "trajectory").annotateKey({
    description: "`ends`: the records keep the first and the last checkpoint only, for studies of many thousand cells."
  }),
  seeds: Schema.optionalKey(Seeds).annotateKey({ description: "Default: the study's seeds." }),
  sweep: Schema.optionalKey(Schema.Record(Schema.String, distinct(Schema.Json))).annotateKey({
    description:
      "Further settings to go through: dotted name (`optimizer.learningRate`) → values. Each combination is a variant."
  })
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
  const { environment, data, regime, policy, optimizer, steps, checkpoints, klLevels } = study
  const base = {
    loss: setting.loss,
    reference: setting.reference,
    ceWeight: setting.ceWeight,
    environment,
    data,
    ...(regime ? { regime } : {}),
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

/** Settings with a key of their own, which records and names of cells read. */
const ownKeys: Readonly<Record<string, string>> = {
  loss: "losses",
  reference: "reference",
  ceWeight: "ceWeight",
  seed: "seeds"
}

const probe = (study: Fields, settings: Variant["settings"]): ReadonlyArray<Finding> => {
  const spec = specOf(study, { loss: "dpo", reference: false, ceWeight: 0, variant: { name: "", settings } }, 0)
  const decoded = decodeWhole(BanditCellSpec, spec)
  return Result.isFailure(decoded) ? decoded.failure : []
}

/** Swept settings that no cell has, or with values that it may not have, one by one and then together. */
const sweepProblems = (study: Fields): ReadonlyArray<Problem> => {
  const alone = Object.entries(study.sweep ?? {}).flatMap(([setting, values]): ReadonlyArray<Problem> => {
    const own = ownKeys[setting.split(".")[0]!]
    if (own !== undefined) return [{ path: ["sweep", setting], issue: `not to be swept; list the values in ${own}` }]
    return values.flatMap((value, i) =>
      probe(study, [[setting, value as Json]]).map((problem) => ({
        path: ["sweep", setting, i],
        issue: findingText(problem)
      }))
    )
  })
  if (alone.length > 0) return alone
  for (const { name, settings } of variantsOf(study)) {
    const [problem] = probe(study, settings)
    if (problem) return [{ path: ["sweep"], issue: `${name}: ${findingText(problem)}` }]
  }
  return []
}

/** A refusal such as "environment.of.keep: …" at the place that it names. */
const located = (refusal: string): Problem => {
  const [, place, issue] = /^([\w.]+): (.*)$/s.exec(refusal) ?? []
  return place === undefined || issue === undefined
    ? { path: ["environment"], issue: refusal }
    : { path: place.split("."), issue }
}

/** A policy that the environment cannot carry, and losses that cannot run in the study's environment and regime, with a reference, or with a cross-entropy term. */
const familyProblems = (study: Fields): ReadonlyArray<Problem> => {
  const { data, regime = { kind: "offline" } } = study
  const made = environmentOf(study.environment, environmentRng({ seed: 0 }))
  if (Result.isFailure(made)) return made.failure.issues.map(located)
  const options = {
    reference: listOf(study.reference).includes(true),
    ceWeight: Math.max(...listOf(study.ceWeight)),
    perToken: data.perToken ?? false,
    tokenMask: data.mask ?? false,
    supplied: regimeInputs(regime),
    members: regimeMembers(regime)
  }
  const policy = makePolicy(study.policy ?? { kind: "tabular" }, made.success, Rng.fromSeed(0))
  if (Result.isFailure(policy)) return policy.failure.issues.map(located)
  return study.losses.flatMap((entry, position) => {
    const issue = lossProblem(entry, made.success, () => options)
    return issue === undefined ? [] : [{ path: ["losses", position], issue }]
  })
}

/** What is wrong with a study besides its shape. */
const problemsOf = (study: Fields): ReadonlyArray<Problem> => {
  const base = probe(study, []).map(({ path, message }) => ({ path, issue: message }))
  return [...base, ...(base.length > 0 ? [] : sweepProblems(study)), ...familyProblems(study)]
}

/** One bandit study: losses × variants × reference × ceWeight × seeds in one environment. */
export const BanditStudy = fields.check(Schema.makeFilter(problemsOf)).annotate({ identifier: "BanditStudy" })
export type BanditStudy = typeof BanditStudy.Type

/** A cell of a bandit study with what the records say of it. */
export interface BanditCell {
  readonly id: string
  readonly loss: string
  readonly environment: string
  readonly reference: boolean
  readonly ceWeight: number
  readonly seed: number
  readonly keep: "trajectory" | "ends"
  readonly spec: BanditCellSpec
}

const environmentName = (study: string, variant: Variant): string =>
  variant.name === "" ? study : `${study} ${variant.name}`

/** The conditions under which a study runs each loss, as the records name them. */
export const conditionsOf = (
  name: string,
  study: BanditStudy
): ReadonlyArray<Pick<BanditCell, "environment" | "reference" | "ceWeight">> =>
  settingsOf(study, [""]).map(({ variant, reference, ceWeight }) => ({
    environment: environmentName(name, variant),
    reference,
    ceWeight
  }))

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
      environment: environmentName(name, setting.variant),
      reference: setting.reference,
      ceWeight: setting.ceWeight,
      seed,
      keep: study.keep,
      spec: specOf(study, setting, seed) as unknown as BanditCellSpec
    }))
  )
}
