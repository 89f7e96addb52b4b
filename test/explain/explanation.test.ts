/** What `explain` and `compare` say of losses read in other ways than the published one: powers of the odds, relative weights. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { compareLosses } from "../../src/explain/comparison.ts"
import { type Expressed, explainLoss } from "../../src/explain/explanation.ts"
import { catalogueStructures } from "../../src/loss/catalogueLoss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { listedPropertyIds } from "../../src/properties/ids.ts"
import { rhoByEnumeration } from "../arbitraries/loss.ts"

const lossOf = (spec: string) => Result.getOrThrow(resolveLoss(spec))
const explain = (spec: string): Expressed =>
  explainLoss(lossOf(spec), catalogueStructures(), listedPropertyIds) as Expressed

describe("powers of the odds", () => {
  it("make another rho: no lattice name, no equal loss; what weighs the two derivatives is decided at the power", () => {
    const plain = explain("uncpo")
    expect(plain).toMatchObject({ latticeName: "unCPO", properties: { "chosen-safe": "refuted", P15: "refuted" } })
    const loss = explain("uncpo?oddsBeta=2")
    expect(loss.latticeName).toBeUndefined()
    expect(loss.title).toBe("unCPO with oddsBeta=2")
    expect(explain("rows:FF,TF,TT/FT").title).toBe("unCPO")
    expect(explain("rows:FF,TF,TT/FT?oddsBeta=2").title).toBe("rows:FF,TF,TT/FT?oddsBeta=2")
    expect(explain("ccpo?oddsBeta=2").sameLossAs).toEqual([])
    expect(loss.properties).toMatchObject({
      P8: "proved",
      P6: "refuted",
      P15: "refuted",
      "chosen-safe": "refuted",
      P13: "not-run"
    })
    expect(explain("uncpo?oddsBeta=1.2345").properties).toMatchObject({ P8: "proved", "chosen-safe": "not-run" })
    expect(loss.ratio.denominator).toBe("p_l^2*(1-p_w)^2")
  })

  it("are compared at one power, with witnesses whose rho is that of the losses there", () => {
    for (const semantics of ["absolute", "relative"] as const) {
      const [a, b] = ["ccpo", "qfunl"].map((id) => lossOf(`${id}?oddsBeta=2&semantics=${semantics}`))
      const { dominance, meet } = Result.getOrThrow(compareLosses(a!, b!))
      expect(dominance.verdict).toBe("incomparable")
      for (const { rhoA, rhoB, onSimplex: _, ...point } of dominance.witnesses!) {
        const at = Object.fromEntries(
          Object.entries(point).map(([name, p]) => [name.replace("p_", "l").replace("r_", "r"), Math.log(p as number)])
        )
        const reading = { semantics, oddsBeta: 2, lengthNormalised: false }
        expect(rhoByEnumeration(a!.structure!, reading, at)).toBeCloseTo(rhoA as number, 12)
        expect(rhoByEnumeration(b!.structure!, reading, at)).toBeCloseTo(rhoB as number, 12)
      }
      expect(lossOf(meet!).oddsBeta).toBe(2)
    }
    const mixed = compareLosses(lossOf("uncpo?oddsBeta=2"), lossOf("uncpo"))
    expect(Result.isFailure(mixed) && mixed.failure.message).toMatch(/power 2.*power 1/)
  })
})

describe("losses that are equal across readings", () => {
  it("ORPO's table over relative weights is DPO, fUNL's is NPO", () => {
    const twin = explain("orpo_seq?semantics=relative")
    expect(twin).toMatchObject({ latticeName: "ORPO", ratio: { numerator: "p_w*r_l", denominator: "p_l*r_w" } })
    expect(twin.sameLossAs).toEqual(["dpo", ...explain("dpo").sameLossAs])
    expect(explain("funl?semantics=relative").sameLossAs).toEqual(["npo"])
  })

  it("but not per-token ones, nor CPO's table, whose relative rho is the Jensen–Shannon one", () => {
    expect(explain("orpo_seq?semantics=relative&lengthNormalised=true").sameLossAs).toEqual([
      "ipo_norm",
      "ln_dpo",
      "sigmoid_norm"
    ])
    expect(explain("cpo_core?semantics=relative").sameLossAs).toEqual(["fdpo_js"])
  })
})
