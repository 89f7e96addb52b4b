/** Displacement regions: against steps on logits, and against the exact verdicts on the sixteen in both readings. */
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decideProperty } from "../../src/landscape/exactProperties.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { structureSpec } from "../../src/logic/structureText.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { displacementShares, rests, stepMoves } from "../../src/maps/displacement.ts"
import { defaultSettings } from "../../src/maps/mapped.ts"
import { drawPairs } from "../../src/maps/measure.ts"
import "../seed.ts"

const columns = drawPairs({ ...defaultSettings, points: 4096 })

describe("the step on a tabular softmax", () => {
  it("moves both log-probabilities as a small step on the logits does", () => {
    const weight = fc.double({ min: -2, max: 2, noNaN: true })
    const mass = fc.double({ min: 0.05, max: 1, noNaN: true })
    fc.assert(
      fc.property(weight, weight, mass, mass, mass, (dlw, dll, x, y, z) => {
        const arms = [x, y, z].map((part) => part / (x + y + z)) as [number, number, number]
        const rate = 1e-6
        const logits = arms.map(
          (p, arm) => Math.log(p) + rate * (-dlw * ((arm === 0 ? 1 : 0) - p) - dll * ((arm === 1 ? 1 : 0) - p))
        )
        const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))
        const moved = (arm: 0 | 1) => (logits[arm]! - total - Math.log(arms[arm])) / rate
        const { chosen, rejected } = stepMoves({ dlw, dll }, arms[0], arms[1], "one-arm")!
        expect(chosen).toBeCloseTo(moved(0), 3)
        expect(rejected).toBeCloseTo(moved(1), 3)
      })
    )
  })

  it("is nothing off the policies", () => {
    expect(stepMoves({ dlw: -1, dll: 1 }, 0.6, 0.4, "one-arm")).toBeUndefined()
  })
})

describe.each(["absolute", "relative"] as const)("regions of the sixteen, %s", (semantics) => {
  it.each(NAMED.map(({ name, structure }) => ({ name, structure })))(
    "$name: empty where it is proved safe",
    (named) => {
      const loss = Result.getOrThrow(resolveLoss(`${structureSpec(named.structure)}?semantics=${semantics}`))
      const shares = displacementShares(compileKernel(loss.program), columns)
      const anywhere = (side: "lowersChosen" | "raisesRejected") => rests.some((rest) => shares[rest][side] > 0)
      for (const [property, side] of [
        ["chosen-safe", "lowersChosen"],
        ["rejected-safe", "raisesRejected"]
      ] as const) {
        const { verdict } = decideProperty(named.structure, semantics, property)
        expect(["proved", "refuted"]).toContain(verdict)
        expect(anywhere(side), `${property} ${verdict}`).toBe(verdict === "refuted")
      }
    }
  )
})
