/** Shared by the bandit tests: families by LOSS, and small random environments. */
import * as Result from "effect/Result"
import fc from "fast-check"
import type { Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import type { FamilyOptions } from "../../src/bandit/families.ts"
import { familyIn } from "../../src/bandit/methods/registry.ts"
import type { Family } from "../../src/bandit/objective.ts"
import { Rng } from "../../src/random/rng.ts"

/** The family a LOSS names; a refusal fails the test with its reason. */
export const familyOf = (
  loss: string,
  environment: Environment,
  options: Omit<FamilyOptions, "world"> = {}
): Family => {
  const family = familyIn(loss, environment, options)
  if (Result.isFailure(family)) throw new Error(family.failure.message)
  return family.success
}

/** Bradley–Terry worlds of 2 to 6 arms and 1 to 3 contexts with a random reference. */
export const randomWorld: fc.Arbitrary<Environment> = fc
  .record({ arms: fc.integer({ min: 2, max: 6 }), contexts: fc.integer({ min: 1, max: 3 }), seed: fc.nat() })
  .map(({ arms, contexts, seed }) =>
    makeEnvironment({ kind: "bradley-terry", arms, contexts, reference: "normal" }, Rng.fromSeed(seed))
  )

/** The largest difference of two tables. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) throw new RangeError(`distance: ${a.length} entries against ${b.length}`)
  let top = 0
  for (let i = 0; i < a.length; i++) top = Math.max(top, Math.abs(a[i]! - b[i]!))
  return top
}
