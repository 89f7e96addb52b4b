import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { logProbVelocities } from "../../src/properties/step.ts"
import { probabilities } from "../../src/properties/weights.ts"
import { weightsOf } from "../arbitraries/properties.ts"

const policies = fc.integer({ min: 2, max: 7 }).chain(weightsOf)
const derivative = fc.double({ min: -3, max: 3, noNaN: true })

const softmaxLog = (logits: ReadonlyArray<number>): Array<number> => {
  const top = Math.max(...logits)
  const sum = logits.reduce((total, z) => total + Math.exp(z - top), 0)
  return logits.map((z) => z - top - Math.log(sum))
}

describe("one gradient step on a tabular softmax", () => {
  it("moves log-probabilities as a tiny step of gradient descent does", () =>
    fc.assert(
      fc.property(policies, derivative, derivative, (weights, dlw, dll) => {
        const policy = probabilities(weights)
        const logits = policy.map(Math.log)
        // Slow oracle: differentiate a loss that is linear in the two log-probabilities by the logits, step, compare.
        const loss = (z: ReadonlyArray<number>): number => {
          const [lw, ll] = softmaxLog(z)
          return dlw * lw! + dll * ll!
        }
        const h = 1e-5
        const gradient = logits.map((_, k) => {
          const moved = (sign: number) => logits.map((z, i) => (i === k ? z + sign * h : z))
          return (loss(moved(1)) - loss(moved(-1))) / (2 * h)
        })
        const step = 1e-5
        const before = softmaxLog(logits)
        const after = softmaxLog(logits.map((z, k) => z - step * gradient[k]!))
        logProbVelocities(policy, dlw, dll).forEach((velocity, k) => {
          expect((after[k]! - before[k]!) / step).toBeCloseTo(velocity, 3)
        })
      }),
      { numRuns: 50 }
    ))

  it("is the published formula for the chosen and the rejected answer", () =>
    fc.assert(
      fc.property(policies, derivative, derivative, (weights, dlw, dll) => {
        const policy = probabilities(weights)
        const [pw, pl] = policy as [number, number]
        const squares = policy.reduce((sum, p) => sum + p * p, 0)
        const [vw, vl] = logProbVelocities(policy, dlw, dll)
        expect(vw).toBeCloseTo(-(dlw * (1 - 2 * pw + squares) + dll * (squares - pw - pl)), 12)
        expect(vl).toBeCloseTo(-(dll * (1 - 2 * pl + squares) + dlw * (squares - pw - pl)), 12)
      })
    ))

  it("keeps the probabilities normalised", () =>
    fc.assert(
      fc.property(policies, derivative, derivative, (weights, dlw, dll) => {
        const policy = probabilities(weights)
        const velocities = logProbVelocities(policy, dlw, dll)
        expect(policy.reduce((sum, p, k) => sum + p * velocities[k]!, 0)).toBeCloseTo(0, 12)
      })
    ))
})
