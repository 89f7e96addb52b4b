/** E12: policies made for their decoding, against the published claims and numbers recomputed. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkedEnvironment } from "../../../src/bandit/environment.ts"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import { policyWinRate } from "../../../src/bandit/metrics.ts"
import { bradleyTerry } from "../../../src/bandit/preferences.ts"
import {
  calibratedReward,
  decodedWinRate,
  infAlignPolicy,
  type Transform,
  transformed
} from "../../../src/bandit/solvers/infAlign.ts"
import { Rng } from "../../../src/random/rng.ts"
import { distance, randomWorld } from "../worlds.ts"

const environment = makeEnvironment({ kind: "bradley-terry", arms: 200 }, Rng.fromSeed(1))
const identity: Transform = { kind: "identity" }
const exp5: Transform = { kind: "tilt", t: 5 }

const winRates = (transform: Transform) => {
  const { policy, kl } = infAlignPolicy(environment, transform, 0.1)
  expect(kl).toBeCloseTo(0.1, 13)
  const win = (kind: "best" | "worst", draws: number) => decodedWinRate(environment, policy, { kind, draws })
  return { standard: win("best", 1), best4: win("best", 4), best32: win("best", 32), worst4: win("worst", 4) }
}

const near = (value: number) => expect.closeTo(value, 3)

describe("InfAlign on 200 arms at KL 0.1, uniform reference", () => {
  it("identity wins for plain sampling, exp(5 C) for best-of-N", () => {
    expect(winRates(identity)).toEqual({
      standard: near(0.6278),
      best4: near(0.6561),
      best32: near(0.6642),
      worst4: near(0.6808)
    })
    expect(winRates(exp5)).toEqual({
      standard: near(0.6113),
      best4: near(0.6993),
      best32: near(0.7468),
      worst4: near(0.6025)
    })
  })

  it("log C and -exp(-5 C) win for worst-of-4, in this order", () => {
    expect(winRates({ kind: "log" }).worst4).toEqual(near(0.7235))
    expect(winRates({ kind: "tilt", t: -5 }).worst4).toEqual(near(0.7339))
  })

  it("exp(10 C) has its policy at the KL asked for too", () => {
    const { standard, best32 } = winRates({ kind: "tilt", t: 10 })
    expect(best32).toBeGreaterThan(winRates(exp5).best32)
    expect(standard).toBeLessThan(winRates(exp5).standard)
  })
})

describe("calibratedReward", () => {
  it("is the win rate by reward against the reference, whatever increases with the reward", () =>
    fc.assert(
      fc.property(randomWorld, (world) => {
        const { contexts, arms, reference } = world
        // Rounded, so that rewards tie.
        const reward = world.reward.map(Math.round)
        const calibrated = calibratedReward(world, reward)
        for (let i = 0; i < contexts * arms; i++) {
          const from = Math.floor(i / arms) * arms
          let wins = 0
          for (let b = from; b < from + arms; b++) {
            wins += reference[b]! * (reward[i]! > reward[b]! ? 1 : reward[i] === reward[b] ? 0.5 : 0)
          }
          expect(calibrated[i]).toBeCloseTo(wins, 13)
        }
        expect([
          ...calibratedReward(
            world,
            reward.map((r) => Math.exp(r) - 7)
          )
        ]).toEqual([...calibrated])
      })
    ))

  it("makes the policy invariant under increasing transformations of the reward, which raw rewards do not", () => {
    const cubed = environment.reward.map((r) => r ** 3)
    const calibrated = infAlignPolicy(environment, exp5, 0.1)
    expect(distance(calibrated.policy, infAlignPolicy(environment, exp5, 0.1, cubed).policy)).toBe(0)
  })
})

describe("transformed", () => {
  it("is increasing in the calibrated reward, and refuses a tilt by nothing", () => {
    const calibrated = Float64Array.of(0.1, 0.4, 0.9)
    const transforms: ReadonlyArray<Transform> = [identity, { kind: "log" }, exp5, { kind: "tilt", t: -5 }]
    for (const transform of transforms) {
      const [a, b, c] = transformed(calibrated, transform)
      expect(a).toBeLessThan(b!)
      expect(b).toBeLessThan(c!)
    }
    expect(transformed(calibrated, { kind: "tilt", t: -5 })[1]).toBeCloseTo(-Math.exp(-2), 15)
    expect(() => transformed(calibrated, { kind: "tilt", t: 0 })).toThrow(/not 0, got 0/)
  })
})

describe("decodedWinRate", () => {
  it("with one draw is the win rate under certain preferences, for best and worst alike", () =>
    fc.assert(
      fc.property(randomWorld, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (world, kl) => {
        const certain = checkedEnvironment({ ...world, preference: bradleyTerry(world.reward, world.arms, 0) })
        const { policy } = infAlignPolicy(certain, identity, kl)
        const expected = policyWinRate(certain, policy, certain.reference)
        for (const kind of ["best", "worst"] as const) {
          expect(decodedWinRate(certain, policy, { kind, draws: 1 })).toBeCloseTo(expected, 12)
          expect(decodedWinRate(certain, certain.reference, { kind, draws: 5 })).toBeCloseTo(0.5, 13)
        }
      })
    ))
})
