import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, identityTolerance, nonNegative, type Property } from "../property.ts"
import { type LossSubject, linkValue } from "../subject.ts"
import { numberText } from "../table.ts"

const both = (subject: LossSubject, pair: PairCase): { readonly bco: number; readonly dpo: number } => {
  const point = pointOf(pair)
  const gap = point.lw! - point.rw! - (point.ll! - point.rl!)
  return { bco: subject.at(point).loss, dpo: linkValue.logistic(subject.temperature * gap) }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const { bco, dpo } = both(subject, pair)
    return nonNegative(bco - dpo, identityTolerance * (1 + dpo))
  },
  describe: (subject, pair) => {
    const { bco, dpo } = both(subject, pair)
    return {
      arms: armRows(pair),
      facts: { loss: bco, "DPO's loss": dpo, ...pair.inputs },
      explanation: `The loss is ${numberText(bco)}, below DPO's ${numberText(dpo)} at the same beta.`
    }
  }
}

/** -log σ(a - δ) - log σ(δ - b) ≥ -log σ(a - b): σ(x) σ(y) ≤ σ(x + y). */
export const p31: Property = {
  id: "P31",
  aliases: ["bounds-dpo"],
  title: "Binary classification bounds DPO",
  statement: "The loss is at least DPO's at the same beta, whatever the reward shift.",
  quantifiers: "for all policies, references and shifts, one pair",
  source: "docs/experiments.md P31; arXiv 2404.04656",
  appliesTo: ({ loss }) =>
    loss.id === "bco" || loss.id === "bco_pair"
      ? true
      : "the bound is about the binary classifier losses bco and bco_pair",
  check
}
