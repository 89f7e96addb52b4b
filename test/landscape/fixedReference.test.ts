/** Dominance at one reference: the region's bound as a condition, pairs that only it orders, and an oracle on its policies. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import "../seed.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { pairsAtReference, relationAtReference } from "../../src/landscape/fixedReference.ts"
import { commonCounts } from "../../src/landscape/odds.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { compareRational, multiplyRational, type Rational, rational } from "../../src/logic/rational.ts"
import type { Structure } from "../../src/logic/structure.ts"
import { countByEnumeration, nonDegenerate } from "../arbitraries/logic.ts"

const lattice = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure
const half = rational(1, 2)

const at = (a: Structure, b: Structure, r: ReadonlyArray<Rational>, region: "box" | "simplex") => {
  const [first, second] = commonCounts(a, b)
  return relationAtReference(first, second, r, region)
}

/** N_a D_b against N_b D_a by rows. */
const compare = (a: Structure, b: Structure, weights: Readonly<Record<string, Rational>>): number => {
  const count = (set: bigint) => countByEnumeration(set, a.propositions, weights, "relative")
  return compareRational(
    multiplyRational(count(a.ticks), count(b.crosses)),
    multiplyRational(count(b.ticks), count(a.crosses))
  )
}

describe("dominance at a fixed reference", () => {
  it("orders l3 below CPO at r = 1/2, which no order of all references does", () => {
    const [l3, cpo] = [lattice("l3"), lattice("CPO")]
    expect(dominance(l3, cpo, "relative").verdict).toBe("incomparable")
    expect(at(l3, cpo, [half, half], "box")).toBe("A<=B")
    // By hand: l3 = x/(1+y), CPO = x(1+y)/(y(1+x)), x = p_w/r_w, y = p_l/r_l; l3 <= CPO iff x y <= 1 + y + y^2, for all y
    // iff x <= 3. So r_w >= 1/3 orders them, and r_w = 1/5 does not: x = 4, y = 1.
    expect(at(l3, cpo, [rational(1, 5), half], "box")).toBe("incomparable")
    expect(at(l3, cpo, [rational(1, 3), half], "box")).toBe("A<=B")
  })

  it("never loses a pair that all references order, and never contradicts it", () => {
    fc.assert(
      fc.property(
        nonDegenerate(2),
        nonDegenerate(2),
        fc.integer({ min: 2, max: 9 }),
        fc.constantFrom("box" as const, "simplex" as const),
        (a, b, k, region) => {
          const everywhere = dominance(a, b, "relative").verdict
          const here = at(a, b, [rational(1, k), rational(1, k)], region)
          if (everywhere !== "incomparable") expect(here).toBe(everywhere)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("agrees with the policies of the region", () => {
    const policy = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 40 })))
    fc.assert(
      fc.property(nonDegenerate(2), nonDegenerate(2), policy, fc.integer({ min: 2, max: 9 }), (a, b, [x, y, z], k) => {
        const r = rational(1, k)
        const total = x! + y! + z!
        const weights = { p_w: rational(x!, total), p_l: rational(y!, total), r_w: r, r_l: r }
        const sign = compare(a, b, weights)
        const relation = at(a, b, [r, r], "simplex")
        if (relation === "A<=B") expect(sign).toBeLessThanOrEqual(0)
        if (relation === "B<=A") expect(sign).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 100 }
    )
  })

  it("counts: more pairs at r = 1/2, those of all references at r = 1/10", () => {
    expect(pairsAtReference(["M(w)", "M(l)"], half, "box")).toEqual({ ordered: 6565, undecided: 0 })
    expect(pairsAtReference(["M(w)", "M(l)"], rational(1, 10), "box")).toEqual({ ordered: 5364, undecided: 0 })
  })

  it("refuses a reference outside (0, 1)", () => {
    expect(() => at(lattice("CE"), lattice("CPO"), [rational(1), half], "box")).toThrow(/outside \(0, 1\): 1,0.5/)
    expect(() => at(lattice("CE"), lattice("CPO"), [half], "box")).toThrow(/1 references for 2/)
  })
})
