import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type Decompiled,
  DecompileError,
  type DecompileOptions,
  decompileRatio,
  type RatioSource
} from "../../../src/logic/decompile/index.ts"
import { latticeNameOf, NAMED } from "../../../src/logic/lattice.ts"
import { evaluateExact, fromRows, isZero, type Polynomial, polynomialText } from "../../../src/logic/polynomial.ts"
import { ratioName } from "../../../src/logic/proposition.ts"
import { structureRatio } from "../../../src/logic/ratio.ts"
import {
  addRational,
  divideRational,
  logRational,
  multiplyRational,
  type Rational,
  rational,
  rationalText,
  rationalToNumber,
  zero
} from "../../../src/logic/rational.ts"
import { parseRowName, rowName } from "../../../src/logic/rows.ts"
import {
  equalStructures,
  extendTo,
  isDegenerate,
  makeStructure,
  type Semantics,
  type Structure,
  withReference
} from "../../../src/logic/structure.ts"
import { structureSpec } from "../../../src/logic/structureText.ts"
import {
  countByEnumeration,
  exactWeights,
  nonDegenerate,
  sixPropositions,
  smallPolynomial
} from "../../arbitraries/logic.ts"

const run = (ratio: string | RatioSource, options?: DecompileOptions): Result.Result<Decompiled, DecompileError> =>
  decompileRatio(typeof ratio === "string" ? { kind: "text", text: ratio } : ratio, options)

const success = (ratio: string | RatioSource, options?: DecompileOptions): Decompiled =>
  Result.getOrThrow(run(ratio, options))

const structureOf = (ratio: string | RatioSource, options?: DecompileOptions): Structure => {
  const found = success(ratio, options)
  if (found.kind !== "structure") throw new Error("weighted, not a structure")
  return found.structure
}

const refusal = (ratio: string, options?: DecompileOptions): DecompileError => {
  const result = run(ratio, options)
  if (Result.isSuccess(result)) throw new Error(`${ratio} was decompiled`)
  return result.failure
}

const parts = (s: Structure, semantics: Semantics = "absolute"): RatioSource => ({
  kind: "parts",
  ...structureRatio(s, { semantics })
})
const dpo = withReference(NAMED.find((entry) => entry.name === "CPO")!.structure)

/** Weight of a side at a point: rows by definition, times their weights. */
const sideValue = (
  rows: bigint | ReadonlyMap<number, Rational>,
  propositions: ReadonlyArray<string>,
  weights: Readonly<Record<string, Rational>>,
  semantics: Semantics
): Rational => {
  if (typeof rows === "bigint") return countByEnumeration(rows, propositions, weights, semantics)
  let sum = zero
  for (const [row, weight] of rows) {
    sum = addRational(
      sum,
      multiplyRational(weight, countByEnumeration(1n << BigInt(row), propositions, weights, semantics))
    )
  }
  return sum
}

/** rho as the result claims it at a point, for a logFactor that is a number. */
const claimedRho = (found: Decompiled, weights: Readonly<Record<string, Rational>>): number => {
  const sides = found.kind === "structure" ? found.structure : found.weighted
  const [top, bottom] = [sides.ticks, sides.crosses].map((rows) =>
    sideValue(rows, sides.propositions, weights, found.semantics)
  )
  return logRational(divideRational(top!, bottom!)) + found.logFactor.value!
}

