import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseExpression } from "../../src/logic/decompile/mathjs.ts"
import { quotientOf, readNames } from "../../src/logic/decompile/quotient.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { evaluateExact, type Polynomial } from "../../src/logic/polynomial.ts"
import { ratioLatex, structureRatio } from "../../src/logic/ratio.ts"
import { multiplyRational, one, type Rational, subtractRational } from "../../src/logic/rational.ts"
import { makeStructure, type Semantics, type Structure, withReference } from "../../src/logic/structure.ts"
import { countByEnumeration, exactWeights, nonDegenerate, sixPropositions } from "../arbitraries/logic.ts"

const read = (text: string): Polynomial => {
  const expression = Result.getOrThrow(parseExpression(text))
  return quotientOf(expression, readNames([expression], new Set())).numerator
}

const named = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

/** The text's ratio and the structure's are the same at a point when cross products agree. */
const agrees = (s: Structure, weights: Readonly<Record<string, Rational>>, semantics: Semantics): void => {
  const { numerator, denominator } = structureRatio(s, { semantics })
  const count = (set: bigint): Rational => countByEnumeration(set, s.propositions, weights, semantics)
  const [top, bottom] = [evaluateExact(read(numerator), weights), evaluateExact(read(denominator), weights)]
  expect(multiplyRational(top, count(s.crosses))).toEqual(multiplyRational(bottom, count(s.ticks)))
}

