/** What the README shows of `losslattice/bandit`. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import {
  environmentOf,
  exactPairs,
  nashEquilibrium,
  populationMinimiser,
  resolveFamily
} from "../../src/bandit/index.ts"
import { rationalText } from "../../src/logic/rational.ts"
import { Rng } from "../../src/random/rng.ts"

describe("losslattice/bandit", () => {
  it("solves the game and certifies the minimum of the README", () => {
    const { exact, unique } = nashEquilibrium(Float64Array.of(0.5, 0.9, 0.2, 0.1, 0.5, 0.8, 0.8, 0.2, 0.5), 3)
    expect([exact!.map(rationalText), unique]).toEqual([["3/10", "3/10", "2/5"], true])
    const world = Result.getOrThrow(environmentOf({ kind: "bradley-terry", rewards: [1, 0.2, -0.5] }, Rng.fromSeed(0)))
    const orpo = Result.getOrThrow(resolveFamily("orpo_seq", world))
    const { certified } = populationMinimiser(world, orpo, exactPairs(world), { certify: true })
    expect(certified!.minimum).toBe(true)
    expect(certified!.radius).toBeLessThan(1e-12)
  })
})
