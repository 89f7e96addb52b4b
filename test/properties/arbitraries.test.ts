/** Laws of the cases of every property: seeded, valid, JSON, and simpler with every step of shrinking. */
import { describe, expect, it } from "vitest"
import type { PairCase } from "../../src/properties/pairCase.ts"
import { pairCaseShape, pairCases } from "../../src/properties/pairCase.ts"
import { properties } from "../../src/properties/registry.ts"
import { simplerCases } from "../../src/properties/shrink.ts"
import { subjectOf } from "../../src/properties/subject.ts"
import { total } from "../../src/properties/weights.ts"
import { expectCaseLaws, lossOf, propertyOf } from "../arbitraries/properties.ts"

const specs = ["uncpo", "dpo", "copg", "bco", "xpo", "ipo", "tdpo1", "modpo"]

describe.each(properties.filter(({ check }) => check !== undefined).map(({ id }) => id))("cases of %s", (id) => {
  it("obey the laws for every kind of loss it applies to", () => {
    const property = propertyOf(id)
    const subjects = specs
      .map((spec) => subjectOf(lossOf(spec)))
      .filter((subject) => property.appliesTo(subject) === true)
    expect(subjects.length).toBeGreaterThan(0)
    subjects.forEach((subject, seed) => {
      expectCaseLaws(property.check!.arbitrary(subject), seed + 1)
    })
  })
})

describe("pair cases", () => {
  it("are bandits with positive probabilities, and a reference exactly when the loss reads one", () => {
    const dpo = pairCaseShape(subjectOf(lossOf("dpo")))
    const uncpo = pairCaseShape(subjectOf(lossOf("uncpo")))
    expect(dpo.isCase({ policy: [1, 2], reference: [1, 1] })).toBe(true)
    expect(uncpo.isCase({ policy: [1, 2] })).toBe(true)
    for (const wrong of [
      { policy: [1, 2] },
      { policy: [1, 2], reference: [1] },
      { policy: [1, 0], reference: [1, 1] },
      null,
      3
    ]) {
      expect(dpo.isCase(wrong)).toBe(false)
    }
    expect(uncpo.isCase({ policy: [1, 2], reference: [1, 1] })).toBe(false)
    expect(uncpo.isCase({ policy: [1] })).toBe(false)
  })

  it("shrink to the simplest failing case among all small ones", () => {
    const subject = subjectOf(lossOf("uncpo"))
    const { predicate } = propertyOf("P9").check!
    const fails = (value: PairCase): boolean => {
      const outcome = predicate(subject, value)
      return "holds" in outcome && !outcome.holds
    }
    const { shape } = pairCases(subject)
    const descend = (value: PairCase): PairCase => {
      for (const simpler of simplerCases(shape, value)) if (fails(simpler)) return descend(simpler)
      return value
    }
    const start: PairCase = { policy: [310, 44, 7000, 513, 88, 2] }
    expect(fails(start)).toBe(true)
    const found = descend(start)
    // Brute force: no failing policy of two arms, and none of three with a smaller sum.
    const failing: Array<ReadonlyArray<number>> = []
    for (let a = 1; a <= 12; a++) {
      for (let b = 1; b <= 12; b++) {
        if (fails({ policy: [a, b] })) failing.push([a, b])
        for (let c = 1; c <= 12; c++) if (fails({ policy: [a, b, c] })) failing.push([a, b, c])
      }
    }
    expect(failing.some(({ length }) => length === 2)).toBe(false)
    expect(total(found.policy)).toBe(Math.min(...failing.map(total)))
    expect(found.policy).toHaveLength(3)
  })
})