describe("round trips (P2)", () => {
  it("every structure over M(w), M(l) comes back from its ratio", () => {
    for (let code = 0; code < 256; code++) {
      const s = makeStructure(["M(w)", "M(l)"], BigInt(code & 15), BigInt(code >> 4))
      if (isDegenerate(s)) continue
      const found = success(parts(s), { semantics: "absolute" })
      expect(found.kind === "structure" && equalStructures(found.structure, s)).toBe(true)
      expect([found.semantics, found.lengthNormalised, found.logFactor.text]).toEqual(["absolute", false, "0"])
    }
  })

  it("every structure over M(w), M(l) comes back from its relative ratio", () => {
    for (let code = 0; code < 256; code++) {
      const s = makeStructure(["M(w)", "M(l)"], BigInt(code & 15), BigInt(code >> 4))
      if (!isDegenerate(s))
        expect(structureSpec(structureOf(parts(s, "relative"), { semantics: "relative" }))).toBe(structureSpec(s))
    }
  })

  it.each([3, 4, 5])("random structures over %d propositions come back from their expanded counts", (n) => {
    const propositions = sixPropositions.slice(0, n)
    fc.assert(
      fc.property(nonDegenerate(n), (s) => {
        const [numerator, denominator] = [s.ticks, s.crosses].map((set) => polynomialText(fromRows(set, propositions)))
        const found = structureOf({ kind: "parts", numerator: numerator!, denominator: denominator! })
        const all = [...new Set([...found.propositions, ...propositions])]
        expect(equalStructures(extendTo(found, all), extendTo(s, all))).toBe(true)
      }),
      { numRuns: 25 }
    )
  })
})

describe("meaning", () => {
  const side = smallPolynomial(["p_w", "p_l", "r_l"]).filter((f) => !isZero(f))
  const propositions = ["M(w)", "M(l)", "Ref(w)", "Ref(l)"]

  it("whatever is answered has the ratio's value at every weighting", () => {
    let answered = 0
    fc.assert(
      fc.property(side, side, exactWeights(propositions), (top, bottom, weights) => {
        const result = run({ kind: "parts", numerator: polynomialText(top), denominator: polynomialText(bottom) })
        if (Result.isFailure(result)) return
        answered++
        const value = (f: Polynomial): Rational => evaluateExact(f, weights)
        expect(claimedRho(result.success, weights)).toBeCloseTo(
          logRational(divideRational(value(top), value(bottom))),
          9
        )
      }),
      { numRuns: 300 }
    )
    expect(answered).toBeGreaterThan(20)
  })

  it("a product of counts, times a common factor, keeps its value", () => {
    fc.assert(
      fc.property(nonDegenerate(2), nonDegenerate(2), side, exactWeights(propositions), (a, b, common, weights) => {
        const text = (set: bigint): string => polynomialText(fromRows(set, ["M(w)", "M(l)"]))
        const factor = polynomialText(common)
        const ratio = `(${factor})*(${text(a.ticks)})*(${text(b.ticks)})/((${text(a.crosses)})*(${text(b.crosses)})*(${factor}))`
        const found = success(ratio, { semantics: "absolute" })
        const count = (set: bigint): Rational => countByEnumeration(set, ["M(w)", "M(l)"], weights)
        const expected = divideRational(
          multiplyRational(count(a.ticks), count(b.ticks)),
          multiplyRational(count(a.crosses), count(b.crosses))
        )
        expect(claimedRho(found, weights)).toBeCloseTo(logRational(expected), 9)
        expect(found.kind).toBe("structure")
      }),
      { numRuns: 60 }
    )
  })

  it("a refused row has the weight that the message names, at its vertex", () => {
    let refused = 0
    const linear = smallPolynomial(["p_w", "p_l"]).filter(
      (f) => !isZero(f) && [...f.terms.values()].every((t) => t.powers.every(([, e]) => e === 1))
    )
    fc.assert(
      fc.property(linear, (top) => {
        const result = run(polynomialText(top), { semantics: "absolute" })
        const vertices = [0, 1, 2, 3].map((row) =>
          evaluateExact(top, { p_w: rational(row & 1), p_l: rational(row >> 1) })
        )
        const negative = vertices.some((value) => value.num < 0n)
        expect(Result.isFailure(result)).toBe(negative)
        if (!Result.isFailure(result)) return
        refused++
        expect(result.failure.value).toBe(rationalText(vertices[parseRowName(result.failure.row!)!]!))
        expect(result.failure.value!.startsWith("-")).toBe(true)
      })
    )
    expect(refused).toBeGreaterThan(10)
  })
})

