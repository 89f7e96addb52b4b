import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkCertificate } from "../../src/landscape/checker.ts"
import { decideProperty, exactProperties, type exactPropertyNames } from "../../src/landscape/exactProperties.ts"
import { complementSwapDual } from "../../src/landscape/identity.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { evaluateNumber, fromRows } from "../../src/logic/polynomial.ts"
import { makeStructure, type Semantics, type Structure, withReference } from "../../src/logic/structure.ts"
import { Rng } from "../../src/random/rng.ts"
import { structureArbitrary } from "./polynomials.ts"

const names = NAMED.map((entry) => entry.name)
const structureNamed = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure
const verdictOf = (
  structure: Structure,
  property: (typeof exactPropertyNames)[number],
  semantics: Semantics = "absolute"
) => decideProperty(structure, semantics, property).verdict

/** Which of the sixteen have the property, in the published order. */
const having = (property: (typeof exactPropertyNames)[number], semantics: Semantics = "absolute") =>
  names.filter((name) => {
    const verdict = verdictOf(structureNamed(name), property, semantics)
    expect(["proved", "refuted"]).toContain(verdict)
    return verdict === "proved"
  })

describe("the sixteen named losses, as docs/experiments.md expects them", () => {
  it("P8: all are preference-monotone; CE and fUNL do not read one of the two probabilities", () => {
    expect(having("preference-monotone")).toEqual(names)
    expect(having("strictly-monotone")).toEqual(names.filter((name) => name !== "CE" && name !== "fUNL"))
  })

  it("P6: ORPO, CPO, qfUNL, l5 are swap-antisymmetric, the other twelve are not", () => {
    expect(having("swap-antisymmetric")).toEqual(["ORPO", "CPO", "qfUNL", "l5"])
  })

  it("P9: chosen-safe are the eight in which FF is no tick", () => {
    const expected = NAMED.filter((entry) => (entry.structure.ticks & 1n) === 0n).map((entry) => entry.name)
    expect(having("chosen-safe")).toEqual(expected)
    expect(expected).toEqual(["CEUnl", "cUNL", "l3", "ORPO", "sCE", "CPO", "CE", "cCPO"])
  })

  it("P10: rejected-safe are the eight in which FF is no cross", () => {
    expect(having("rejected-safe")).toEqual(["cUNL", "ORPO", "CPO", "cCPO", "fUNL", "cfUNL", "l14", "unCPO"])
  })

  it("P11's criterion is enough for chosen-safe and not needed", () => {
    expect(having("chosen-led")).toEqual(["sCE", "CPO", "CE", "cCPO"])
    for (const semantics of ["absolute", "relative"] as const) {
      for (const name of having("chosen-led", semantics)) expect(having("chosen-safe", semantics)).toContain(name)
    }
  })

  it("P15: CPO alone is level-invariant", () => expect(having("level-invariant")).toEqual(["CPO"]))

  it("P13: four classes of four at vanishing probabilities, by the row FF", () => {
    const limits = new Map(
      NAMED.map(({ name, structure }) => [name, decideProperty(structure, "absolute", "vanishing-class").value])
    )
    const at = (limit: string) => names.filter((name) => limits.get(name) === limit)
    expect(at("log p_w")).toEqual(["CEUnl", "l3", "sCE", "CE"])
    expect(at("log p_w/p_l")).toEqual(["cUNL", "ORPO", "CPO", "cCPO"])
    expect(at("0")).toEqual(["l20", "qfUNL", "l5", "bCPO"])
    expect(at("-log p_l")).toEqual(["fUNL", "cfUNL", "l14", "unCPO"])
  })

  it("P7: the complement-swap duals", () => {
    const dual = (name: string) => decideProperty(structureNamed(name), "absolute", "complement-swap-self-dual")
    const pairs = [
      ["CPO", "qfUNL"],
      ["CE", "fUNL"],
      ["cCPO", "cfUNL"],
      ["cUNL", "l3"],
      ["sCE", "l20"],
      ["bCPO", "l14"]
    ]
    for (const [a, b] of pairs) {
      expect(dual(a!)).toMatchObject({ verdict: "refuted", value: b })
      expect(dual(b!)).toMatchObject({ verdict: "refuted", value: a })
    }
    expect(having("complement-swap-self-dual")).toEqual(["CEUnl", "ORPO", "l5", "unCPO"])
  })

  it("P27: without a reference none depends on one; with one, only its ratio counts", () => {
    expect(having("reference-free")).toEqual(names)
    for (const { structure } of NAMED) {
      const referenced = withReference(structure)
      expect(verdictOf(referenced, "reference-free")).toBe("refuted")
      expect(verdictOf(referenced, "reference-invariant")).toBe("proved")
    }
  })

  it("rho of none is bounded above: FT is a cross only and TF a tick only", () => {
    expect(having("unbounded-margin")).toEqual(names)
    expect(verdictOf(makeStructure(["M(w)", "M(l)"], 0b0010n, 0b0110n), "unbounded-margin")).toBe("refuted")
  })
})

