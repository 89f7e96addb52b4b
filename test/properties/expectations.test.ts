/** The registry run over the losses of docs/experiments.md: every verdict is the expected one. */
import { describe, expect, it } from "vitest"
import { properties } from "../../src/properties/registry.ts"
import { lossOf, verdictsOf } from "../arbitraries/properties.ts"
import { type Expected, expectations, fourArms } from "./expectations.ts"

const allowed: Readonly<Record<Expected, ReadonlyArray<string>>> = {
  P: ["proved"],
  H: ["proved", "held"],
  F: ["refuted"],
  N: ["not-applicable"]
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

it("expectations name existing properties only", () => {
  const ids = new Set(properties.map(({ id }) => id))
  for (const expected of Object.values(expectations)) {
    for (const id of Object.keys(expected)) expect(ids.has(id), id).toBe(true)
  }
})
