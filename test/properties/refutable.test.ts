/** No property is vacuous: each is refuted by some loss, or, where it is a theorem about all, by one broken on purpose. */
import { describe, expect, it } from "vitest"
import type { Loss } from "../../src/loss/loss.ts"
import { properties } from "../../src/properties/registry.ts"
import { examineProperty } from "../../src/properties/validate.ts"
import { droppedReference, lossOf, propertyOf, resultOf, swappedPair, wrongSign } from "../arbitraries/properties.ts"

const withWrongRatio = (loss: Loss): Loss => {
  const { entry } = loss
  if (entry?.rho == null) throw new RangeError(`${loss.spec} has no published ratio`)
  const rho = { ...entry.rho, numerator: entry.rho.denominator, denominator: entry.rho.numerator }
  return { ...loss, entry: { ...entry, rho } }
}

const broken: Readonly<Record<string, () => Loss>> = {
  P2: () => withWrongRatio(lossOf("dpo")),
  P4: () => lossOf("ipo"),
  P5: () => wrongSign(lossOf("cpo_core")),
  P6: () => lossOf("ccpo"),
  P7: () => wrongSign(lossOf("ccpo")),
  P8: () => lossOf("rows:FT/TF"),
  P9: () => lossOf("uncpo"),
  P10: () => lossOf("ce_odds"),
  // The criterion as published needs a_l <= 0: this loss rewards both answers, twice as much the rejected one.
  P11: () => lossOf("expr:-(lw + 2*ll)"),
  P12: () => lossOf("uncpo"),
  P13: () => lossOf("rows:FT/TF"),
  P14: () => lossOf("dpo"),
  P15: () => lossOf("orpo_seq"),
  P16: () => lossOf("ref_orpo"),
  P18: () => lossOf("ipo"),
  P19: () => lossOf("ipo"),
  P20: () => lossOf("dpo"),
  P21: () => lossOf("dpo"),
  P22: () => lossOf("dpo"),
  P23: () => lossOf("gpo_savage"),
  P24: () => lossOf("dro"),
  P25: () => lossOf("infonca"),
  P26: () => lossOf("ipo"),
  P27: () => lossOf("npo"),
  P28: () => lossOf("cpo_core"),
  P31: () => wrongSign(lossOf("bco_pair")),
  P17: () => lossOf("dpo"),
  P29: () => swappedPair(lossOf("sppo")),
  P30: () => lossOf("dpo"),
  P32: () => wrongSign(lossOf("tdpo1")),
  P33: () => droppedReference(lossOf("modpo")),
  P35: () => wrongSign(lossOf("dpo")),
  P36: () => lossOf("ipo"),
  P37: () => wrongSign(lossOf("dpo")),
  P38: () => lossOf("rows:TF/FT?semantics=relative"),
  "strictly-monotone": () => lossOf("ce_odds"),
  "bounded-below": () => lossOf("expr:ll - lw"),
  "ignores-lengths": () => lossOf("simpo"),
  "per-token": () => lossOf("dpo"),
  "ratio-to-reference": () => lossOf("cpo_core"),
  "last-iterate": () => lossOf("ipo"),
  "one-step-gradient": () => lossOf("tdpo2"),
  "reward-order": () => lossOf("copg"),
  "keeps-support": () => lossOf("dpo"),
  "complement-swap-self-dual": () => lossOf("ccpo"),
  "chosen-led": () => lossOf("uncpo"),
  "reference-free": () => lossOf("dpo"),
  "unbounded-margin": () => lossOf("rows:TF/TF,FT"),
  "infimum-attained": () => lossOf("dpo"),
  "escapes-on-policies": () => lossOf("rows:TF/TF,FT")
}

// P34 is a theorem about every policy: its own test plants a wrong bound. P1 and P3 are about the logic and the landscape alone: no loss can change them. Their own tests plant a wrong triple and
// a wrong count. The reference's form and rho's range are questions: every loss has an answer.
const ids = properties
  .map(({ id }) => id)
  .filter((id) => !["P1", "P3", "P34", "reference-form", "margin-range"].includes(id))

describe("every property can fail", () => {
  it.each(ids)("%s", (id) => {
    const make = broken[id]
    expect(make, `no loss that refutes ${id}`).toBeDefined()
    const result = examineProperty(make!(), propertyOf(id), { seed: 3 })
    expect(result.verdict, result.reason).toBe("refuted")
    expect(result.counterexample?.text).toMatch(/\S/)
  })
})

describe("what is planted is caught within the default budget, on three arms at most", () => {
  const plants = [
    ["a sign error", "expr:softplus(0.1*((lw-rw)-(ll-rl)))", ["P8", "P9", "P10"]],
    ["a swapped pair", "expr:softplus(-0.1*((ll-rl)-(lw-rw)))", ["P8", "P9", "P10"]],
    ["a dropped reference", "expr:softplus(-0.1*(lw-ll))", ["P18"]]
  ] as const
  it.each(plants)("%s in an expression for DPO", (_, spec, names) => {
    for (const name of names) {
      expect(["proved", "held"]).toContain(resultOf(lossOf("dpo"), name).verdict)
      const result = resultOf(lossOf(spec), name)
      expect(result.verdict, name).toBe("refuted")
      expect(result.counterexample!.arms.length, name).toBeLessThanOrEqual(3)
    }
  })

  const mutations = [
    ["wrong sign", wrongSign, ["P5", "P8", "P9", "P10", "P18"]],
    ["swapped pair", swappedPair, ["P5", "P8", "P9", "P10", "P18"]],
    ["dropped reference", droppedReference, ["P5", "P18"]]
  ] as const
  it.each(mutations)("%s in DPO's program, though its structure is right", (_, mutate, names) => {
    for (const name of names) {
      const result = resultOf(mutate(lossOf("dpo")), name)
      expect(result.verdict, name).toBe("refuted")
      expect(result.counterexample!.arms.length, name).toBeLessThanOrEqual(3)
    }
  })

  it("and no exact decision speaks for such a program", () => {
    for (const name of ["P8", "P9", "P6", "P15"]) {
      expect(resultOf(wrongSign(lossOf("cpo_core")), name).verdict).not.toBe("proved")
    }
  })
})