describe("known ratios", () => {
  it.each<[string, string]>([
    ["p_w*(1-p_l)/(p_l*(1-p_w))", "ORPO"],
    ["(p_w/(1-p_w))/(p_l/(1-p_l))", "ORPO"],
    ["p_w/p_l", "CPO"],
    ["(p_l*p_w + (1-p_l))/(p_l*(1-p_w))", "unCPO"],
    ["(p_w - p_w*p_l)/(p_l - p_w*p_l)", "ORPO"],
    ["p_w*p_w*(1-p_l)/(p_w*p_l*(1-p_w))", "ORPO"],
    ["(p_w-p_l)*p_w/((p_w-p_l)*p_l)", "CPO"],
    ["-p_w/-p_l", "CPO"],
    ["(-p_w)*(p_l-p_w)/(p_l*(p_w-p_l))", "CPO"]
  ])("%s is %s", (ratio, name) => {
    expect(latticeNameOf(structureOf(ratio))).toBe(name)
  })

  it("needs no disjoint terms: p + q - pq is or", () => {
    expect(structureSpec(structureOf("(p_w + p_l - p_w*p_l)/(1 - p_w)"))).toBe("rows:TF,FT,TT/FF,FT")
  })

  it("keeps a ratio as written when that has a structure: common factors stay", () => {
    expect(structureSpec(structureOf("p_w*p_l/p_l"))).toBe("rows:TT/FT,TT")
    expect(structureSpec(structureOf("(1-p_l)/((1-p_w)*(1-p_l))"))).toBe("rows:FF,TF/FF")
  })

  it("DPO is exact over four propositions, and ORPO's table in the relative reading", () => {
    expect(equalStructures(structureOf("p_w*r_l/(p_l*r_w)"), dpo)).toBe(true)
    const relative = success("p_w*r_l/(p_l*r_w)", { semantics: "relative" })
    expect(relative.semantics).toBe("relative")
    expect(relative.kind === "structure" && latticeNameOf(relative.structure)).toBe("ORPO")
  })

  it("constants are margins", () => {
    expect(success("2*p_w/(3*p_l)").logFactor).toMatchObject({ text: "-log(3/2)", value: -Math.log(1.5) })
    expect(success("p_w/(2*p_l)").logFactor.text).toBe("-log(2)")
    expect(success("p_w/p_l/4").logFactor.value).toBeCloseTo(-Math.log(4), 14)
    expect(success("0.1*p_w/p_l").logFactor.value).toBeCloseTo(Math.log(0.1), 14)
    expect(latticeNameOf(structureOf("2*p_w/(3*p_l)"))).toBe("CPO")
  })

  it.each([
    ["exp(gamma/beta)*p_w/p_l", "gamma/beta"],
    ["p_w/(p_l*exp(gamma/beta))", "-(gamma/beta)"],
    ["p_w*exp(-gamma)/p_l", "-gamma"],
    ["p_w/(p_l*(s_w - s_l)^(alpha/beta))", "-(alpha/beta*log(s_w - s_l))"],
    ["gamma*p_w/(alpha*p_l)", "log(gamma) - log(alpha)"],
    ["exp(a)*p_w*exp(b)/(exp(a)*p_l)", "b"],
    ["sqrt(gamma)*p_w/p_l", "1/2*log(gamma)"],
    ["(gamma*p_w)^2/(p_l*p_w)", "2*log(gamma)"],
    ["exp(gamma)*2*p_w/p_l", "gamma + log(2)"],
    ["(1 + gamma)*p_w/p_l", "log(1 + gamma)"]
  ])("policy-free factors are margins: %s leaves %s", (ratio, text) => {
    const found = success(ratio, { extras: ["gamma", "beta", "alpha", "s_w", "s_l", "a", "b"] })
    expect(found.logFactor.text).toBe(text)
    expect(found.logFactor.value).toBeUndefined()
    expect(found.kind === "structure" && latticeNameOf(found.structure)).toBe("CPO")
  })

  it("policy-free numbers have values", () => {
    expect(success("sqrt(2)*p_w/p_l").logFactor.value).toBeCloseTo(Math.log(2) / 2, 15)
    expect(success("exp(0.5)*p_w/p_l").logFactor).toMatchObject({ text: "0.5", value: 0.5 })
    expect(success("max(2, 3)*p_w/p_l").logFactor.value).toBeCloseTo(Math.log(3), 15)
    expect(success("2^0.5*p_w/p_l").logFactor.value).toBeCloseTo(Math.log(2) / 2, 15)
    expect(success("1e300*p_w/(1e-300*p_l)").logFactor.value).toBeCloseTo(600 * Math.LN10, 9)
  })

  it("a ratio without a policy is a structure too", () => {
    expect(structureSpec(structureOf("3/2"))).toBe("rows:FF,TF,FT,TT/FF,TF,FT,TT")
    expect(success("3/2").logFactor.value).toBeCloseTo(Math.log(1.5), 15)
  })

  it("per-token probabilities are noted and read the same way", () => {
    const found = success("g_w*h_l/(g_l*h_w)")
    expect(found.lengthNormalised).toBe(true)
    expect(found.kind === "structure" && equalStructures(found.structure, dpo)).toBe(true)
  })

  it("further responses come after the pair and the references, by first occurrence", () => {
    expect(structureOf("p_y3*r_g*p_w/p_l").propositions).toEqual(["M(w)", "M(l)", "M(y3)", "Ref(g)"])
    expect(structureOf("p_g*p_w*r_l/(p_y3*p_l)").propositions).toEqual([
      "M(w)",
      "M(l)",
      "Ref(w)",
      "Ref(l)",
      "M(g)",
      "M(y3)"
    ])
  })
})