describe("DPO, and the sixteen with a reference model", () => {
  it("DPO is monotone, antisymmetric, safe on both sides and level-invariant", () => {
    const dpo = exactProperties(withReference(structureNamed("CPO")), "absolute")
    for (const property of [
      "strictly-monotone",
      "swap-antisymmetric",
      "chosen-safe",
      "rejected-safe",
      "chosen-led",
      "level-invariant",
      "reference-invariant"
    ] as const) {
      expect(dpo[property].verdict).toBe("proved")
    }
    expect(dpo["vanishing-class"]?.value).toBe("log (p_w*r_l)/(p_l*r_w)")
  })

  it("a reference does not change which are safe: rho shifts by a constant of the policy", () => {
    for (const { structure } of NAMED) {
      for (const property of ["chosen-safe", "rejected-safe", "level-invariant"] as const) {
        expect(verdictOf(withReference(structure), property)).toBe(verdictOf(structure, property))
      }
    }
  })
})

describe("the relative reading, decided anew where it does not carry over", () => {
  it("carries over signs of single derivatives and symmetries", () => {
    for (const property of [
      "preference-monotone",
      "strictly-monotone",
      "swap-antisymmetric",
      "complement-swap-self-dual"
    ] as const) {
      expect(having(property, "relative")).toEqual(having(property))
    }
  })

  it("CPO is chosen-safe, its twin is not; ORPO's twin is DPO: safe and level-invariant", () => {
    expect(verdictOf(structureNamed("CPO"), "chosen-safe", "relative")).toBe("refuted")
    expect(having("level-invariant", "relative")).toEqual(["ORPO"])
    expect(having("chosen-safe", "relative")).toEqual(["l3", "ORPO", "CE", "cCPO"])
    expect(having("rejected-safe", "relative")).toEqual(["cUNL", "ORPO", "fUNL", "cfUNL"])
  })

  it("limits are in p/r", () => {
    const limit = (name: string) => decideProperty(structureNamed(name), "relative", "vanishing-class").value
    expect(limit("CE")).toBe("log p_w/r_w")
    expect(limit("CPO")).toBe("log (p_w*r_l)/(p_l*r_w)")
    expect(limit("fUNL")).toBe("log r_l/p_l")
    expect(limit("l5")).toBe("0")
  })
})

/** Rate of log p_x under a gradient step, from rho by finite differences: the definition, without odds or simplex tricks. */
const rate = (
  structure: Structure,
  semantics: Semantics,
  policy: ReadonlyArray<number>,
  reference: ReadonlyArray<number>,
  x: 0 | 1
): number => {
  const rho = (logps: ReadonlyArray<number>): number => {
    const [w, l] = logps.map(Math.exp) as [number, number]
    const odds = semantics === "absolute" ? [w / (1 - w), l / (1 - l)] : [w / reference[0]!, l / reference[1]!]
    const ratios = {
      p_w: odds[0]! / (1 + odds[0]!),
      p_l: odds[1]! / (1 + odds[1]!),
      r_w: reference[0]!,
      r_l: reference[1]!
    }
    return Math.log(
      evaluateNumber(fromRows(structure.ticks, structure.propositions), ratios) /
        evaluateNumber(fromRows(structure.crosses, structure.propositions), ratios)
    )
  }
  const logps = policy.map(Math.log)
  const a = [0, 1].map((i) => {
    const shifted = (step: number) => logps.map((value, j) => (j === i ? value + step : value))
    return (rho(shifted(1e-5)) - rho(shifted(-1e-5))) / 2e-5
  })
  // d logits = Σ_i a_i (e_i - p); d log p_x = d logit_x - Σ_k p_k d logit_k.
  const step = policy.map((p, k) => a.reduce((sum, value, i) => sum + value * ((i === k ? 1 : 0) - p), 0))
  return step[x]! - policy.reduce((sum, p, k) => sum + p * step[k]!, 0)
}

const randomPolicy = (rng: Rng, arms: number): Array<number> => {
  const weights = Array.from({ length: arms }, () => Math.exp(3 * rng.normal()))
  const total = weights.reduce((sum, value) => sum + value, 0)
  return weights.map((value) => value / total)
}

