/** @file Points of a simplex: regular grids, uniform draws, draws near a reference. Policies as logs, log Σ exp = 0. */
import type { Rng } from "../random/rng.ts"
import { normalised } from "./flow.ts"

/**
 * Centres of the upright triangles of a triangle divided `divisions` times a side, (d + 1) d / 2 of them: a regular grid of
 * three-armed policies with all arms inside, rows from arm 0 down. log π of each.
 * @throws RangeError unless divisions is an integer of at least 1
 */
export const triangleGrid = (divisions: number): ReadonlyArray<Float64Array> => {
  if (!(Number.isInteger(divisions) && divisions >= 1)) throw new RangeError(`triangleGrid: divisions ${divisions}`)
  const points: Array<Float64Array> = []
  for (let a = divisions - 1; a >= 0; a--) {
    for (let b = divisions - 1 - a; b >= 0; b--) {
      const c = divisions - 1 - a - b
      points.push(Float64Array.of(a + 1 / 3, b + 1 / 3, c + 1 / 3).map((x) => Math.log(x / divisions)))
    }
  }
  return points
}

/** Which policies a mean over the simplex is taken over. */
export const measures = ["uniform", "near-reference"] as const
export type Measure = (typeof measures)[number]

/** Spread of the measure `near-reference`: every logit is the reference's plus N(0, 0.5²). */
export const nearness = 0.5

/** Policies of a measure, log π. `uniform` is Dirichlet(1, …, 1): uniform on the simplex. @param reference π_ref, [arms] */
export const drawPolicies = (
  measure: Measure,
  reference: Float64Array,
  count: number,
  rng: Rng
): ReadonlyArray<Float64Array> =>
  Array.from({ length: count }, () =>
    normalised(
      measure === "uniform"
        ? // The logarithm of a standard exponential.
          reference.map(() => Math.log(-Math.log1p(-rng.uniform())))
        : reference.map((p) => Math.log(p) + nearness * rng.normal())
    )
  )