describe("powers become copies", () => {
  it("DPOP's active part at lambda = 1 has six propositions", () => {
    const s = structureOf("p_w^2*r_l/(p_l*r_w^2)")
    expect(s.propositions).toEqual(["M(w)", "M(l)", "Ref(w)", "Ref(l)", "M2(w)", "Ref2(w)"])
    const every = (set: bigint, letters: ReadonlyArray<number>): boolean =>
      Array.from({ length: 64 }, (_, row) => row).every(
        (row) => (((set >> BigInt(row)) & 1n) === 1n) === letters.every((k) => rowName(row, 6)[k] === "T")
      )
    expect([every(s.ticks, [0, 4, 3]), every(s.crosses, [1, 2, 5])]).toEqual([true, true])
  })

  it("in the relative reading it has three", () => {
    const s = structureOf("p_w^2*r_l/(p_l*r_w^2)", { semantics: "relative" })
    expect(structureSpec(s)).toBe("rows:0b00100000/0b00000100@M(w),M(l),M2(w)")
  })

  it("takes as many rows as the coefficient says, smallest index first", () => {
    // p (1 - p): one of the two rows with one copy true; 2 p (1 - p): both, exclusive or.
    expect(structureSpec(structureOf("p_w*(1-p_w)"))).toBe("rows:0b00001010/0b11111111@M(w),M(l),M2(w)")
    expect(structureSpec(structureOf("2*p_w*(1-p_w)"))).toBe("rows:0b01011010/0b11111111@M(w),M(l),M2(w)")
  })

  it("finds more copies than the degree where only they fit: 1 - 3p(1-p) over three", () => {
    const s = structureOf("1-3*p_w*(1-p_w)")
    expect(s.propositions).toEqual(["M(w)", "M(l)", "M2(w)", "M3(w)"])
    const p = rational(2, 7)
    expect(countByEnumeration(s.ticks, s.propositions, { p_w: p, p_l: p })).toEqual(rational(19, 49))
  })

  it("finds them in the relative reading too: p^2 - pr + r^2 is p^3 + r^3 over p + r", () => {
    const s = structureOf("(p_w^2 - p_w*r_w + r_w^2)/(p_w^2 + r_w^2 + 2*p_w*r_w)", { semantics: "relative" })
    expect(structureSpec(s)).toBe("rows:0b1010000000000101/0b1111111111111111@M(w),M(l),M2(w),M3(w)")
  })

  it("refuses what needs more than six propositions, never approximating", () => {
    expect(refusal("p_w^51*r_l/(p_l*r_w^51)").reason).toContain("too many copies")
    expect(refusal("p_w^4*r_l/(p_l*r_w)").reason).toBe(
      "it needs 7 propositions, 3 of them further copies for its powers: more than the 6 that are handled"
    )
    expect(refusal("p_a*p_b*p_c*p_d*p_e").reason).toContain("it needs 7 propositions")
    expect(success("p_w^20/p_w^19").kind).toBe("structure")
  })
})

