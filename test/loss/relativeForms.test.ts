/** Relative structures found in published losses, each checked against the loss's own expression by numbers. */
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import "../seed.ts"
import { sameLoss } from "../../src/landscape/equality.ts"
import { decompileRatio } from "../../src/logic/decompile/index.ts"
import { rational, rationalText, rationalToNumber } from "../../src/logic/rational.ts"
import { allRows, rowsOf } from "../../src/logic/rows.ts"
import { isWeighted, makeStructure, type Structure } from "../../src/logic/structure.ts"
import { catalogue, getCatalogueEntry } from "../../src/loss/catalogue/index.ts"
import { parseKnownExpression } from "../../src/loss/expression.ts"
import { programFromExpression } from "../../src/loss/fromExpression.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { constantOf, linearForm, logisticSum, writtenNumber } from "../../src/loss/linearForm.ts"
import { conditionText, parameterGrid } from "../../src/loss/parameterGrid.ts"
import { type RelativeForm, relativeForms } from "../../src/loss/relativeForms.ts"

const forms = relativeForms()
const of = (id: string): ReadonlyArray<RelativeForm> => forms.filter((form) => form.id === id)

/** rho of a relative structure by summing rows: `Π p/r` over the true propositions, copies alike. */
const rhoByRows = (structure: Structure, input: Readonly<Record<string, number>>): number => {
  const logOdds = structure.propositions.map((p) => (p.endsWith("(w)") ? input.lw! - input.rw! : input.ll! - input.rl!))
  const sum = (set: bigint) =>
    rowsOf(set).reduce(
      (total, row) => total + Math.exp(logOdds.reduce((log, x, k) => ((row >> k) & 1 ? log + x : log), 0)),
      0
    )
  return Math.log(sum(structure.ticks)) - Math.log(sum(structure.crosses))
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
const logps = fc.record({
  lw: fc.double({ min: -9, max: -0.1, noNaN: true }),
  ll: fc.double({ min: -9, max: -0.1, noNaN: true }),
  rw: fc.double({ min: -9, max: -0.1, noNaN: true }),
  rl: fc.double({ min: -9, max: -0.1, noNaN: true })
})

/** The published expression at the given parameters. */
const published = (id: string, params: Readonly<Record<string, number>>) => {
  const entry = getCatalogueEntry(id)!
  const defaults = Object.fromEntries(Object.entries(entry.params).map(([name, spec]) => [name, spec.default]))
  return compileKernel(
    programFromExpression(parseKnownExpression(entry.loss), { ...defaults, ...params }, entry.inputs)
  )
}

describe("relative forms", () => {
  it("BCO on pairs is CE + unlikelihood's twin where beta = 1", () => {
    const merged = of("bco_pair").find(({ role }) => role === "merged")!
    expect(merged).toMatchObject({ condition: "beta == 1", link: "softplus(-z)", scale: "1", everyScale: "beta" })
    expect(merged.structure).toEqual(makeStructure(["M(w)", "M(l)"], 0b0010n, 0b1101n))
  })

  it("NCA on pairs is half the logistic loss of a structure with three copies of M(w), where beta = 1", () => {
    const merged = of("nca_pair").find(({ role }) => role === "merged")!
    expect(merged).toMatchObject({ condition: "beta == 1", link: "1/2*softplus(-z)", everyScale: "beta" })
    const { structure } = merged
    if (isWeighted(structure)) throw new Error("plain rows expected")
    expect(structure.propositions).toEqual(["M(w)", "M(l)", "M2(w)", "M3(w)"])
    expect([rowsOf(structure.ticks).length, rowsOf(structure.crosses).length]).toEqual([1, 15])
    // On the diagonal of the copies: cross-entropy + unlikelihood of M(w) and M2(w) and not M3(w) and not M(l).
    const one = 1n << 5n
    expect(sameLoss(structure, makeStructure(structure.propositions, one, allRows(4) & ~one))).toBe(true)
    const { evaluate } = published("nca_pair", { beta: 1 })
    fc.assert(
      fc.property(logps, (input) => {
        const expected = 0.5 * softplus(-rhoByRows(structure, input))
        return Math.abs(evaluate(input).loss - expected) <= 1e-9 * (1 + expected)
      })
    )
  })

  it("merged at scale 1 holds at every beta with odds to the power beta: BCO, NCA", () => {
    for (const id of ["bco_pair", "nca_pair"]) {
      const { structure } = of(id).find(({ role }) => role === "merged")!
      const factor = id === "nca_pair" ? 0.5 : 1
      for (const beta of [0.1, 0.5, 2, 7]) {
        const { evaluate } = published(id, { beta })
        fc.assert(
          fc.property(logps, (input) => {
            const powered = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, beta * value]))
            const expected = factor * softplus(-rhoByRows(structure as Structure, powered))
            return Math.abs(evaluate(input).loss - expected) <= 1e-9 * (1 + expected)
          }),
          { numRuns: 50 }
        )
      }
    }
  })

  it("whole logistic losses found at special parameters are that structure's, by numbers", () => {
    const cases = forms.filter(
      ({ role, condition, link }) => role === "whole" && condition !== "" && link === "softplus(-z)"
    )
    expect(cases.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["dpo_shift", "h_dpo", "d2o", "dpop", "cal_dpo", "ld_dpo", "tdpo2", "xpo", "rpo_seq"])
    )
    for (const { id, condition, structure, scale } of cases) {
      const [left, right] = condition.split(" == ") as [string, string]
      const entry = getCatalogueEntry(id)!
      const known = (name: string) => entry.params[name]?.default ?? rationalToNumber(written(name))
      const params = { [left]: known(right) }
      const { evaluate } = published(id, params)
      const [factor, name] = scale.includes("*") ? (scale.split("*") as [string, string]) : ["1", scale]
      const size = rationalToNumber(written(factor)) * (params[name] ?? known(name))
      const others = Object.fromEntries(entry.inputs.map((input) => [input, 1]))
      fc.assert(
        fc.property(logps, (input) => {
          const rho = rhoByRows(structure as Structure, input)
          return Math.abs(evaluate({ ...others, ...input }).loss - softplus(-size * rho)) <= 1e-9 * (1 + Math.abs(rho))
        }),
        { numRuns: 30 }
      )
    }
  })

  it("finds no relative structure in a loss without reference", () => {
    for (const { id } of forms) {
      expect(
        getCatalogueEntry(id)!.inputs.some((input) => /^r[wl]$/.test(input)),
        id
      ).toBe(true)
    }
    expect(of("cpo_core")).toEqual([])
    expect(of("orpo_seq")).toEqual([])
  })

  it("passes over no pairwise loss with one ratio in the weights: all level-exact losses with a reference are there", () => {
    const expected = catalogue
      .filter(
        ({ rho, reference }) => rho !== null && reference && !/1\s*-\s*[pg]_/.test(rho.numerator + rho.denominator)
      )
      .filter(({ inputs }) => inputs.some((input) => /^r[wl]$/.test(input)))
    for (const { id } of expected) expect(of(id).length, id).toBeGreaterThan(0)
    expect(expected.length).toBeGreaterThan(30)
  })
})

