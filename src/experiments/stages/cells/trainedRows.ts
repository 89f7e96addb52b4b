/** @file Records of losses where their training ended, whatever was trained: how sharp they are, paths between them, slices. */
import { Rng } from "../../../random/rng.ts"
import type { BezierOptions } from "../../../surface/paths.ts"
import {
  type Normalise,
  type Plane,
  type PlaneThrough,
  planeThrough,
  randomPlane,
  slice,
  type Window
} from "../../../surface/slices.ts"
import { type Connectable, connect, curves, type Sharpness } from "../../../surface/trained.ts"
import type { PathRow, SharpnessRow, SliceRow } from "../../figures/drawing/surfaceRows.ts"
import { classField } from "../lossFacts.ts"
import { nineDigits } from "./nineDigits.ts"

/** A loss and the parameters that training with it ended at. */
export interface Trained<S extends Connectable = Connectable> {
  readonly loss: string
  readonly surface: S
  readonly parameters: Float64Array
}

/** One seed of a study, with the settings that its rows need. */
export interface TrainedSpec {
  readonly study: string
  readonly seed: number
  /** Losses to connect with one another. */
  readonly connect: ReadonlyArray<string>
  /** Values along a path. */
  readonly pathPoints: number
  /** Values along a side of a slice; 0 for none. */
  readonly slice: number
  /** The three losses of the plane. */
  readonly plane?: ReadonlyArray<string> | undefined
}

/** @param value loss there, nats @param parameters how many there are */
export const sharpnessRow = (
  { study, seed }: { readonly study: string; readonly seed: number },
  loss: string,
  { value, parameters }: { readonly value: number; readonly parameters: number },
  { top, smallest, trace }: Sharpness
): SharpnessRow => ({
  kind: "sharpness",
  study,
  loss,
  ...classField(loss),
  seed,
  value: nineDigits(value),
  parameters,
  top: top.map((one) => nineDigits(one.value)),
  residual: nineDigits(Math.max(...top.map(({ residual }) => residual))),
  smallest: nineDigits(smallest.value),
  trace: nineDigits(trace.mean),
  traceError: nineDigits(trace.standardError)
})

/** A loss along both curves between two places. */
export const pathRowsBetween = (
  { study, seed, pathPoints }: TrainedSpec,
  { loss, surface }: Pick<Trained, "loss" | "surface">,
  [from, to]: readonly [Pick<Trained, "loss" | "parameters">, Pick<Trained, "loss" | "parameters">],
  bezier?: BezierOptions
): ReadonlyArray<PathRow> => {
  const profiles = connect(surface, from.parameters, to.parameters, pathPoints, bezier)
  return curves.map((curve) => ({
    ...{ kind: "path", study, seed, loss, from: from.loss, to: to.loss, curve },
    values: profiles[curve].losses.map(nineDigits),
    barrier: nineDigits(profiles[curve].barrier)
  }))
}

/** Both losses of every pair that is to be connected, along both curves between their ends. */
export const pathRows = (
  spec: TrainedSpec,
  trained: ReadonlyArray<Trained>,
  bezier?: BezierOptions
): ReadonlyArray<PathRow> => {
  const chosen = trained.filter(({ loss }) => spec.connect.includes(loss))
  return chosen.flatMap((from, i) =>
    chosen.slice(i + 1).flatMap((to) => [from, to].flatMap((one) => pathRowsBetween(spec, one, [from, to], bezier)))
  )
}

const sliceRow = (
  { study, seed }: TrainedSpec,
  { loss, surface }: Trained,
  plane: SliceRow["plane"],
  through: Plane,
  window: Window,
  marks: SliceRow["marks"]
): SliceRow => ({
  ...{ kind: "slice", study, seed, loss, plane, a: window.a, b: window.b, size: window.size },
  values: slice(surface.lossAt, through, window).map(nineDigits),
  marks
})

/** Around each end, the same random directions for all; @param reach half the side of the window */
export const randomSlices = (
  spec: TrainedSpec,
  trained: ReadonlyArray<Trained>,
  normalise: Normalise,
  reach: number
): ReadonlyArray<SliceRow> =>
  trained.map((one) => {
    const plane = randomPlane(one.parameters, normalise, Rng.fromSeed(spec.seed).split("slice"))
    const window: Window = { a: [-reach, reach], b: [-reach, reach], size: spec.slice }
    return sliceRow(spec, one, "random", plane, window, [{ loss: one.loss, a: 0, b: 0 }])
  })

/** Where the window of a plane lies along its two axes, from the places of the three ends on it. */
export type WindowRanges = (places: PlaneThrough["places"]) => Pick<Window, "a" | "b">

/** The plane of the three ends that `plane` names, under each of the three losses; none where one of them is missing. */
export const planeSlices = (
  spec: TrainedSpec,
  trained: ReadonlyArray<Trained>,
  rangesOf: WindowRanges
): ReadonlyArray<SliceRow> => {
  const [first, second, third] = (spec.plane ?? []).map((name) => trained.find(({ loss }) => loss === name))
  if (first === undefined || second === undefined || third === undefined) return []
  const plane = planeThrough([first.parameters, second.parameters, third.parameters])
  const three = [first, second, third]
  const marks = three.map(({ loss }, k) => {
    const [a, b] = plane.places[k]!
    return { loss, a: nineDigits(a), b: nineDigits(b) }
  })
  const window: Window = { ...rangesOf(plane.places), size: spec.slice }
  return three.map((one) => sliceRow(spec, one, "through three", plane, window, marks))
}
