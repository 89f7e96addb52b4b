/** Exact decisions about a loss's structure, passed on only where they speak for the loss program. */
import type { Certificate } from "../landscape/certificate.ts"
import { aboutWholeAnswers, type ExactPropertyName } from "../landscape/exactProperties.ts"
import { closedUnderSwap } from "../landscape/identity.ts"
import { hasRho } from "../landscape/limits.ts"
import { type OddsCounts, oddsCounts, oddsVariables } from "../landscape/odds.ts"
import { decideAtOddsBeta } from "../landscape/oddsPower.ts"
import { type ExactVerdict, witnessText } from "../landscape/verdict.ts"
import type { LossSubject } from "./subject.ts"
import type { Decision } from "./verdict.ts"

const known = new WeakMap<LossSubject, Map<ExactPropertyName, ExactVerdict | undefined>>()

const decided = (subject: LossSubject, name: ExactPropertyName): ExactVerdict | undefined => {
  const { structure, weighted, semantics, oddsBeta } = subject.loss
  const verdicts = known.get(subject) ?? new Map<ExactPropertyName, ExactVerdict | undefined>()
  known.set(subject, verdicts)
  if (!verdicts.has(name)) verdicts.set(name, decideAtOddsBeta((structure ?? weighted)!, semantics, name, oddsBeta))
  return verdicts.get(name)
}

/**
 * The counts of the loss's rho over probabilities closed under exchanging w and l; undefined where an exact decision at odds to
 * the power 1 would not speak for the loss program.
 */
export const countsOf = ({ loss, agrees }: LossSubject): OddsCounts | undefined => {
  const structure = loss.structure ?? loss.weighted
  if (structure === undefined || !agrees || loss.oddsBeta !== 1 || !hasRho(structure)) return undefined
  return oddsCounts(structure, closedUnderSwap([...new Set(["p_w", "p_l", ...oddsVariables(structure.propositions)])]))
}

/** The explanation, with the exact point where it does not name it already. */
const witnessSentence = ({ explanation, witness }: ExactVerdict): string => {
  if (witness === undefined) return explanation
  const point = witnessText(witness)
  return explanation.includes(point) ? explanation : `${explanation}, at ${point}`
}

const asDecision = (found: ExactVerdict, where: string): Decision | undefined => {
  const proof: { proof?: ReadonlyArray<Certificate> } =
    found.certificate === undefined ? {} : { proof: found.certificate }
  switch (found.verdict) {
    case "proved":
      return { verdict: "proved", certificate: found.explanation + where, ...proof }
    case "refuted":
      return {
        verdict: "refuted",
        witness: witnessSentence(found),
        ...(found.witness === undefined ? {} : { point: found.witness }),
        ...proof
      }
    case "undecided":
      return { verdict: "undecided", reason: found.explanation }
    case "not-applicable":
      return undefined
  }
}

/** An exact verdict on a property outside the table: in words alone, for the checker knows no claims of it. */
export const plainDecision = (found: ExactVerdict): Decision | undefined => {
  switch (found.verdict) {
    case "proved":
      return { verdict: "proved", certificate: found.explanation }
    case "refuted":
      return { verdict: "refuted", witness: found.explanation }
    case "undecided":
      return { verdict: "undecided", reason: found.explanation }
    case "not-applicable":
      return undefined
  }
}

/**
 * The exact verdict of a named property (docs/theory.md §9) on the loss's structure; undefined when the loss has no
 * structure, its program does not compute that structure's loss, or the exact procedure does not cover its odds.
 */
export const exactDecision = (subject: LossSubject, name: ExactPropertyName): Decision | undefined => {
  const { structure, weighted, lengthNormalised } = subject.loss
  if ((structure ?? weighted) === undefined || !subject.agrees) return undefined
  const found = decided(subject, name)
  // The arms of a bandit are answers of one token.
  const where = lengthNormalised && aboutWholeAnswers.has(name) ? "; decided for answers of one token each" : ""
  return found && asDecision(found, where)
}