describe("two logistic terms at scale 1", () => {
  const side = (x: string, set: number): string =>
    ["r", "p"].flatMap((letter, row) => ((set >> row) & 1 ? [`${letter}_${x}`] : [])).join(" + ")

  it("multiply out to plain rows iff neither has a row on both sides, or both ratios are 1 (D = 3 N then)", () => {
    const sets = [1, 2, 3]
    for (const [a, b, c, d] of sets.flatMap((a) =>
      sets.flatMap((b) => sets.flatMap((c) => sets.map((d) => [a, b, c, d])))
    ) as ReadonlyArray<[number, number, number, number]>) {
      const numerator = `(${side("w", a)})*(${side("l", c)})`
      const sums = `(${side("w", a)} + ${side("w", b)})*(${side("l", c)} + ${side("l", d)})`
      const read = decompileRatio(
        { kind: "parts", numerator, denominator: `${sums} - ${numerator}` },
        { semantics: "relative" }
      )
      const found = Result.getOrThrow(read)
      const plain = ((a & b) === 0 && (c & d) === 0) || (a === b && c === d)
      expect(found.kind, `${numerator} / ${sums}`).toBe(plain ? "structure" : "weighted")
      if (a === b && c === d) expect(found.logFactor.value).toBeCloseTo(-Math.log(3), 14)
    }
  })
})

