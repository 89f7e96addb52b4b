/** @file Policies of one seed, each trained with one loss: how sharp the losses are at their ends, slices, and paths between them. */
import * as Result from "effect/Result"
import { makeEnvironment } from "../../../bandit/environments/registry.ts"
import type { Policy } from "../../../bandit/policy.ts"
import { makePolicy } from "../../../bandit/policySpec.ts"
import { Rng } from "../../../random/rng.ts"
import {
  equalGroups,
  filterNormaliseInPlace,
  type Normalise,
  plainNormaliseInPlace,
  planeThrough,
  randomPlane,
  slice,
  type Window
} from "../../../surface/slices.ts"
import { type PolicySurface, programSurface, surfaceProgram } from "../../../surface/surface.ts"
import { connect, curves, sharpnessAt, trainOn } from "../../../surface/trained.ts"
import type { PathRow, SharpnessRow, SliceRow, SurfacesRow } from "../../figures/drawing/surfaceRows.ts"
import type { PolicySurfaces } from "../../surfacesStudy.ts"
import { nineDigits } from "./nineDigits.ts"
import { sharpnessRow } from "./sharpnessRow.ts"

/** One seed of a study of policies. */
export interface PolicySpecOfCell extends PolicySurfaces {
  readonly part: "policies"
  readonly study: string
  readonly seed: number
}

/** A policy where the training with its loss ended. */
interface Trained {
  readonly loss: string
  readonly surface: PolicySurface
  readonly parameters: Float64Array
}

const trainedWith = (spec: PolicySpecOfCell) => {
  const rng = Rng.fromSeed(spec.seed)
  const environment = makeEnvironment(spec.environment, rng.split("environment"))
  const policy = makePolicy(spec.policy, environment, rng.split("policy"))
  if (Result.isFailure(policy)) throw policy.failure
  const trained = spec.losses.map((loss): Trained => {
    const program = surfaceProgram(loss)
    if (Result.isFailure(program)) throw program.failure
    const surface = programSurface(program.success, { environment, policy: policy.success })
    return { loss, surface, parameters: trainOn(surface, policy.success.initial(), spec) }
  })
  return { policy: policy.success, environment, trained }
}

const sharpness = (spec: PolicySpecOfCell, { loss, surface, parameters }: Trained): SharpnessRow =>
  sharpnessRow(
    spec,
    loss,
    { value: surface.lossAt(parameters), parameters: surface.size },
    sharpnessAt(surface, parameters, spec, Rng.fromSeed(spec.seed).split("surfaces"))
  )

const pathRowsOf = (
  { study, seed, pathPoints }: PolicySpecOfCell,
  { loss, surface }: Pick<Trained, "loss" | "surface">,
  from: Pick<Trained, "loss" | "parameters">,
  to: Pick<Trained, "loss" | "parameters">
): ReadonlyArray<PathRow> => {
  const profiles = connect(surface, from.parameters, to.parameters, pathPoints)
  return curves.map((curve) => ({
    ...{ kind: "path", study, seed, loss, from: from.loss, to: to.loss, curve },
    values: profiles[curve].losses.map(nineDigits),
    barrier: nineDigits(profiles[curve].barrier)
  }))
}

/** Both losses of every pair that is to be connected, along both paths between the two policies. */
const pathRows = (spec: PolicySpecOfCell, trained: ReadonlyArray<Trained>): ReadonlyArray<PathRow> => {
  const chosen = trained.filter(({ loss }) => spec.connect.includes(loss))
  return chosen.flatMap((from, i) =>
    chosen.slice(i + 1).flatMap((to) => [from, to].flatMap((one) => pathRowsOf(spec, one, from, to)))
  )
}

/** Each of those losses between two policies that it trains from starts beside the reference. */
const ownPathRows = (spec: PolicySpecOfCell, trained: ReadonlyArray<Trained>, start: Float64Array) => {
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
      return pathRowsOf(spec, one, from!, to!)
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

const square = (size: number, reach: number): Window => ({ a: [-reach, reach], b: [-reach, reach], size })

const sliceRow = (
  { study, seed }: PolicySpecOfCell,
  { loss, surface }: Trained,
  plane: SliceRow["plane"],
  through: Parameters<typeof slice>[1],
  window: Window,
  marks: SliceRow["marks"]
): SliceRow => ({
  ...{ kind: "slice", study, seed, loss, plane, a: window.a, b: window.b, size: window.size },
  values: slice(surface.lossAt, through, window).map(nineDigits),
  marks
})

/** Around each policy, the same random directions for all; a unit is as large as the parameters (or a nat, in a table). */
const randomSlices = (spec: PolicySpecOfCell, trained: ReadonlyArray<Trained>, normalise: Normalise) => {
  const reach = spec.policy.kind === "tabular" ? 4 : 1
  return trained.map((one) => {
    const plane = randomPlane(one.parameters, normalise, Rng.fromSeed(spec.seed).split("slice"))
    return sliceRow(spec, one, "random", plane, square(spec.slice, reach), [{ loss: one.loss, a: 0, b: 0 }])
  })
}

/** The plane of the three policies that `plane` names, under each of the three losses. */
const planeSlices = (spec: PolicySpecOfCell, trained: ReadonlyArray<Trained>): ReadonlyArray<SliceRow> => {
  const three = (spec.plane ?? []).map((loss) => trained.find((one) => one.loss === loss)!)
  if (three.length !== 3) return []
  const [first, second, third] = three.map(({ parameters }) => parameters) as [Float64Array, Float64Array, Float64Array]
  const plane = planeThrough([first, second, third])
  const marks = three.map(({ loss }, k) => ({
    loss,
    a: nineDigits(plane.places[k]![0]),
    b: nineDigits(plane.places[k]![1])
  }))
  const middle = [0, 1].map((axis) => {
    const along = plane.places.map((place) => place[axis]!)
    return [(Math.min(...along) + Math.max(...along)) / 2, (Math.max(...along) - Math.min(...along)) / 2] as const
  })
  const reach = 1.5 * Math.max(...middle.map(([, half]) => half))
  const range = (axis: number): readonly [number, number] => [
    nineDigits(middle[axis]![0] - reach),
    nineDigits(middle[axis]![0] + reach)
  ]
  const window: Window = { a: range(0), b: range(1), size: spec.slice }
  return three.map((one) => sliceRow(spec, one, "through three", plane, window, marks))
}

/** @returns the rows of one seed */
export const policyRows = (spec: PolicySpecOfCell): ReadonlyArray<SurfacesRow> => {
  const { policy, environment, trained } = trainedWith(spec)
  const size = policy.initial().length
  const dimension = dimensionOf(spec, size, environment.features?.dimension)
  const normalise = normaliseFor(policy, size, environment.arms, dimension)
  return [
    ...trained.map((one) => sharpness(spec, one)),
    ...pathRows(spec, trained),
    ...ownPathRows(spec, trained, policy.initial()),
    ...(spec.slice > 0 ? [...randomSlices(spec, trained, normalise), ...planeSlices(spec, trained)] : [])
  ]
}
