/**
 * The transfer of the landscape to the relative reading (docs/theory.md §11), claim by claim: all 225 non-degenerate structures
 * over two propositions and a sample over three, against an oracle that knows rows, p and r, and nothing of odds.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import "../seed.ts"
import { lossClasses, structureOf } from "../../src/landscape/classes.ts"
import { dominancePairs } from "../../src/landscape/counts.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { sameLoss } from "../../src/landscape/equality.ts"
import { decideProperty, type ExactPropertyName } from "../../src/landscape/exactProperties.ts"
import { commonCounts, difference } from "../../src/landscape/odds.ts"
import { evaluate } from "../../src/landscape/oddsPolynomial.ts"
import { entails } from "../../src/logic/order.ts"
import {
  addRational,
  compareRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  subtractRational,
  zero
} from "../../src/logic/rational.ts"
import { makeStructure, pairPropositions, type Structure, swapStructure } from "../../src/logic/structure.ts"
import { countByEnumeration, nonDegenerate, rationalProbability } from "../arbitraries/logic.ts"

const all: ReadonlyArray<Structure> = Array.from({ length: 225 }, (_, k) =>
  makeStructure(pairPropositions, BigInt(1 + (k % 15)), BigInt(1 + Math.floor(k / 15)))
)

type Weights = Readonly<Record<string, Rational>>

/** exp(rho) by summing rows. */
const ratioOf = ({ propositions, ticks, crosses }: Structure, weights: Weights, semantics: "absolute" | "relative") =>
  divideRational(
    countByEnumeration(ticks, propositions, weights, semantics),
    countByEnumeration(crosses, propositions, weights, semantics)
  )

/** A policy and a reference on their simplexes: p_w + p_l < 1, r_w + r_l < 1. */
const policies: fc.Arbitrary<Weights> = fc
  .tuple(...Array.from({ length: 6 }, () => fc.integer({ min: 1, max: 60 })))
  .map(([a, b, c, d, e, f]) => ({
    p_w: rational(a!, a! + b! + c!),
    p_l: rational(b!, a! + b! + c!),
    r_w: rational(d!, d! + e! + f!),
    r_l: rational(e!, d! + e! + f!)
  }))

const someOf = fc.constantFrom(...all)
const pairOf = fc.tuple(someOf, someOf)

/** Each relative weighting is an absolute one: the probabilities `p/(p + r)` have the odds `p/r`. */
const asAbsolute = (weights: Weights): Weights =>
  Object.fromEntries(
    Object.entries(weights).flatMap(([name, p]) =>
      name.startsWith("p_") ? [[name, divideRational(p, addRational(p, weights[name.replace("p_", "r_")]!))]] : []
    )
  )

/** Odds 1, 2, 3 in either probability: a polynomial of degree 2 in each odds is zero iff it is zero on these nine points. */
const threeByThree: ReadonlyArray<Weights> = [1, 2, 3].flatMap((w) =>
  [1, 2, 3].map((l) => ({
    p_w: rational(w, 20),
    r_w: rational(1, 20),
    p_l: rational(l, 20),
    r_l: rational(1, 20)
  }))
)

const same = (a: Rational, b: Rational): boolean => compareRational(a, b) === 0

