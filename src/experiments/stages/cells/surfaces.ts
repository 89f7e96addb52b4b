/** @file The surfaces cells: a loss over a three-armed world, angles between the losses of one, policies trained and compared. */
import * as Result from "effect/Result"
import type { Environment } from "../../../bandit/environment.ts"
import { type EnvironmentSpec, makeEnvironment } from "../../../bandit/environments/registry.ts"
import { Rng } from "../../../random/rng.ts"
import { metrics } from "../../../surface/field.ts"
import {
  attractorShares,
  type LandscapeLoss,
  landscapeAngles,
  landscapeLoss,
  type SimplexLandscape,
  simplexLandscape
} from "../../../surface/landscape.ts"
import { drawPolicies, measures } from "../../../surface/simplex.ts"
import type { Json } from "../../canonical.ts"
import type { AngleRow, ShareRow, SurfacesRow } from "../../figures/drawing/surfaceRows.ts"
import type { CellTools } from "../../Stage.ts"
import { attractorRows, simplexRow, worldRow } from "../simplexRecords.ts"
import type { LanguageSpecOfCell } from "./languageSurfaces.ts"
import { nineDigits } from "./nineDigits.ts"
import { type PolicySpecOfCell, policyRows } from "./policySurfaces.ts"

interface WorldSpec {
  readonly world: string
  readonly environment: EnvironmentSpec
  readonly seeds: ReadonlyArray<number>
}

interface SimplexSpec extends WorldSpec {
  readonly part: "simplex"
  readonly loss: string
  readonly grid: number
  readonly starts: number
  readonly draws: number
}

interface AnglesSpec extends WorldSpec {
  readonly part: "angles"
  readonly losses: ReadonlyArray<string>
  readonly points: number
}

/** The world of a simplex does not depend on a seed: what it draws, it draws once. */
const worldOf = ({ environment }: WorldSpec): Environment =>
  makeEnvironment(environment, Rng.fromSeed(0).split("environment"))

const refusal = (place: string, loss: string, reason: string): SurfacesRow => ({ kind: "refused", place, loss, reason })

const shareRows = (
  { world, draws, seeds }: SimplexSpec,
  loss: LandscapeLoss,
  environment: Environment,
  { basins }: SimplexLandscape
): ReadonlyArray<ShareRow> => {
  if (draws === 0) return []
  return metrics.flatMap((metric) =>
    measures.flatMap((measure) =>
      seeds.flatMap((seed) => {
        const rng = Rng.fromSeed(seed).split("surfaces").split(measure)
        const starts = drawPolicies(measure, environment.reference, draws, rng)
        const { shares, other } = attractorShares(loss, environment, metric, basins[metric], starts)
        const row = (attractor: number, share: number): ShareRow => ({
          ...{ kind: "share", world, loss: loss.loss, metric, measure, seed, attractor },
          share: nineDigits(share)
        })
        return [...shares.map((share, index) => row(index, share)), ...(other > 0 ? [row(-1, other)] : [])]
      })
    )
  )
}

const simplexRows = (spec: SimplexSpec): ReadonlyArray<SurfacesRow> => {
  const environment = worldOf(spec)
  const loss = landscapeLoss(spec.loss, environment)
  if (Result.isFailure(loss)) return [refusal(spec.world, spec.loss, loss.failure.message)]
  const landscape = simplexLandscape(loss.success, environment, spec)
  return [
    simplexRow(spec, landscape),
    ...attractorRows(spec.world, landscape),
    ...shareRows(spec, loss.success, environment, landscape)
  ]
}

const angleRows = (spec: AnglesSpec): ReadonlyArray<SurfacesRow> => {
  const { world, points, seeds } = spec
  const environment = worldOf(spec)
  const losses = spec.losses.flatMap((loss) => {
    const found = landscapeLoss(loss, environment)
    return Result.isSuccess(found) ? [found.success] : []
  })
  const of = (
    metric: (typeof metrics)[number],
    measure: (typeof measures)[number],
    seed: number
  ): ReadonlyArray<AngleRow> =>
    landscapeAngles(
      losses,
      environment,
      metric,
      measure,
      points,
      Rng.fromSeed(seed).split("angles").split(measure)
    ).map(({ a, b, mean, opposed }) => ({
      ...{ kind: "angle", world, metric, measure, seed, a, b },
      degrees: Math.round((mean * 180e6) / Math.PI) / 1e6,
      opposed: nineDigits(opposed)
    }))
  return [
    worldRow(world, environment),
    ...metrics.flatMap((metric) => measures.flatMap((measure) => seeds.flatMap((seed) => of(metric, measure, seed))))
  ]
}

/** The rows of a cell about bandits. */
export const banditRows = (spec: Json): ReadonlyArray<SurfacesRow> => {
  const cell = spec as unknown as SimplexSpec | AnglesSpec | PolicySpecOfCell
  switch (cell.part) {
    case "simplex":
      return simplexRows(cell)
    case "angles":
      return angleRows(cell)
    case "policies":
      return policyRows(cell)
  }
}

/** @param spec a cell of stages/surfaces.ts @returns rows of `records/surfaces.jsonl` */
export const runCell = async (spec: Json, tools: CellTools): Promise<ReadonlyArray<SurfacesRow>> => {
  const language = spec as unknown as LanguageSpecOfCell
  if (language.part !== "language") return banditRows(spec)
  // The tensor library is for those who finetune.
  const { languageRows } = await import("./languageSurfaces.ts")
  return languageRows(language, tools)
}
