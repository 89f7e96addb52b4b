import { exactDecision } from "../exact.ts"
import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsRatio, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

const swapped = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> => [list[1]!, list[0]!, ...list.slice(2)]

const bothWays = (subject: LossSubject, pair: PairCase): { readonly rho: number; readonly back: number } => {
  const other: PairCase = {
    policy: swapped(pair.policy),
    ...(pair.reference === undefined ? {} : { reference: swapped(pair.reference) })
  }
  return { rho: subject.ratio!(pointOf(pair)).rho, back: subject.ratio!(pointOf(other)).rho }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const { rho, back } = bothWays(subject, pair)
    return equalWithin(rho, -back, identityTolerance * (1 + Math.abs(rho)))
  },
  describe: (subject, pair) => {
    const { rho, back } = bothWays(subject, pair)
    const sigma = (x: number): number => 1 / (1 + Math.exp(-x))
    return {
      arms: armRows(pair),
      facts: { "rho(w, l)": rho, "rho(l, w)": back },
      explanation:
        `With w preferred rho is ${numberText(rho)}, with l preferred it is ${numberText(back)} and not ${numberText(-rho)}. Read as a ` +
        `probability that w beats l, sigma(rho) = ${numberText(sigma(rho))} and the reverse ${numberText(sigma(back))} do not sum to 1.`
    }
  }
}

/** Exact: the swapped structure's ratio times the structure's is the constant 1. */
export const p6: Property = {
  id: "P6",
  aliases: ["swap-antisymmetric"],
  title: "Swapping the pair flips the sign",
  statement:
    "Exchanging chosen and rejected turns rho into -rho, so that sigma(rho) is a coherent preference probability.",
  quantifiers: "for all probabilities of all propositions, reference and copies swapped too",
  source: "docs/experiments.md P6; docs/theory.md §9",
  appliesTo: (subject) =>
    subject.loss.structure === undefined || subject.agrees
      ? needsRatio(subject)
      : "the program does not compute the loss of its structure, so its rho is unknown",
  decide: (subject) => exactDecision(subject, "swap-antisymmetric"),
  check
}