/** `1/2`, `2`, `0.1` as a rational. */
const written = (text: string) => {
  const [top, bottom = "1"] = text.split("/") as [string, string?]
  const [n, d] = [writtenNumber(Number(top)), writtenNumber(Number(bottom))]
  return rational(n.num * d.den, n.den * d.num)
}

describe("linear forms", () => {
  const read = (text: string, params = {}) => linearForm(parseKnownExpression(text), params)
  const shown = (text: string, params = {}) => {
    const form = read(text, params)
    return form && Object.fromEntries([...form].map(([name, value]) => [name, rationalText(value)]))
  }

  it("reads products by constants, sums and quotients exactly", () => {
    expect(shown("0.1*(lw - rw) - (ll - rl)/4 + 2")).toEqual({
      lw: "1/10",
      rw: "-1/10",
      ll: "-1/4",
      rl: "1/4",
      "": "2"
    })
    expect(shown("beta*lw - beta*lw", { beta: rational(3) })).toEqual({})
    expect(shown("lam*max(0, rw - lw) + lw", { lam: rational(0) })).toEqual({ lw: "1" })
  })

  it("says undefined for what is not linear", () => {
    for (const text of ["lw*rw", "lw/nw", "exp(lw)", "max(0, lw)", "1/0"]) expect(read(text), text).toBeUndefined()
  })

  it("tells constants apart", () => {
    expect(constantOf(read("1 - 1")!)).toEqual(rational(0))
    expect(constantOf(read("1/3")!)).toEqual(rational(1, 3))
    expect(constantOf(read("lw")!)).toBeUndefined()
    expect(writtenNumber(1e-5)).toEqual(rational(1, 100000))
  })

  it("reads sums of logistic terms, and nothing else", () => {
    const terms = (text: string) =>
      logisticSum(parseKnownExpression(text), {})?.map(({ weight, argument }) => [
        rationalText(weight),
        [...argument].map(([name, value]) => `${rationalText(value)} ${name}`).join(" + ")
      ])
    expect(terms("-logsigmoid(lw - rw) - 0.5*logsigmoid(rw - lw)")).toEqual([
      ["1", "-1 lw + 1 rw"],
      ["1/2", "-1 rw + 1 lw"]
    ])
    expect(terms("softplus(lw)/2")).toEqual([["1/2", "1 lw"]])
    expect(terms("0*exp(lw)")).toEqual([])
    for (const text of ["softplus(lw) + 1", "softplus(lw)*softplus(ll)", "exp(lw)", "lw", "softplus(exp(lw))"])
      expect(terms(text), text).toBeUndefined()
  })
})

describe("conditions on parameters", () => {
  const grid = parameterGrid({ beta: { default: 0.1, above: 0 }, alpha: { default: 1, atLeast: 0 } })
  const where = (holds: (point: Readonly<Record<string, string>>) => boolean) =>
    conditionText(
      grid,
      grid.map((point) => holds(Object.fromEntries(Object.entries(point).map(([k, v]) => [k, rationalText(v)]))))
    )

  it("tries the default and the special values that the range allows", () => {
    expect(grid.map(({ beta, alpha }) => `${rationalText(beta!)},${rationalText(alpha!)}`)).toHaveLength(16)
    expect(grid[0]).toEqual({ beta: rational(1, 10), alpha: rational(1) })
  })

  it("finds the shortest condition", () => {
    expect(where(() => true)).toBe("")
    expect(where(({ beta }) => beta === "1")).toBe("beta == 1")
    expect(where(({ beta, alpha }) => beta === alpha)).toBe("beta == alpha")
    expect(where(({ beta, alpha }) => beta === "1" && alpha === "0")).toBe("beta == 1 and alpha == 0")
    expect(where(({ beta }) => beta === "1" || beta === "2")).toContain(" or ")
  })
})
