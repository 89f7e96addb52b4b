import { constantPolynomial, equals, fromRows } from "../../logic/polynomial.ts"
import { logProbName, propositionParts } from "../../logic/proposition.ts"
import { allRows } from "../../logic/rows.ts"
import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, needsStructure, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

/** Σ over all rows of the product of literal weights: (p, 1 - p) in the absolute reading, (p, r) in the relative one. */
const totalWeight = (subject: LossSubject, pair: PairCase): number => {
  const { structure, semantics } = subject.loss
  const point = pointOf(pair)
  let sum = 0
  for (let row = 0; row < 2 ** structure!.propositions.length; row++) {
    sum += structure!.propositions.reduce((product, proposition, k) => {
      const p = Math.exp(point[logProbName(proposition)]!)
      const other = semantics === "relative" ? Math.exp(point[`r${propositionParts(proposition).response}`]!) : 1 - p
      return product * ((row >> k) & 1 ? p : other)
    }, 1)
  }
  return sum
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => equalWithin(totalWeight(subject, pair), 1, identityTolerance),
  describe: (subject, pair) => ({
    arms: armRows(pair),
    facts: { "sum over all rows": totalWeight(subject, pair) },
    explanation:
      `The rows weigh ${numberText(totalWeight(subject, pair))} in total, not 1: in the relative reading a proposition weighs (p, r), and a ` +
      `policy's and a reference's probability need not sum to 1. Only the odds p / r enter rho, so nothing is lost.`
  })
}

/** Propositions weigh as if independent although two answers of one policy are not: p_w + p_l ≤ 1, and yet TT has weight. */
export const p38: Property = {
  id: "P38",
  aliases: ["rows-are-a-distribution"],
  title: "The rows form a probability distribution",
  statement: "The weights of all rows sum to 1, whatever the probabilities, as if the propositions were independent.",
  quantifiers: "for all probabilities of the propositions",
  source: "docs/experiments.md P38",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    return structure === true ? needsPair(subject) : structure
  },
  decide: (subject) => {
    const { structure, semantics } = subject.loss
    if (structure === undefined || semantics === "relative") return undefined
    const sum = fromRows(allRows(structure.propositions.length), structure.propositions)
    return equals(sum, constantPolynomial(1))
      ? { verdict: "proved", certificate: "the polynomial Σ_rows Π (p or 1 - p) is the constant 1" }
      : { verdict: "refuted", witness: "the polynomial Σ_rows Π (p or 1 - p) is not the constant 1" }
  },
  check
}