describe("the relative landscape", () => {
  it("is the absolute one at p/(p + r)", () => {
    fc.assert(
      fc.property(fc.oneof(someOf, nonDegenerate(2)), policies, (structure, weights) =>
        same(ratioOf(structure, weights, "relative"), ratioOf(structure, asAbsolute(weights), "absolute"))
      )
    )
  })

  it("reaches every odds by a real policy and a real reference", () => {
    fc.assert(
      fc.property(rationalProbability, rationalProbability, (x, y) => {
        // Absolute odds of the cube; p = o/10^k and r = 1/10^k are on both simplexes for large k.
        const odds = [x, y].map((p) => divideRational(p, subtractRational(one, p)))
        const r = divideRational(one, addRational(rational(3), addRational(odds[0]!, odds[1]!)))
        const [p_w, p_l] = odds.map((o) => multiplyRational(o, r)) as [Rational, Rational]
        const back = asAbsolute({ p_w, p_l, r_w: r, r_l: r })
        return (
          compareRational(addRational(p_w, p_l), one) < 0 &&
          compareRational(addRational(r, r), one) < 0 &&
          same(back.p_w!, x) &&
          same(back.p_l!, y)
        )
      })
    )
  })

  it("has the same 187 distinct losses, grouped by rows, p and r alone", () => {
    // Cross-multiplied ratios are of degree 2 in each odds: nine points decide equality exactly.
    const keys = all.map((structure) =>
      threeByThree
        .map((weights) => ratioOf(structure, weights, "relative"))
        .map(({ num, den }) => `${num}/${den}`)
        .join()
    )
    const classes = lossClasses(pairPropositions)
    expect(new Set(keys).size).toBe(classes.length)
    const keyOf = new Map(all.map((structure, k) => [`${structure.ticks}/${structure.crosses}`, keys[k]]))
    for (const { members } of classes) {
      expect(new Set(members.map(({ ticks, crosses }) => keyOf.get(`${ticks}/${crosses}`))).size).toBe(1)
    }
  })

  it("has the same entailment, sound for every policy and reference", () => {
    fc.assert(
      fc.property(pairOf, policies, ([a, b], weights) => {
        fc.pre(entails(a, b))
        return compareRational(ratioOf(a, weights, "relative"), ratioOf(b, weights, "relative")) <= 0
      })
    )
  })

  it("has the same dominance verdicts, with witnesses that are policies and references", () => {
    fc.assert(
      fc.property(pairOf, fc.array(policies, { minLength: 10, maxLength: 10 }), ([a, b], points) => {
        const found = dominance(a, b, "relative")
        expect(found.verdict).toBe(dominance(a, b, "absolute").verdict)
        for (const weights of points) {
          const sign = compareRational(ratioOf(a, weights, "relative"), ratioOf(b, weights, "relative"))
          if (found.verdict === "A<=B" || found.verdict === "equal") expect(sign).toBeLessThanOrEqual(0)
          if (found.verdict === "B<=A" || found.verdict === "equal") expect(sign).toBeGreaterThanOrEqual(0)
        }
        for (const { point, rhoA, rhoB } of found.witnesses) {
          expect(point.p_w! + point.p_l!).toBeLessThan(1)
          expect(point.r_w! + point.r_l!).toBeLessThan(1)
          const weights = Object.fromEntries(
            Object.entries(found.witnesses.find((witness) => witness.point === point)!.exact).map(([name, text]) => {
              const [num, den = "1"] = text.split("/")
              return [name, rational(BigInt(num!), BigInt(den))]
            })
          )
          const sign = compareRational(ratioOf(a, weights, "relative"), ratioOf(b, weights, "relative"))
          expect(sign).toBe(Math.sign(rhoA - rhoB))
        }
      })
    )
  })

  it("orders 5,364 pairs, none open, as many as the absolute reading", () => {
    expect(dominancePairs(lossClasses(pairPropositions))).toEqual({ dominance: 5364, undecided: 0 })
  })

  it("has the same swap", () => {
    for (const structure of all) {
      const verdict = decideProperty(structure, "relative", "swap-antisymmetric").verdict
      expect(verdict).toBe(decideProperty(structure, "absolute", "swap-antisymmetric").verdict)
      // rho(l, w) = -rho(w, l) iff the swapped structure has the inverse ratio, at the nine points.
      const swapped = swapStructure(structure)!
      const holds = threeByThree.every((weights) =>
        same(multiplyRational(ratioOf(structure, weights, "relative"), ratioOf(swapped, weights, "relative")), one)
      )
      expect(verdict).toBe(holds ? "proved" : "refuted")
    }
  })

  it("has the same signs of single derivatives", () => {
    const step = rational(1, 1000)
    fc.assert(
      fc.property(someOf, policies, (structure, weights) => {
        const verdict = decideProperty(structure, "relative", "preference-monotone").verdict
        expect(verdict).toBe(decideProperty(structure, "absolute", "preference-monotone").verdict)
        if (verdict !== "proved") return
        const before = ratioOf(structure, weights, "relative")
        const at = (name: string, factor: Rational) => ({
          ...weights,
          [name]: multiplyRational(weights[name]!, addRational(one, factor))
        })
        expect(compareRational(ratioOf(structure, at("p_w", step), "relative"), before)).toBeGreaterThanOrEqual(0)
        expect(compareRational(ratioOf(structure, at("p_l", step), "relative"), before)).toBeLessThanOrEqual(0)
      })
    )
  })

  it("refutes monotonicity at policies where rho goes the wrong way", () => {
    const wrong = all.filter((a) => decideProperty(a, "relative", "preference-monotone").verdict === "refuted")
    expect(wrong.length).toBe(225 - all.filter((a) => isMonotoneOnGrid(a)).length)
  })

  it("keeps equality, order and swap for three propositions", () => {
    fc.assert(
      fc.property(nonDegenerateThree, nonDegenerateThree, threeWeights, (a, b, weights) => {
        const [x, y] = [ratioOf(a, weights, "relative"), ratioOf(b, weights, "relative")]
        expect(same(x, ratioOf(a, asAbsolute(weights), "absolute"))).toBe(true)
        // The polynomial that decides all of §7 and §8 has the sign of rho_b - rho_a at the odds p/r.
        const [first, second] = commonCounts(a, b)
        const point = first.variables.map((name) => divideRational(weights[name]!, weights[name.replace("p_", "r_")]!))
        const sign = compareRational(evaluate(difference(first, second), point), zero)
        expect(sign).toBe(compareRational(y, x))
        if (sameLoss(a, b)) expect(same(x, y)).toBe(true)
        if (entails(a, b)) expect(compareRational(x, y)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 200 }
    )
  })
})

const threePropositions = ["M(w)", "M(l)", "M(y3)"]
const nonDegenerateThree = fc
  .tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 255 }))
  .map(([ticks, crosses]) => structureOf(threePropositions, { ticks, crosses }))
