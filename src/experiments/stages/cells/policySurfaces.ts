/** @file Policies of one seed, each trained with one loss: how sharp the losses are at their ends, slices, and paths between them. */
import * as Result from "effect/Result"
import { makeEnvironment } from "../../../bandit/environments/registry.ts"
import type { Policy } from "../../../bandit/policy.ts"
import { makePolicy } from "../../../bandit/policySpec.ts"
import { Rng } from "../../../random/rng.ts"
import { equalGroups, filterNormaliseInPlace, type Normalise, plainNormaliseInPlace } from "../../../surface/slices.ts"
import { type PolicySurface, programSurface, surfaceProgram } from "../../../surface/surface.ts"
import { sharpnessAt, trainOn } from "../../../surface/trained.ts"
import type { SharpnessRow, SurfacesRow } from "../../figures/drawing/surfaceRows.ts"
import type { PolicySurfaces } from "../../surfacesStudy.ts"
import { nineDigits } from "./nineDigits.ts"
import {
  pathRows,
  pathRowsBetween,
  planeSlices,
  randomSlices,
  sharpnessRow,
  type Trained,
  type WindowRanges
} from "./trainedRows.ts"

/** One seed of a study of policies. */
export interface PolicySpecOfCell extends PolicySurfaces {
  readonly part: "policies"
  readonly study: string
  readonly seed: number
}

type TrainedPolicy = Trained<PolicySurface>

const trainedWith = (spec: PolicySpecOfCell) => {
  const rng = Rng.fromSeed(spec.seed)
  const environment = makeEnvironment(spec.environment, rng.split("environment"))
  const policy = makePolicy(spec.policy, environment, rng.split("policy"))
  if (Result.isFailure(policy)) throw policy.failure
  const trained = spec.losses.map((loss): TrainedPolicy => {
    const program = surfaceProgram(loss)
    if (Result.isFailure(program)) throw program.failure
    const surface = programSurface(program.success, { environment, policy: policy.success })
    return { loss, surface, parameters: trainOn(surface, policy.success.initial(), spec) }
  })
  return { policy: policy.success, environment, trained }
}

const sharpness = (spec: PolicySpecOfCell, { loss, surface, parameters }: TrainedPolicy): SharpnessRow =>
  sharpnessRow(
    spec,
    loss,
    { value: surface.lossAt(parameters), parameters: surface.size },
    sharpnessAt(surface, parameters, spec, Rng.fromSeed(spec.seed).split("surfaces"))
  )

/** Each of those losses between two policies that it trains from starts beside the reference. */
const ownPathRows = (spec: PolicySpecOfCell, trained: ReadonlyArray<TrainedPolicy>, start: Float64Array) => {
  if (spec.startNoise === 0) return []
  const rng = Rng.fromSeed(spec.seed).split("starts")
  const starts = ["first", "second"].map((name) => {
    const noise = rng.split(name)
    return start.map((value) => value + spec.startNoise * noise.normal())
  })
  return trained
    .filter(({ loss }) => spec.connect.includes(loss))
    .flatMap((one) => {
      const [from, to] = starts.map((at) => ({ loss: one.loss, parameters: trainOn(one.surface, at, spec) }))
      return pathRowsBetween(spec, one, [from!, to!])
    })
}

/** A table's directions by contexts, any other policy's by vectors that act together: those of one response or context. */
const normaliseFor = (policy: Policy, size: number, arms: number, dimension: number): Normalise =>
  policy.kind === "tabular"
    ? (direction) => plainNormaliseInPlace(direction, equalGroups(size, arms))
    : (direction, parameters) => filterNormaliseInPlace(direction, parameters, equalGroups(size, dimension))

/** The dimension of a linear policy's vectors; what has none is one group. */
const dimensionOf = ({ policy }: PolicySpecOfCell, size: number, own: number | undefined): number => {
  const dimension = policy.kind === "linear" ? (own ?? policy.dimension ?? 3) : size
  return size % dimension === 0 ? dimension : size
}

/** A square about the three policies, half as large again. */
const square: WindowRanges = (places) => {
  const middle = [0, 1].map((axis) => {
    const along = places.map((place) => place[axis]!)
    return [(Math.min(...along) + Math.max(...along)) / 2, (Math.max(...along) - Math.min(...along)) / 2] as const
  })
  const reach = 1.5 * Math.max(...middle.map(([, half]) => half))
  const range = (axis: number): readonly [number, number] => [
    nineDigits(middle[axis]![0] - reach),
    nineDigits(middle[axis]![0] + reach)
  ]
  return { a: range(0), b: range(1) }
}

/** @returns the rows of one seed */
export const policyRows = (spec: PolicySpecOfCell): ReadonlyArray<SurfacesRow> => {
  const { policy, environment, trained } = trainedWith(spec)
  const size = policy.initial().length
  const dimension = dimensionOf(spec, size, environment.features?.dimension)
  const normalise = normaliseFor(policy, size, environment.arms, dimension)
  // A unit is as large as the parameters, in a table a nat.
  const reach = spec.policy.kind === "tabular" ? 4 : 1
  return [
    ...trained.map((one) => sharpness(spec, one)),
    ...pathRows(spec, trained),
    ...ownPathRows(spec, trained, policy.initial()),
    ...(spec.slice > 0 ? [...randomSlices(spec, trained, normalise, reach), ...planeSlices(spec, trained, square)] : [])
  ]
}
