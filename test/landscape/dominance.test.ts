import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkCertificate, readPolynomial } from "../../src/landscape/checker.ts"
import { lossClasses, structureOf } from "../../src/landscape/classes.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { sameLoss } from "../../src/landscape/equality.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { entails } from "../../src/logic/order.ts"
import { evaluateNumber, fromRows } from "../../src/logic/polynomial.ts"
import { extendTo, makeStructure, type Structure, withReference } from "../../src/logic/structure.ts"
import { structureArbitrary } from "./polynomials.ts"

const named = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

/** Rho straight from the definition: weighted model counts in probabilities. */
const rhoAt = ({ propositions, ticks, crosses }: Structure, point: Readonly<Record<string, number>>): number =>
  Math.log(
    evaluateNumber(fromRows(ticks, propositions), point) / evaluateNumber(fromRows(crosses, propositions), point)
  )

describe("dominance", () => {
  it("orders CPO's relatives as their ratios do", () => {
    expect(dominance(named("CPO"), named("cCPO")).verdict).toBe("A<=B")
    expect(dominance(named("unCPO"), named("ORPO")).verdict).toBe("B<=A")
    expect(dominance(named("ORPO"), named("ORPO")).verdict).toBe("equal")
    expect(dominance(named("ORPO"), named("CPO")).verdict).toBe("incomparable")
  })

  it("is finer than entailment: log (1-p_w) <= 0 <= log (o_w + o_l)/o_w, though no rows of either loss say so", () => {
    const propositions = ["M(w)", "M(l)"]
    const low = makeStructure(propositions, 0b0001n, 0b0011n)
    const high = makeStructure(propositions, 0b0110n, 0b0010n)
    expect(dominance(low, high).verdict).toBe("A<=B")
    const members = (structure: Structure) =>
      lossClasses(propositions)
        .map((entry) => entry.members.map((masks) => structureOf(propositions, masks)))
        .find(([first]) => sameLoss(first!, structure))!
    for (const a of members(low)) for (const b of members(high)) expect(entails(a, b)).toBe(false)
  })

  it("follows from entailment, over two, three and four propositions", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3, 4).chain((n) => fc.tuple(structureArbitrary(n), structureArbitrary(n))),
        ([a, b]) => {
          const above = { ...a, ticks: a.ticks | b.ticks, crosses: a.crosses & b.crosses }
          fc.pre(above.crosses !== 0n)
          expect(entails(a, above)).toBe(true)
          const { verdict, certificates } = dominance(a, above)
          expect(verdict).toBe(sameLoss(a, above) ? "equal" : "A<=B")
          expect(certificates.every(checkCertificate)).toBe(true)
        }
      ),
      { numRuns: 60 }
    ))

  it("is antisymmetric in its arguments, and every witness shows what it says", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3).chain((n) => fc.tuple(structureArbitrary(n), structureArbitrary(n))),
        ([a, b]) => {
          const mirrored = {
            "A<=B": "B<=A",
            "B<=A": "A<=B",
            equal: "equal",
            incomparable: "incomparable",
            undecided: "undecided"
          }
          const { verdict, witnesses } = dominance(a, b)
          expect(dominance(b, a).verdict).toBe(mirrored[verdict])
          expect(witnesses).toHaveLength(verdict === "incomparable" ? 2 : verdict === "equal" ? 0 : 1)
          const signs = witnesses.map(({ point, rhoA, rhoB }) => {
            expect(rhoA).toBeCloseTo(rhoAt(a, point), 8)
            expect(rhoB).toBeCloseTo(rhoAt(b, point), 8)
            return Math.sign(rhoB - rhoA)
          })
          expect(new Set(signs).size).toBe(signs.length)
          if (verdict === "A<=B") expect(signs).toEqual([1])
        }
      ),
      { numRuns: 80 }
    ))

  it("a grid agrees: where A<=B, rho_A <= rho_B at every point", () => {
    const grid = [0.01, 0.2, 0.5, 0.8, 0.99]
    const samples = fc.sample(fc.tuple(structureArbitrary(2), structureArbitrary(2)), { numRuns: 150, seed: 4 })
    for (const [a, b] of samples) {
      const { verdict } = dominance(a, b)
      const differences = grid.flatMap((p_w) => grid.map((p_l) => rhoAt(b, { p_w, p_l }) - rhoAt(a, { p_w, p_l })))
      if (verdict === "A<=B" || verdict === "equal") expect(Math.min(...differences)).toBeGreaterThan(-1e-9)
      if (verdict === "B<=A" || verdict === "equal") expect(Math.max(...differences)).toBeLessThan(1e-9)
      if (Math.min(...differences) < -1e-9 && Math.max(...differences) > 1e-9) expect(verdict).toBe("incomparable")
    }
  })

  it("adds propositions that one side lacks as free ones", () => {
    const cpo = named("CPO")
    expect(dominance(cpo, extendTo(cpo, ["M(w)", "M(l)", "Ref(w)", "Ref(l)"])).verdict).toBe("equal")
    expect(dominance(cpo, withReference(cpo)).verdict).toBe("incomparable")
    expect(dominance(withReference(cpo), withReference(named("cCPO"))).verdict).toBe("A<=B")
  })

  it("gives copies one odds: p_w²/p_l lies below p_w/p_l, which no entailment says when the copy is declared alone", () => {
    const propositions = ["M(w)", "M(l)", "M2(w)"]
    const both = (set: number) => (set & 0b001) !== 0 && (set & 0b100) !== 0
    const rows = (test: (row: number) => boolean) =>
      Array.from({ length: 8 }, (_, row) => row).reduce((set, row) => (test(row) ? set | (1n << BigInt(row)) : set), 0n)
    const squared = makeStructure(
      propositions,
      rows(both),
      rows((row) => (row & 0b010) !== 0)
    )
    expect(dominance(squared, named("CPO")).verdict).toBe("A<=B")
    // Either copy serves: on the diagonal p_w p_w' is p_w², whichever row carries it.
    const swapped = makeStructure(
      propositions,
      rows((row) => row === 0b001 || both(row)),
      squared.crosses
    )
    const other = makeStructure(
      propositions,
      rows((row) => row === 0b100 || both(row)),
      squared.crosses
    )
    expect(dominance(swapped, other).verdict).toBe("equal")
    expect(entails(swapped, other)).toBe(false)
  })

  it("names witnesses on the simplex when there are any, and says when there are none", () => {
    let offSimplex = 0
    for (const a of NAMED) {
      for (const b of NAMED) {
        const { verdict, witnesses, onSimplex } = dominance(a.structure, b.structure)
        for (const { point, onSimplex: inside } of witnesses) {
          expect(inside).toBe(point.p_w! + point.p_l! <= 1 + 1e-12)
          if (!inside) offSimplex++
        }
        if (verdict !== "incomparable") expect(onSimplex).toBe(verdict)
        else if (witnesses.some((w) => !w.onSimplex)) expect(onSimplex).not.toBe("incomparable")
      }
    }
    expect(offSimplex).toBeGreaterThan(0)
  })

  it("on the simplex p_w (1-p_l) <= p_w and 1-p_w >= p_l order more pairs: CE below CPO", () => {
    // CE's p_w/(1-p_w) against CPO's p_w/p_l: 1 - p_w >= p_l on the simplex only.
    const found = dominance(named("CE"), named("CPO"))
    expect(found.verdict).toBe("incomparable")
    expect(found.onSimplex).toBe("A<=B")
    expect(found.witnesses.map((w) => w.onSimplex).sort()).toEqual([false, true])
  })

  it("names p and r in the relative reading, where every odds are possible", () => {
    const { verdict, witnesses } = dominance(named("CE"), named("CPO"), "relative")
    expect(verdict).toBe("incomparable")
    for (const { point, onSimplex, rhoA, rhoB } of witnesses) {
      expect(onSimplex).toBe(true)
      expect(point.p_w! + point.p_l!).toBeLessThan(1)
      expect(point.r_w! + point.r_l!).toBeLessThan(1)
      const [w, l] = [point.p_w! / point.r_w!, point.p_l! / point.r_l!]
      expect(rhoA).toBeCloseTo(Math.log(w), 10)
      expect(rhoB).toBeCloseTo(Math.log((w * (1 + l)) / (l * (1 + w))), 10)
    }
  })

  it("certifies the very polynomial N_B D_A - N_A D_B in odds", () => {
    const { certificates, certificate } = dominance(named("CPO"), named("cCPO"))
    expect(certificates).toHaveLength(1)
    const polynomial = readPolynomial(certificates[0]!.polynomial)!
    // N_A = o_w(1+o_l), D_A = o_l(1+o_w), N_B = N_A, D_B = o_l: the difference is N_A o_w o_l.
    for (const [p_w, p_l] of [
      [0.3, 2],
      [5, 0.1]
    ] as const) {
      expect(evaluateNumber(polynomial, { p_w, p_l })).toBeCloseTo(p_w * (1 + p_l) * p_w * p_l, 10)
    }
    expect(certificate).toContain("no coefficient is negative")
  })

  it("compares weighted structures", () => {
    const cpo = named("CPO")
    const half = { num: 1n, den: 2n }
    const weaker = {
      propositions: cpo.propositions,
      ticks: new Map([
        [1, half],
        [3, half]
      ]),
      crosses: new Map([
        [2, { num: 1n, den: 1n }],
        [3, { num: 1n, den: 1n }]
      ])
    }
    expect(dominance(weaker, cpo).verdict).toBe("A<=B")
  })

  it("refuses degenerate structures", () => {
    expect(() => dominance(makeStructure(["M(w)", "M(l)"], 0n, 1n), named("CPO"))).toThrow(RangeError)
  })
})