describe("the relative reading", () => {
  it.each([
    ["p_w*(p_l + r_l)/(p_l*(p_w + r_w))", "CPO"],
    ["p_w*r_l/(p_w*p_l + r_w*p_l + r_w*r_l)", "CEUnl"]
  ])("%s has no absolute structure and is taken relatively: %s", (ratio, name) => {
    const found = success(ratio)
    expect(found.semantics).toBe("relative")
    expect(found.kind === "structure" && latticeNameOf(found.structure)).toBe(name)
    expect(success(ratio, { semantics: "absolute" }).kind).toBe("weighted")
  })

  it.each([
    ["r_l/p_l", "fUNL"],
    ["p_w/r_w", "CE"]
  ])("%s is taken relatively on demand, free pairs multiplied by p + r: %s", (ratio, name) => {
    expect(latticeNameOf(structureOf(ratio, { semantics: "relative" }))).toBe(name)
    expect(success(ratio).semantics).toBe("absolute")
  })

  it.each([
    ["p_w/p_l", "the numerator has degree 1 in p_w and r_w together, the denominator 0"],
    ["(1-p_w)/r_w", "the numerator is not homogeneous in p_w and r_w"],
    ["p_w*r_l/(p_l + r_w*p_l)", "the denominator is not homogeneous in p_w and r_w"]
  ])("%s has no relative structure: %s", (ratio, reason) => {
    expect(refusal(ratio, { semantics: "relative" }).reason).toBe(`it has no relative structure: ${reason}`)
  })
})

describe("weighted structures", () => {
  it("carry the row weights as written", () => {
    const found = success("(p_w + 2*p_l)/p_l")
    if (found.kind !== "weighted") throw new Error("expected weights")
    const shown = [...found.weighted.ticks].map(([row, weight]) => `${rowName(row, 2)} ${rationalText(weight)}`)
    expect(shown).toEqual(["TF 1", "FT 2", "TT 3"])
    expect([...found.weighted.crosses].map(([row, weight]) => [row, rationalToNumber(weight)])).toEqual([
      [2, 1],
      [3, 1]
    ])
  })

  it("share a coefficient among the rows of its copies", () => {
    const found = success("(p_w^2 + 3*(1-p_w)^2)/p_l")
    if (found.kind !== "weighted") throw new Error("expected weights")
    expect(found.weighted.propositions.map(ratioName)).toEqual(["p_w", "p_l", "p_w"])
    expect(found.weighted.ticks.get(0)).toEqual(rational(3))
    expect(found.weighted.ticks.get(5)).toEqual(rational(1))
    expect(found.weighted.ticks.has(1)).toBe(false)
  })
})

