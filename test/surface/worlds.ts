/** Worlds and losses of the surface tests, and slow obvious derivatives. */
import * as Result from "effect/Result"
import type { EnvironmentSpec } from "../../src/bandit/environments/registry.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { linearPolicy, tabularPolicy } from "../../src/bandit/policy.ts"
import { Rng } from "../../src/random/rng.ts"
import { type LossOptions, programSurface, type SurfaceSetting, surfaceProgram } from "../../src/surface/surface.ts"

/** Arm a is best, the reference prefers c. */
export const threeArms = makeEnvironment(
  { kind: "bradley-terry", rewards: [2, 1, 0], reference: [0.2, 0.3, 0.5], beta: 1 },
  Rng.fromSeed(0)
)

export const environmentOf = (spec: EnvironmentSpec, seed = 0) => makeEnvironment(spec, Rng.fromSeed(seed))

/** Every loss that the study of landscapes draws. */
export const studied = ["dpo", "ipo", "slic", "simpo", "cpo", "orpo", "ccpo", "uncpo", "cfunl", "ce", "copg"] as const

export const programOf = (loss: string, options: LossOptions = {}) => Result.getOrThrow(surfaceProgram(loss, options))

export const tabular = (environment = threeArms): SurfaceSetting => ({
  environment,
  policy: tabularPolicy(environment)
})

export const linear = (environment = threeArms, dimension = 2, trainFeatures = true): SurfaceSetting => ({
  environment,
  policy: linearPolicy(environment, { dimension, trainFeatures }, Rng.fromSeed(5))
})

export const surfaceOf = (loss: string, setting = tabular(), options: LossOptions = {}) =>
  programSurface(programOf(loss, options), setting)

export const normals = (size: number, rng: Rng, scale = 1): Float64Array =>
  Float64Array.from({ length: size }, () => scale * rng.normal())

/** Fourth-order central difference of a function of one number. */
export const derivative = (value: (h: number) => number, step: number): number =>
  (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step)