const threeWeights: fc.Arbitrary<Weights> = fc
  .tuple(...Array.from({ length: 6 }, () => rationalProbability))
  .map(([p_w, p_l, p_y3, r_w, r_l, r_y3]) => ({
    p_w: p_w!,
    p_l: p_l!,
    p_y3: p_y3!,
    r_w: r_w!,
    r_l: r_l!,
    r_y3: r_y3!
  }))

/** Whether the ratio never falls with p_w nor rises with p_l between odds 1/16, 1/4, 1, 4, 16 (p/r, r = 1/100). */
const isMonotoneOnGrid = (structure: Structure): boolean => {
  const odds = [1, 4, 16, 64, 256].map((k) => rational(k, 16))
  const r = rational(1, 100)
  const at = (w: Rational, l: Rational) =>
    ratioOf(structure, { p_w: multiplyRational(w, r), p_l: multiplyRational(l, r), r_w: r, r_l: r }, "relative")
  return odds.every((fixed) =>
    odds.slice(1).every((high, k) => {
      const low = odds[k]!
      return (
        compareRational(at(high, fixed), at(low, fixed)) >= 0 && compareRational(at(fixed, high), at(fixed, low)) <= 0
      )
    })
  )
}

describe("what the relative reading decides anew", () => {
  const classes = lossClasses(pairPropositions).map(({ members }) => structureOf(pairPropositions, members[0]!))
  const having = (name: ExactPropertyName, semantics: "absolute" | "relative"): number =>
    classes.filter((a) => decideProperty(a, semantics, name).verdict === "proved").length

  it("is not what the absolute reading says: one property after the other", () => {
    for (const name of [
      "chosen-safe",
      "rejected-safe",
      "chosen-led",
      "level-invariant",
      "reference-invariant"
    ] as const) {
      const differing = classes.filter(
        (a) => decideProperty(a, "absolute", name).verdict !== decideProperty(a, "relative", name).verdict
      )
      expect(differing.length, name).toBeGreaterThan(0)
    }
    expect(having("level-invariant", "absolute")).not.toBe(having("level-invariant", "relative"))
  })

  it("chosen-safe: exactly where |a_l| <= 2 a_w, for monotone losses; rejected-safe is its mirror image", () => {
    for (const structure of classes) {
      if (decideProperty(structure, "relative", "preference-monotone").verdict !== "proved") continue
      const safe = decideProperty(structure, "relative", "chosen-safe").verdict
      expect(safe).toBe(decideProperty(structure, "relative", "chosen-led").verdict)
      // The mirror image: w and l exchanged and ticks with crosses.
      const { propositions, ticks, crosses } = swapStructure(structure)!
      const mirror = makeStructure(propositions, crosses, ticks)
      expect(decideProperty(mirror, "relative", "rejected-safe").verdict).toBe(safe)
    }
  })
})
