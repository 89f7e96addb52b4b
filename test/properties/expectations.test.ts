/** The registry run over the losses of docs/experiments.md: every verdict is the expected one. */
import { describe, expect, it } from "vitest"
import { NAMED } from "../../src/logic/lattice.ts"
import { properties } from "../../src/properties/registry.ts"
import { lossOf, resultOf, verdictsOf } from "../arbitraries/properties.ts"
import { type Expected, expectations, fourArms, onRequest } from "./expectations.ts"

const allowed: Readonly<Record<Expected, ReadonlyArray<string>>> = {
  P: ["proved"],
  H: ["proved", "held"],
  F: ["refuted"],
  N: ["not-applicable"],
  U: ["undecided"]
}

describe.each(Object.entries(expectations))("%s", (spec, expected) => {
  const { results } = verdictsOf(lossOf(spec))
  const byId = new Map(results.map((result) => [result.id, result]))

  it("has the expected verdicts", () => {
    const wrong = Object.entries(expected).flatMap(([id, code]) => {
      const result = byId.get(id)
      return result !== undefined && allowed[code].includes(result.verdict)
        ? []
        : [
            `${id}: expected ${code}, got ${result?.verdict} ${result?.reason ?? ""} ${result?.counterexample?.text ?? ""}`
          ]
    })
    expect(wrong).toEqual([])
  })

  it("is decided about round trips, decompilation and signs", () => {
    if (lossOf(spec).structure === undefined) return
    for (const id of ["P1", "P2", "P6", "P8", "P9", "P10", "strictly-monotone"]) {
      expect(["proved", "refuted", "not-applicable"], id).toContain(byId.get(id)!.verdict)
    }
  })

  it("shows every refuted property on a small bandit", () => {
    for (const { id, verdict, counterexample } of results) {
      if (verdict !== "refuted") continue
      expect(counterexample, id).toBeDefined()
      expect(counterexample!.arms.length, id).toBeLessThanOrEqual(fourArms[spec]?.includes(id) ? 4 : 3)
      expect(counterexample!.explanation.length, id).toBeGreaterThan(20)
    }
  })
})

it.each(Object.entries(onRequest))("%s has the expected verdicts where many data sets are needed", (spec, expected) => {
  for (const [id, code] of Object.entries(expected)) {
    const { verdict, reason } = resultOf(lossOf(spec), id)
    expect(allowed[code], reason).toContain(verdict)
    expect(reason).toMatch(/data sets of at most \d+.*error rate 0.01/)
  }
})

it("every numbered property is expected of every loss of the document's acceptance", () => {
  const asked = properties.filter(({ id, onRequest: rare }) => /^P\d+$/.test(id) && rare !== true).map(({ id }) => id)
  for (const spec of [...NAMED.map(({ id }) => id), "dpo", "ipo", "hinge", "simpo", "copg"]) {
    expect(
      asked.filter((id) => expectations[spec]![id] === undefined),
      spec
    ).toEqual([])
  }
})

it("expectations name existing properties only", () => {
  const ids = new Set(properties.map(({ id }) => id))
  for (const expected of Object.values(expectations)) {
    for (const id of Object.keys(expected)) expect(ids.has(id), id).toBe(true)
  }
})