describe("the ratio of a structure as text", () => {
  it.each(["absolute", "relative"] as const)("is exact for all structures over M(w), M(l): %s", (semantics) => {
    fc.assert(
      fc.property(exactWeights(["M(w)", "M(l)"]), (weights) => {
        for (let code = 0; code < 256; code++) {
          agrees(makeStructure(["M(w)", "M(l)"], BigInt(code & 15), BigInt(code >> 4)), weights, semantics)
        }
      }),
      { numRuns: 3 }
    )
  })

  it.each([3, 4, 5, 6])("is exact for random structures over %d propositions, copies among them", (n) => {
    fc.assert(
      fc.property(nonDegenerate(n), exactWeights(sixPropositions), (s, weights) => agrees(s, weights, "absolute")),
      { numRuns: 15 }
    )
  })

  it("is exact where every odds is raised to a power, in both readings", () => {
    const propositions = ["M(w)", "M(l)", "M(y3)", "M2(w)"]
    fc.assert(
      fc.property(
        nonDegenerate(4),
        exactWeights(propositions),
        fc.constantFrom<Semantics>("absolute", "relative"),
        (s, weights, semantics) => {
          // Both weights of a proposition to the power 2: the relative count of those squares, whatever the reading.
          const squares = Object.fromEntries(
            Object.keys(weights).map((name) => {
              const policy = weights[name.replace(/^r/, "p")]!
              const weight =
                semantics === "absolute" && name.startsWith("r") ? subtractRational(one, policy) : weights[name]!
              return [name, multiplyRational(weight, weight)]
            })
          )
          const { numerator, denominator } = structureRatio({ ...s, propositions }, { semantics, oddsBeta: 2 })
          const [top, bottom] = [evaluateExact(read(numerator), weights), evaluateExact(read(denominator), weights)]
          const count = (set: bigint): Rational => countByEnumeration(set, propositions, squares, "relative")
          expect(multiplyRational(top, count(s.crosses))).toEqual(multiplyRational(bottom, count(s.ticks)))
        }
      ),
      { numRuns: 15 }
    )
    expect(structureRatio(named("unCPO"), { oddsBeta: 0.5 }).denominator).toBe("p_l^0.5*(1-p_w)^0.5")
    const copies = makeStructure(["M(w)", "M2(w)"], 0b1000n, 0b0001n)
    expect(structureRatio(copies, { oddsBeta: 3 })).toEqual({ numerator: "(p_w^3)^2", denominator: "((1-p_w)^3)^2" })
    expect(ratioLatex(named("ORPO"), { semantics: "relative", oddsBeta: 2 })).toBe(
      "\\frac{\\left(\\pi_\\theta(y_w\\mid x)\\right)^{2}\\,\\left(\\pi_{\\mathrm{ref}}(y_l\\mid x)\\right)^{2}}" +
        "{\\left(\\pi_\\theta(y_l\\mid x)\\right)^{2}\\,\\left(\\pi_{\\mathrm{ref}}(y_w\\mid x)\\right)^{2}}"
    )
  })

  it("is exact in the relative reading over models of several responses and copies", () => {
    const propositions = ["M(w)", "M(l)", "M(y3)", "M2(w)"]
    fc.assert(
      fc.property(nonDegenerate(4), exactWeights(propositions), (s, weights) => {
        agrees({ ...s, propositions }, weights, "relative")
      }),
      { numRuns: 15 }
    )
  })

  it.each<[Structure, string, string, string, string]>([
    [withReference(named("CPO")), "p_w*r_l", "p_l*r_w", "DPO", "absolute"],
    [named("unCPO"), "1-p_l*(1-p_w)", "p_l*(1-p_w)", "unCPO", "absolute"],
    [named("ORPO"), "p_w*r_l", "p_l*r_w", "ORPO's twin", "relative"],
    [named("CPO"), "p_w*(p_l + r_l)", "p_l*(p_w + r_w)", "CPO's twin", "relative"],
    [named("CEUnl"), "p_w*r_l", "p_w*p_l + r_w*(p_l + r_l)", "CEUnl's twin", "relative"],
    [makeStructure(["M(w)", "M(l)"], 0b1001n, 0b1111n), "p_w*p_l + (1-p_w)*(1-p_l)", "1", "agreement", "absolute"],
    [makeStructure(["M(w)", "M2(w)"], 0b1000n, 0b0001n), "p_w^2", "(1-p_w)^2", "copies", "absolute"],
    [makeStructure(["M(w)", "M2(w)"], 0b0110n, 0b1000n), "2*p_w*(1-p_w)", "p_w^2", "one of two copies", "absolute"],
    [makeStructure(["M(w)", "M2(w)"], 0b0110n, 0b1000n), "2*p_w*r_w", "p_w^2", "its twin", "relative"],
    [makeStructure(["M(w)", "M(l)"], 0n, 0b0100n), "0", "p_l*(1-p_w)", "a degenerate one", "absolute"]
  ])("is short: %#", (s, numerator, denominator, _name, semantics) => {
    expect(structureRatio(s, { semantics: semantics as Semantics })).toEqual({ numerator, denominator })
  })

  it("writes g and h for probabilities per token", () => {
    expect(structureRatio(withReference(named("CPO")), { lengthNormalised: true })).toEqual({
      numerator: "g_w*h_l",
      denominator: "g_l*h_w"
    })
  })

  it("has LaTeX in both readings", () => {
    expect(ratioLatex(named("CE"))).toBe("\\frac{\\pi_\\theta(y_w\\mid x)}{1 - \\pi_\\theta(y_w\\mid x)}")
    expect(ratioLatex(named("CE"), { semantics: "relative" })).toBe(
      "\\frac{\\pi_\\theta(y_w\\mid x)}{\\pi_{\\mathrm{ref}}(y_w\\mid x)}"
    )
    expect(ratioLatex(named("fUNL"), { lengthNormalised: true })).toBe(
      "\\frac{1 - \\pi_\\theta(y_l\\mid x)^{1/|y_l|}}{\\pi_\\theta(y_l\\mid x)^{1/|y_l|}}"
    )
    expect(ratioLatex(makeStructure(["M(w)", "M2(w)"], 0b1000n, 0b0001n))).toBe(
      "\\frac{\\left(\\pi_\\theta(y_w\\mid x)\\right)^{2}}{\\left(1 - \\pi_\\theta(y_w\\mid x)\\right)^{2}}"
    )
  })
})
