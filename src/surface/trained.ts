/** @file Policies trained on a surface, and what is said of the surface where they end and between them. */
import { adam } from "../bandit/optimizer.ts"
import type { Rng } from "../random/rng.ts"
import { type BezierOptions, bezierPath, linePath, type Profile, profile, trainBezier } from "./paths.ts"
import { type Estimate, type RitzValue, spectrumEnds, traceEstimate } from "./spectrum.ts"
import type { Surface } from "./surface.ts"

/** How a policy is trained: Adam on the exact gradient of the whole population. */
export interface Training {
  readonly learningRate: number
  readonly steps: number
}

/** Parameters after training. @throws RangeError when a parameter stops being finite, naming the step */
export const trainOn = (
  { gradientInto, size }: Pick<Surface, "gradientInto" | "size">,
  start: Float64Array,
  { learningRate, steps }: Training
): Float64Array => {
  const parameters = Float64Array.from(start)
  const gradient = new Float64Array(size)
  const optimizer = adam(learningRate, size)
  for (let step = 0; step < steps; step++) {
    gradientInto(parameters, gradient)
    optimizer.stepInPlace(parameters, gradient)
    if (!parameters.every(Number.isFinite)) throw new RangeError(`a parameter is not finite after step ${step + 1}`)
  }
  return parameters
}

/** How sharp a surface is at a point. */
export interface Sharpness {
  /** Largest eigenvalues of the Hessian, falling; nats per squared parameter. */
  readonly top: ReadonlyArray<RitzValue>
  /** The smallest: negative where the point is no minimum. */
  readonly smallest: RitzValue
  /** Trace of the Hessian, by random probes. */
  readonly trace: Estimate
}

/** Numbers of {@link sharpnessAt}. */
export interface SharpnessOptions {
  readonly eigenvalues: number
  readonly probes: number
}

/** Ends of the spectrum by Lanczos, trace by Hutchinson. */
export const sharpnessAt = (
  surface: Surface,
  parameters: Float64Array,
  { eigenvalues, probes }: SharpnessOptions,
  rng: Rng
): Sharpness => {
  const apply = surface.hessianAt(parameters)
  const { largest, smallest } = spectrumEnds(apply, surface.size, { count: eigenvalues }, rng.split("lanczos"))
  return { top: largest, smallest: smallest[0]!, trace: traceEstimate(apply, surface.size, probes, rng.split("trace")) }
}

/** Kinds of path between two policies. */
export const curves = ["line", "bezier"] as const
export type Curve = (typeof curves)[number]

/** What {@link connect} needs of a surface. */
export type Connectable = Pick<Surface, "size" | "lossAt" | "gradientInto">

/** Loss along both kinds of path; the Bézier curve is trained on this surface. */
export const connect = (
  surface: Connectable,
  from: Float64Array,
  to: Float64Array,
  points: number,
  bezier: BezierOptions = {}
): Readonly<Record<Curve, Profile>> => {
  const { middle } = trainBezier(surface, from, to, bezier)
  return {
    line: profile(surface.lossAt, linePath(from, to), points),
    bezier: profile(surface.lossAt, bezierPath(from, middle, to), points)
  }
}
