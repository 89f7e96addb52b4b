import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { properties } from "../../src/properties/registry.ts"
import { subjectOf } from "../../src/properties/subject.ts"
import { replayCase, validateLoss } from "../../src/properties/validate.ts"
import { verdicts } from "../../src/properties/verdict.ts"
import { lossOf, propertyOf, resultOf, verdictsOf } from "../arbitraries/properties.ts"

describe("validating a loss", () => {
  it("answers for every property, as JSON that survives a trip through text", () => {
    const validation = verdictsOf(lossOf("uncpo"))
    expect(JSON.parse(JSON.stringify(validation))).toEqual(validation)
    expect(validation.loss).toBe("uncpo")
    expect(validation.results.map(({ id }) => id)).toEqual(properties.filter((p) => !p.onRequest).map(({ id }) => id))
    for (const result of validation.results) {
      expect(verdicts).toContain(result.verdict)
      if (result.verdict === "held") expect(result.runs).toBeGreaterThan(0)
      if (result.verdict === "proved") expect(result.certificate).toMatch(/\S/)
      if (result.verdict === "not-applicable") expect(result.reason).toMatch(/\S/)
    }
  })

  it("gives the same bytes for the same seed, whatever was asked before", () => {
    const alone = JSON.stringify(resultOf(lossOf("ce_odds"), "P10", 7))
    verdictsOf(lossOf("dpo"), undefined, 3)
    const among = verdictsOf(lossOf("ce_odds"), undefined, 7).results.find(({ id }) => id === "P10")
    expect(JSON.stringify(among)).toBe(alone)
  })

  it("names a property as it was asked for, and by its id", () => {
    const { results } = verdictsOf(lossOf("dpo"), ["chosen-safe", "p9", "P9"])
    expect(results.map(({ property, id }) => [property, id])).toEqual([
      ["chosen-safe", "P9"],
      ["P9", "P9"],
      ["P9", "P9"]
    ])
  })

  it("refuses an unknown property", () => {
    const asked = validateLoss(lossOf("dpo"), { properties: ["P9", "safe"] })
    expect(Result.isFailure(asked) && asked.failure.name).toBe("safe")
  })

  it("counts the runs it was asked for, fewer where a case is an optimisation", () => {
    expect(resultOf(lossOf("dpo"), "P16", 1, 37).runs).toBe(37)
    expect(resultOf(lossOf("dpo"), "P18", 1, 1000).runs).toBe(propertyOf("P18").check!.mostRuns)
  })

  it.each([0, -1, 1.5, Number.NaN])("refuses %s runs", (runs) => {
    expect(() => validateLoss(lossOf("dpo"), { runs })).toThrow(/runs/)
  })

  it("refuses a loss that one bandit pair cannot feed, with the reason", () => {
    const { results } = verdictsOf(lossOf("tpo"), ["P9", "P18"])
    for (const { verdict, reason } of results) {
      expect(verdict).toBe("not-applicable")
      expect(reason).toContain("lg")
    }
  })

  it("prints a counterexample as a small bandit", () => {
    const { counterexample, shrinks, certificate } = resultOf(lossOf("uncpo"), "P9")
    expect(shrinks).toBeGreaterThan(0)
    expect(certificate).toMatch(/p_w/)
    expect(counterexample!.arms).toEqual([
      { arm: "w", role: "chosen", policy: "1/7", "log-probability step": expect.stringMatching(/^-/) },
      { arm: "l", role: "rejected", policy: "1/7", "log-probability step": expect.stringMatching(/^-/) },
      { arm: "u", role: "unseen", policy: "5/7", "log-probability step": expect.stringMatching(/^\+/) }
    ])
    expect(counterexample!.text.split("\n")[0]).toMatch(/arm +role +policy/)
    expect(counterexample!.explanation).toContain("1/7")
  })

  it("reports a path that leads back to the same case", () => {
    const loss = lossOf("uncpo")
    const { counterexample } = resultOf(loss, "P9", 11)
    const { check } = propertyOf("P9")
    const subject = subjectOf(loss)
    const again = fc.check(
      fc.property(check!.arbitrary(subject), (value) => {
        const outcome = check!.predicate(subject, value)
        fc.pre("holds" in outcome)
        return "holds" in outcome && outcome.holds
      }),
      { seed: 11, path: counterexample!.path!, endOnFailure: true }
    )
    expect(again.counterexample).toEqual([counterexample!.case])
  })
})

describe("a stored counterexample", () => {
  it("fails again after a trip through JSON", () => {
    for (const [spec, name] of [
      ["uncpo", "P9"],
      ["ipo", "P4"],
      ["dpo", "P22"],
      ["ipo", "P18"],
      ["dro", "P24"]
    ] as const) {
      const loss = lossOf(spec)
      const { counterexample } = resultOf(loss, name)
      const stored: unknown = JSON.parse(JSON.stringify(counterexample!.case))
      expect(replayCase(loss, propertyOf(name), stored), `${spec} ${name}`).toMatchObject({ holds: false })
    }
  })

  it("is no case of another loss or property", () => {
    expect(replayCase(lossOf("dpo"), propertyOf("P9"), { policy: [1, 1, 5] })).toBeUndefined()
    expect(replayCase(lossOf("uncpo"), propertyOf("P9"), { policy: [1, 1, 0] })).toBeUndefined()
    expect(replayCase(lossOf("uncpo"), propertyOf("P1"), { policy: [1, 1, 5] })).toBeUndefined()
    expect(replayCase(lossOf("uncpo"), propertyOf("P16"), { policy: [1, 1, 5] })).toBeUndefined()
  })
})