describe("refusals", () => {
  it("a negative row is named with its value", () => {
    expect(refusal("p_w-p_l/2")).toMatchObject({
      _tag: "DecompileError",
      expression: "p_w-p_l/2",
      row: "FT",
      value: "-1/2"
    })
    expect(refusal("p_w-p_l").message).toBe(
      'ratio "p_w-p_l": row FT of M(w), M(l) weighs -1 in the numerator, and no semantic loss has a negative row weight'
    )
    expect(refusal("p_w/(1-2*p_l)")).toMatchObject({ row: "FT", value: "-1" })
    expect(refusal("(p_w-p_l)*p_l/(p_l*p_w)")).toMatchObject({ row: "FT", value: "-1" })
  })

  it.each<[string, RegExp, DecompileOptions?]>([
    ["max(p_w, r_w)/p_l", /"max\(p_w, r_w\)" is not a polynomial/],
    ["abs(p_w - p_l)", /"abs\(p_w - p_l\)" is not a polynomial/],
    ["exp(p_w)/p_l", /"exp\(p_w\)" is not a polynomial/],
    ["p_w < p_l ? p_w : p_l", /is piecewise/],
    ["p_w^(1/nw)/p_l", /the exponent "1\/nw" of "p_w" is not an integer/, { extras: ["nw"] }],
    ["p_w^p_l", /the exponent "p_l" of "p_w" depends on the policy/],
    ["p_w^0.5/p_l", /the exponent "0.5" of "p_w" is not an integer/],
    ["g_w/p_l", /mixes p_l with the per-token g_w/],
    ["q_w/p_l", /the name q_w is not known; allowed are p_x, r_x/],
    ["gamma*p_w/p_l", /the name gamma is not known; .* and nw$/, { extras: ["nw"] }],
    ["p_w(1-p_l)/p_l", /calls p_w as a function; write p_w\*/],
    ["foo(2)*p_w", /the function foo is not known; allowed are exp, log/],
    ["exp(g)*p_w + p_l", /weigh differently by policy-free factors/, { extras: ["g"] }],
    ["0/p_w", /numerator is zero/],
    ["p_w/0", /divides by zero/],
    ["p_w/(p_l-p_l)", /divides by zero/],
    ["(p_w-p_w)^-1", /divides by zero/],
    ["log(0.5)*p_w", /not a positive number/],
    ["p_w*(", /at position 6 found the end/]
  ])("%s: %s", (ratio, reason, options) => {
    const error = refusal(ratio, options)
    expect(error).toBeInstanceOf(DecompileError)
    expect(error.reason).toMatch(reason)
    expect(error.message).toBe(`ratio "${ratio}": ${error.reason}`)
  })

  it("a part that cannot be read is named", () => {
    const result = run({ kind: "parts", numerator: "p_w", denominator: "p_l*" })
    expect(Result.isFailure(result) && result.failure.reason).toContain('at position 5 of "p_l*" found the end')
  })

  it.each([
    "(p_w+p_l+r_w+r_l+p_a+p_b+p_c)^30/p_l",
    "((p_w+2*p_l)^20+r_w*(p_w-p_l)^19)/((p_w+3*p_l)^20+r_l*(p_w+p_l)^18)",
    "(p_w*1e300)^32*(p_l*1e300)^32/(0-p_w)",
    Array.from({ length: 400 }, (_, i) => `(p_w+${i % 7}*p_l)^9`).join("+"),
    Array.from({ length: 300 }, (_, i) => `p_y${i}`).join("+"),
    "((((p_w^32)^32)^32)^32)"
  ])("refuses what is too large, soon: %#", (ratio) => {
    expect(refusal(ratio).reason).toMatch(/too many|more than|beyond|exactly/)
  })

  it("never throws on any text", () => {
    const text = fc.oneof(
      fc.string({
        unit: fc.constantFrom("p_w", "p_l", "r_w", "+", "-", "*", "/", "^", "(", ")", "1", "2", " ", "g_l", "exp", ","),
        maxLength: 14
      }),
      fc.string()
    )
    fc.assert(
      fc.property(text, (ratio) => {
        const result = run(ratio)
        if (Result.isFailure(result)) expect(result.failure._tag).toBe("DecompileError")
      }),
      { numRuns: 500 }
    )
  })
})
