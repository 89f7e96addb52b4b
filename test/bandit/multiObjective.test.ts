/** Labels by one of two judges, and margins with errors. */
import { describe, expect, it } from "vitest"
import { checkedEnvironment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { Rng } from "../../src/random/rng.ts"
import { distance } from "./worlds.ts"

const world = (change: object) => makeEnvironment({ kind: "multi-objective", arms: 5, ...change }, Rng.fromSeed(2))

describe("multi-objective", () => {
  it("mixes its judges in the gold reward's shares", () => {
    const [mixture, first, second] = [world({ labels: "mixture", weight: 0.3 }), world({}), world({ labels: "second" })]
    for (const [a, b] of [
      [0, 1],
      [3, 2]
    ] as const) {
      const p = (environment: typeof first) => environment.preference.probability(0, a, b)
      expect(p(mixture)).toBeCloseTo(0.3 * p(first) + 0.7 * p(second), 12)
      expect(p(mixture) + mixture.preference.probability(0, b, a)).toBeCloseTo(1, 12)
    }
  })

  it("estimates the second objective with an error of the size asked for, and the rest stays", () => {
    const [exact, noisy] = [world({ arms: 400 }), world({ arms: 400, marginNoise: 0.5 })]
    expect(exact.rewards!.margin).toEqual(exact.rewards!.second)
    expect(noisy.rewards!.second).toEqual(exact.rewards!.second)
    const errors = noisy.rewards!.margin!.map((value, i) => value - noisy.rewards!.second![i]!)
    const size = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)
    expect(Math.abs(size - 0.5)).toBeLessThan(0.1)
    expect(distance(noisy.reward, exact.reward)).toBe(0)
    // An estimate is no third objective.
    expect(noisy.objectives).toEqual(["first", "second"])
    expect(() => checkedEnvironment({ ...noisy, objectives: ["first", "third"] })).toThrow(/objective third/)
  })
})
