/** The range of rho, where a loss's infimum escapes to, and how a reference enters: against evaluation at points. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkCertificate } from "../../src/landscape/checker.ts"
import { decideProperty, type ExactPropertyName } from "../../src/landscape/exactProperties.ts"
import { lossInfimum } from "../../src/landscape/infimum.ts"
import { oddsCounts } from "../../src/landscape/odds.ts"
import { evaluate } from "../../src/landscape/oddsPolynomial.ts"
import { logBound, rhoRange, type Supremum } from "../../src/landscape/range.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { logRational, type Rational, rational } from "../../src/logic/rational.ts"
import { rowsOf } from "../../src/logic/rows.ts"
import {
  type AnyStructure,
  makeStructure,
  pairPropositions,
  type Semantics,
  withReference
} from "../../src/logic/structure.ts"
import { pointArbitrary, structureArbitrary } from "./polynomials.ts"

const rhoAt = (structure: AnyStructure, odds: ReadonlyArray<Rational>): number => {
  const { ticks, crosses } = oddsCounts(structure)
  return logRational(evaluate(ticks, odds)) - logRational(evaluate(crosses, odds))
}

const alongPath = ({ path }: Supremum, t: bigint): ReadonlyArray<Rational> =>
  path.map((m) => (m >= 0 ? rational(t ** BigInt(m)) : rational(1n, t ** BigInt(-m))))

const weighted = (structure: ReturnType<typeof makeStructure>, weights: ReadonlyArray<number>): AnyStructure => {
  const side = (set: bigint) => new Map(rowsOf(set).map((row) => [row, rational(weights[row % weights.length]!)]))
  return { propositions: structure.propositions, ticks: side(structure.ticks), crosses: side(structure.crosses) }
}

const anyStructure: fc.Arbitrary<AnyStructure> = fc.oneof(
  structureArbitrary(2),
  structureArbitrary(3),
  structureArbitrary(4),
  fc
    .tuple(structureArbitrary(3), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 8, maxLength: 8 }))
    .map(([structure, weights]) => weighted(structure, weights))
)

describe("the range of rho", () => {
  it("is approached along the path that it names, and exceeded nowhere", () =>
    fc.assert(
      fc.property(anyStructure, pointArbitrary(4), (structure, point) => {
        const range = rhoRange(oddsCounts(structure))
        const odds = point.slice(0, structure.propositions.length)
        for (const [end, sign] of [
          [range.upper, 1],
          [range.lower, -1]
        ] as const) {
          expect(end).toBeDefined()
          const bound = logBound(end!.bound)
          expect(sign * rhoAt(structure, odds)).toBeLessThanOrEqual(bound + 1e-12)
          const [near, far] = [10n ** 3n, 10n ** 9n].map((t) => sign * rhoAt(structure, alongPath(end!, t)))
          if (bound === Infinity) expect(far).toBeGreaterThan(near! + 1)
          else expect(Math.abs(far! - bound)).toBeLessThan(1e-6)
        }
      }),
      { numRuns: 300 }
    ))

  it("has certificates that the checker accepts for every finite end of the 225 structures over a pair", () => {
    let finite = 0
    for (let ticks = 1n; ticks < 16n; ticks++) {
      for (let crosses = 1n; crosses < 16n; crosses++) {
        const { upper, lower } = rhoRange(oddsCounts(makeStructure(pairPropositions, ticks, crosses)))
        for (const end of [upper!, lower!]) {
          if (end.bound === "infinite") continue
          expect(end.certificate?.every(checkCertificate)).toBe(true)
          finite++
        }
      }
    }
    expect(finite).toBeGreaterThan(50)
  })

  it("without weights or copies ends at 0 or at infinity, and is attained by constants alone", () =>
    fc.assert(
      fc.property(structureArbitrary(3), (structure) => {
        const { upper, lower } = rhoRange(oddsCounts(structure))
        for (const end of [upper!, lower!]) {
          expect(end.bound === "infinite" || logBound(end.bound) === 0).toBe(true)
          expect(end.attained).toBe(structure.ticks === structure.crosses)
        }
      }),
      { numRuns: 300 }
    ))

  it("of p_w²/p_l² and of a bounded square, over copies", () => {
    const propositions = ["M(w)", "M2(w)"]
    // (p_w²) / (1): rows TT against all four.
    const square = rhoRange(oddsCounts(makeStructure(propositions, 0b1000n, 0b1111n)))
    expect(logBound(square.upper!.bound)).toBe(0)
    expect(square.lower!.bound).toBe("infinite")
  })
})

const verdict = (structure: AnyStructure, name: ExactPropertyName, semantics: Semantics = "absolute") =>
  decideProperty(structure, semantics, name)
const named = (name: string) => NAMED.find((entry) => entry.name === name)!.structure

describe("where a loss's infimum is", () => {
  it("P14: giving up both answers drives unCPO, cfUNL, fUNL and l14 to it, and no other of the sixteen", () => {
    const collapsing = NAMED.filter(({ structure }) =>
      verdict(structure, "escapes-on-policies").value!.includes("both vanish at one rate")
    )
    expect(collapsing.map(({ name }) => name)).toEqual(["fUNL", "cfUNL", "l14", "unCPO"])
  })

  it.each(["absolute", "relative"] as const)("escapes are real on policies (%s)", (semantics) => {
    // Masses of chosen, rejected and the rest at a large t, reference 1/3 each.
    const masses: Readonly<Record<string, readonly [number, number]>> = {
      "the rejected answer vanishes": [0, -1],
      "the chosen answer takes all": [1, 0],
      "both vanish at one rate": [-1, -1],
      "both vanish, the rejected faster": [-1, -2],
      "both vanish, the chosen faster": [-2, -1],
      "the chosen answer vanishes": [-1, 0],
      "the rejected answer takes all": [0, 1]
    }
    for (const { structure } of NAMED) {
      const found = verdict(structure, "escapes-on-policies", semantics).value!
      for (const [words, [w, l]] of Object.entries(masses)) {
        const at = (t: number): number => {
          const [mw, ml] = [t ** w, t ** l]
          const total = mw + ml + 1
          const odds = [
            [mw, ml],
            [ml, mw]
          ].map(([own, other]) => (semantics === "absolute" ? own! / (1 + other!) : (3 * own!) / total))
          const side = (set: bigint) =>
            rowsOf(set).reduce((sum, row) => sum + (row & 1 ? odds[0]! : 1) * (row & 2 ? odds[1]! : 1), 0)
          return Math.log(side(structure.ticks) / side(structure.crosses))
        }
        const grows = at(1e6) > at(1e3) + 1
        expect([words, found.split("; ").includes(words)]).toEqual([words, grows])
      }
    }
  })

  it("is log 2 for a ratio that never exceeds 1, and attained by a constant alone", () => {
    const bounded = makeStructure(pairPropositions, 0b0010n, 0b0110n)
    expect(verdict(bounded, "bounded-below").value).toBe("log 2")
    expect(verdict(bounded, "infimum-attained").verdict).toBe("refuted")
    expect(verdict(bounded, "margin-range").value).toBe("-infinity to 0")
    const zero = makeStructure(pairPropositions, 0b0110n, 0b0110n)
    expect(verdict(zero, "infimum-attained").verdict).toBe("proved")
    expect(verdict(weighted(bounded, [1, 3, 1, 1]), "bounded-below").value).toBe("log 2")
    expect(verdict(weighted(bounded, [1, 3]), "margin-range").value).toBe("-infinity to 0")
  })
})

describe("how a reference enters", () => {
  it("not at all without one, added by withReference, relative in DPO", () => {
    for (const { name, structure } of NAMED) {
      expect(verdict(structure, "reference-form").value).toBe("none")
      expect(verdict(structure, "reference-form", "relative").value).toBe("relative")
      expect(verdict(withReference(structure), "reference-form").value).toBe(
        name === "CPO" ? "added and relative" : "added"
      )
    }
  })

  it("is mixed in most structures over four propositions, with a witness", () => {
    const structure = makeStructure(["M(w)", "M(l)", "Ref(w)", "Ref(l)"], 0b1010101000000010n, 0b1100110001000000n)
    const found = verdict(structure, "reference-form")
    expect(found.value).toBe("mixed")
    expect(found.witness).toBeDefined()
  })

  it("has certificates for DPO", () => {
    const found = verdict(withReference(named("CPO")), "reference-form")
    expect(found.certificate).toHaveLength(2)
    expect(found.certificate?.every(checkCertificate)).toBe(true)
  })
})

describe("the infimum of a loss", () => {
  const rangeOf = (structure: AnyStructure) => rhoRange(oddsCounts(structure))
  const infimum = (kind: "logistic" | "hinge" | "squared" | "exponential", structure: AnyStructure, margin = 0) =>
    lossInfimum({ kind, beta: 1, margin }, rangeOf(structure), ["p_w", "p_l"])
  const bounded = makeStructure(pairPropositions, 0b0010n, 0b0110n)

  it("is 0 and never attained for a decreasing link and an unbounded rho; attained by hinge and square", () => {
    expect(infimum("logistic", named("CPO"))).toEqual({ value: 0, attained: false, escapesTo: "odds(p_l) = 1/t" })
    expect(infimum("exponential", named("CPO"))?.attained).toBe(false)
    expect(infimum("hinge", named("CPO"))).toEqual({ value: 0, attained: true })
    expect(infimum("squared", named("CPO"), 5)).toEqual({ value: 0, attained: true })
  })

  it("is that of the nearer end where rho never exceeds 0", () => {
    expect(infimum("logistic", bounded)).toMatchObject({ value: Math.log(2), attained: false })
    expect(infimum("hinge", bounded)).toMatchObject({ value: 1, attained: false })
    expect(infimum("squared", bounded, 2)).toMatchObject({ value: 4, attained: false })
    expect(infimum("squared", bounded, -2)).toEqual({ value: 0, attained: true })
    // rho never reaches 0 itself.
    expect(infimum("squared", bounded)).toMatchObject({ value: 0, attained: false })
  })

  it("of a constant rho is attained everywhere", () =>
    expect(infimum("logistic", makeStructure(pairPropositions, 6n, 6n))).toEqual({
      value: Math.log(2),
      attained: true
    }))
})