describe("safety against the definition on random policies", () => {
  it.each(["absolute", "relative"] as const)("what is proved is never violated (%s)", (semantics) => {
    const rng = Rng.fromSeed(`safety/${semantics}`)
    for (const { structure } of NAMED) {
      const chosen = verdictOf(structure, "chosen-safe", semantics) === "proved"
      const rejected = verdictOf(structure, "rejected-safe", semantics) === "proved"
      for (let trial = 0; trial < 60; trial++) {
        const arms = 2 + rng.int(6)
        const [policy, reference] = [randomPolicy(rng, arms), randomPolicy(rng, arms)]
        if (policy[0]! > 0.999 || policy[1]! > 0.999) continue
        if (chosen) expect(rate(structure, semantics, policy, reference, 0)).toBeGreaterThan(-1e-6)
        if (rejected) expect(rate(structure, semantics, policy, reference, 1)).toBeLessThan(1e-6)
      }
    }
  })

  it.each(["absolute", "relative"] as const)("what is refuted is violated at the witness (%s)", (semantics) => {
    let violated = 0
    for (const { structure } of NAMED) {
      for (const [property, x, sign] of [
        ["chosen-safe", 0, -1],
        ["rejected-safe", 1, 1]
      ] as const) {
        const { verdict, witness, explanation } = decideProperty(structure, semantics, property)
        if (verdict !== "refuted" || witness === undefined) continue
        const { p_w = 0, p_l = 0, r_w = 0.5, r_l = 0.5 } = witness.point
        const others = Number(/with (\d+) equally/.exec(explanation)![1])
        const policy = [p_w, p_l, ...Array.from({ length: others }, () => (1 - p_w - p_l) / others)]
        expect(sign * rate(structure, semantics, policy, [r_w, r_l], x)).toBeGreaterThan(0)
        violated++
      }
    }
    expect(violated).toBeGreaterThan(10)
  })
})

describe("exact properties of any structure", () => {
  it("come with certificates that the checker accepts, or witnesses", () =>
    fc.assert(
      fc.property(structureArbitrary(2), fc.constantFrom<Semantics>("absolute", "relative"), (structure, semantics) => {
        for (const [name, verdict] of Object.entries(exactProperties(structure, semantics))) {
          expect(verdict.explanation.length).toBeGreaterThan(0)
          expect((verdict.certificate ?? []).every(checkCertificate)).toBe(true)
          expect([name, verdict.verdict]).not.toContain("undecided")
        }
      }),
      { numRuns: 60 }
    ))

  it("are decided for random structures with a reference, over four propositions", () =>
    fc.assert(
      fc.property(structureArbitrary(4), (structure) => {
        for (const name of ["preference-monotone", "swap-antisymmetric", "level-invariant"] as const) {
          expect(["proved", "refuted"]).toContain(decideProperty(structure, "absolute", name).verdict)
        }
      }),
      { numRuns: 40 }
    ))

  it("the dual of the dual is the structure, and duals are safe on opposite sides", () => {
    for (const { structure } of NAMED) {
      const dual = complementSwapDual(structure)!
      expect(complementSwapDual(dual)).toEqual(structure)
    }
  })

  it("copies count on the diagonal: p_w² / p_l² is CPO squared, level-invariant and antisymmetric", () => {
    const propositions = ["M(w)", "M(l)", "M2(w)", "M2(l)"]
    const rows = (mask: number) =>
      Array.from({ length: 16 }, (_, row) => row).reduce(
        (set, row) => ((row & mask) === mask ? set | (1n << BigInt(row)) : set),
        0n
      )
    const structure = makeStructure(propositions, rows(0b0101), rows(0b1010))
    for (const name of [
      "strictly-monotone",
      "swap-antisymmetric",
      "level-invariant",
      "chosen-safe",
      "rejected-safe"
    ] as const) {
      expect(verdictOf(structure, name)).toBe("proved")
    }
    expect(decideProperty(structure, "absolute", "vanishing-class").value).toBe("log p_w^2/p_l^2")
  })

  it("weighted rows: log p_w/(2 p_l) keeps CPO's monotonicity and level, and loses its antisymmetry", () => {
    const weight = (num: bigint, den = 1n) => ({ num, den })
    const structure = {
      propositions: ["M(w)", "M(l)"],
      ticks: new Map([
        [1, weight(1n, 2n)],
        [3, weight(1n, 2n)]
      ]),
      crosses: new Map([
        [2, weight(1n)],
        [3, weight(1n)]
      ])
    }
    const halved = exactProperties(structure, "absolute")
    expect(halved["preference-monotone"]?.verdict).toBe("proved")
    expect(halved["swap-antisymmetric"]?.verdict).toBe("refuted")
    expect(halved["level-invariant"]?.verdict).toBe("proved")
    expect(halved["complement-swap-self-dual"]?.verdict).toBe("refuted")
    expect(halved["vanishing-class"]?.value).toBe("log p_w/(2*p_l)")
  })

  it("a degenerate structure has none", () => {
    for (const verdict of Object.values(exactProperties(makeStructure(["M(w)", "M(l)"], 0n, 2n), "absolute"))) {
      expect(verdict.verdict).toBe("not-applicable")
    }
  })

  it("K-wise responses and reference-only structures are decided too", () => {
    const propositions = ["M(w)", "M(l)", "M(y3)"]
    // log p_w / (p_l or p_y3): rows with M(w) against rows with M(l) or M(y3).
    const structure = makeStructure(propositions, 0b10101010n, 0b11111100n)
    expect(verdictOf(structure, "preference-monotone")).toBe("proved")
    expect(["proved", "refuted"]).toContain(verdictOf(structure, "chosen-safe"))
    expect(verdictOf(structure, "swap-antisymmetric")).toBe("refuted")
  })
})
