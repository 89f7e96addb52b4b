/** The numbers of a LOSS text as fields, and the axes of charts. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { domainOf, ticksOf, tickText } from "../../src/explorer/charts/ticks.ts"
import { parametersOf, withParameter } from "../../src/explorer/parts/lossParameters.ts"
import { catalogue } from "../../src/loss/catalogue/index.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { parseLossSpec } from "../../src/loss/spec.ts"

describe("parameters of a loss", () => {
  it("are those of its catalogue entry, as the text has them or by default", () => {
    for (const { id, params } of catalogue) {
      const found = new Map(parametersOf(id).map(({ name, value }) => [name, Number(value)]))
      for (const [name, spec] of Object.entries(params)) expect(found.get(name)).toBe(spec.default)
    }
    expect(parametersOf("dpo?beta=0.3").map(({ value }) => value)).toEqual(["0.3"])
    expect(parametersOf("rows:TF/FT").map(({ name }) => name)).toEqual(["beta", "margin"])
    expect([parametersOf("no-such-loss"), parametersOf("dpo?beta="), parametersOf("expr:lw-ll")]).toEqual([[], [], []])
  })

  it.each([
    ["dpo", "beta", "2", "dpo?beta=2"],
    ["dpo?beta=0.5", "beta", " 2 ", "dpo?beta=2"],
    ["dpo?beta=0.5", "beta", "", "dpo"],
    ["simpo?beta=2&gamma=1", "gamma", "3", "simpo?beta=2&gamma=3"],
    ["ratio:p_w/p_l?link=hinge", "beta", "2", "ratio:p_w/p_l?link=hinge&beta=2"],
    ["", "beta", "2", ""]
  ])("%s with %s = %s is %s", (text, name, value, expected) => {
    expect(withParameter(text, name, value)).toBe(expected)
  })

  it("set in any order are what the text then says, and the loss stays the same one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...catalogue),
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        ({ id, params }, value) => {
          const names = Object.keys(params)
          const text = names.reduce((loss, name) => withParameter(loss, name, String(value)), id)
          const parsed = Result.getOrThrow(parseLossSpec(text))
          expect(parsed.body).toBe(id)
          expect([...parsed.settings]).toEqual(names.map((name) => [name, String(value)]))
          expect(names.reduce((loss, name) => withParameter(loss, name, ""), text)).toBe(id)
          expect(Result.isSuccess(resolveLoss(id))).toBe(true)
        }
      )
    )
  })
})

describe("axes", () => {
  const numbers = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 })

  it("hold every value, and their ticks are few, even and round", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const domain = domainOf(values)
        expect(domain.low).toBeLessThan(domain.high)
        for (const value of values) expect(value >= domain.low && value <= domain.high).toBe(true)
        const ticks = ticksOf(domain)
        expect(ticks.length).toBeGreaterThanOrEqual(1)
        expect(ticks.length).toBeLessThanOrEqual(7)
        const slack = 1e-6 * (domain.high - domain.low)
        expect(ticks.every((tick) => tick >= domain.low - slack && tick <= domain.high + slack)).toBe(true)
      })
    )
    expect(ticksOf({ low: 0, high: 600 })).toEqual([0, 200, 400, 600])
    expect(domainOf([])).toEqual({ low: 0, high: 1 })
    expect(domainOf([Number.NaN, Number.POSITIVE_INFINITY, 2])).toEqual({ low: 1, high: 3 })
  })

  it("say numbers shortly, with a minus", () => {
    expect([0, 0.1 + 0.2, -1.5, 123456, 1e-7, 1e9].map(tickText)).toEqual([
      "0",
      "0.3",
      "−1.5",
      "1.23456e5",
      "1e−7",
      "1e9"
    ])
  })
})
