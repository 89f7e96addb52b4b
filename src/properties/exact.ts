/** Exact decisions about a loss's structure, passed on only where they speak for the loss program. */
import type { Certificate } from "../landscape/certificate.ts"
import { aboutWholeAnswers, decideProperty, type ExactPropertyName } from "../landscape/exactProperties.ts"
import { sameAtEveryOddsBeta } from "../landscape/oddsPower.ts"
import { type ExactVerdict, witnessText } from "../landscape/verdict.ts"
import type { LossSubject } from "./subject.ts"
import type { Decision } from "./verdict.ts"

const known = new WeakMap<LossSubject, Map<ExactPropertyName, ExactVerdict>>()

const decided = (subject: LossSubject, name: ExactPropertyName): ExactVerdict => {
  const { structure, weighted, semantics } = subject.loss
  const verdicts = known.get(subject) ?? new Map<ExactPropertyName, ExactVerdict>()
  known.set(subject, verdicts)
  const verdict = verdicts.get(name) ?? decideProperty((structure ?? weighted)!, semantics, name)
  verdicts.set(name, verdict)
  return verdict
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
        witness: witnessSentence(found) + where,
        ...(found.witness === undefined ? {} : { point: found.witness }),
        ...proof
      }
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
  const { structure, weighted, semantics, oddsBeta, lengthNormalised } = subject.loss
  const logic = structure ?? weighted
  if (logic === undefined || !subject.agrees) return undefined
  if (oddsBeta !== 1 && !sameAtEveryOddsBeta(name, semantics, logic)) return undefined
  const where = [
    // The arms of a bandit are answers of one token.
    ...(lengthNormalised && aboutWholeAnswers.has(name) ? ["decided for answers of one token each"] : []),
    ...(oddsBeta === 1 ? [] : ["decided with odds to the power 1, and the verdict is the same at every power"])
  ]
  return asDecision(decided(subject, name), where.map((text) => `; ${text}`).join(""))
}
