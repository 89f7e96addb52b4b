import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

const halved = -Math.LN2

/** The loss at a case, and where policy and reference both give one answer, or the other, half of what they did. */
const atHalves = (subject: LossSubject, pair: PairCase) => {
  const point = pointOf(pair)
  return {
    here: subject.at(point).loss,
    chosen: subject.at({ ...point, lw: point.lw! + halved, rw: point.rw! + halved }).loss,
    rejected: subject.at({ ...point, ll: point.ll! + halved, rl: point.rl! + halved }).loss
  }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const { here, chosen, rejected } = atHalves(subject, pair)
    if (![here, chosen, rejected].every(Number.isFinite)) return { outside: "the loss is not finite here" }
    const farther = Math.abs(chosen - here) > Math.abs(rejected - here) ? chosen : rejected
    return equalWithin(farther, here, identityTolerance * (1 + Math.abs(here)))
  },
  describe: (subject, pair) => {
    const { here, chosen, rejected } = atHalves(subject, pair)
    return {
      arms: armRows(pair),
      facts: {
        loss: here,
        "chosen answer halved in both": chosen,
        "rejected answer halved in both": rejected,
        ...pair.inputs
      },
      explanation:
        `When policy and reference both give an answer half the probability, their ratio is what it was, and the loss changes from ` +
        `${numberText(here)} to ${numberText(chosen)} (the chosen answer) and ${numberText(rejected)} (the rejected one): the reference is ` +
        `not what the policy is measured against.`
    }
  }
}

/** What makes the reference a prior: a loss that dropped it, or reads it otherwise, fails. */
export const ratioToReference: Property = {
  id: "ratio-to-reference",
  aliases: [],
  title: "Only ratios to the reference count",
  statement: "The loss depends on policy and reference through the ratio of their probabilities of each answer alone.",
  quantifiers: "for all policies, references and extra inputs; searched at half of one answer's probability in both",
  source: "docs/experiments.md P27",
  appliesTo: needsPair,
  check
}
