/** The exactly decidable properties of a structure (docs/theory.md §9, docs/experiments.md §4), one table, each with evidence. */
import { latticeNameOf } from "../logic/lattice.ts"
import { type AnyStructure, isWeighted, type Semantics } from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import {
  closedUnderSwap,
  complementSwapDual,
  complementSwapSelfDual,
  levelInvariant,
  referenceInvariant,
  swapAntisymmetric
} from "./identity.ts"
import {
  boundedBelow,
  hasRho,
  infimumAttained,
  marginRange,
  policyEscape,
  unboundedMargin,
  vanishingClass
} from "./limits.ts"
import { preferenceMonotone, strictlyMonotone } from "./monotone.ts"
import { type OddsCounts, oddsCounts, oddsVariables } from "./odds.ts"
import { referenceForm, referenceFree } from "./referenceForm.ts"
import { chosenLed, chosenSafe, rejectedSafe } from "./safety.ts"
import type { ExactVerdict } from "./verdict.ts"

/** What a decision may look at: the structure, how its literals weigh, its counts over variables closed under the swap. */
export interface PropertyCase {
  readonly structure: AnyStructure
  readonly semantics: Semantics
  readonly counts: OddsCounts
}

/** One property: what it says, the experiment number it has where it has one, how it is decided. */
export interface ExactProperty {
  readonly statement: string
  readonly number?: string
  readonly decide: (subject: PropertyCase) => ExactVerdict
}

const selfDual = ({ structure, counts, semantics }: PropertyCase): ExactVerdict => {
  const dual = complementSwapDual(structure)
  if (dual === undefined) {
    return { verdict: "not-applicable", explanation: "the propositions are not closed under exchanging w and l" }
  }
  const value = isWeighted(dual) ? "a weighted structure" : (latticeNameOf(dual) ?? structureSpec(dual))
  const found = complementSwapSelfDual(counts, oddsCounts(dual, counts.variables), semantics)
  return found.verdict === "proved"
    ? { ...found, value, explanation: "rho(p_w, p_l) = rho(1 - p_l, 1 - p_w)" }
    : { ...found, value, explanation: `the complement-swap dual is another loss, ${value}` }
}

/** All exact properties by name, in the order in which tables list them. */
export const exactPropertyTable = {
  "preference-monotone": {
    number: "P8",
    statement: "rho never falls as p_w rises and never rises as p_l rises, all else fixed",
    decide: ({ counts, semantics }) => preferenceMonotone(counts, semantics)
  },
  "strictly-monotone": {
    statement: "preference-monotone, and neither derivative is zero identically",
    decide: ({ counts, semantics }) => strictlyMonotone(counts, semantics)
  },
  "swap-antisymmetric": {
    number: "P6",
    statement: "exchanging chosen and rejected turns rho into -rho",
    decide: ({ counts, semantics }) => swapAntisymmetric(counts, semantics)
  },
  "complement-swap-self-dual": {
    number: "P7",
    statement: "rho(p_w, p_l) = rho(1 - p_l, 1 - p_w)",
    decide: selfDual
  },
  "chosen-safe": {
    number: "P9",
    statement: "no gradient step on a tabular softmax pushes log p_w down",
    decide: ({ counts, semantics }) => chosenSafe(counts, semantics)
  },
  "rejected-safe": {
    number: "P10",
    statement: "no gradient step on a tabular softmax pushes log p_l up",
    decide: ({ counts, semantics }) => rejectedSafe(counts, semantics)
  },
  "chosen-led": {
    number: "P11",
    statement: "|d rho/d log p_l| <= 2 d rho/d log p_w at every policy (enough for chosen-safe where rho is monotone)",
    decide: ({ counts, semantics }) => chosenLed(counts, semantics)
  },
  "level-invariant": {
    number: "P15",
    statement: "rho is unchanged when all policy probabilities are multiplied by one factor",
    decide: ({ counts, semantics }) => levelInvariant(counts, semantics)
  },
  "reference-invariant": {
    number: "P27",
    statement: "rho is unchanged when all reference probabilities are multiplied by one factor",
    decide: ({ counts, semantics }) => referenceInvariant(counts, semantics)
  },
  "reference-free": {
    statement: "rho does not depend on a reference model",
    decide: ({ counts, semantics }) => referenceFree(counts, semantics)
  },
  "vanishing-class": {
    number: "P13",
    statement: "what rho tends to as the policy's probabilities vanish at fixed ratios",
    decide: ({ structure, semantics }) => vanishingClass(structure, semantics)
  },
  "reference-form": {
    statement: "how a reference enters rho: none, added (minus log r_w/r_l), relative (p/r alone), or mixed",
    decide: ({ counts, semantics }) => referenceForm(counts, semantics)
  },
  "margin-range": {
    statement: "the least upper and the greatest lower bound of rho",
    decide: ({ counts }) => marginRange(counts)
  },
  "unbounded-margin": {
    statement: "rho has no upper bound, so a decreasing link's infimum is not attained",
    decide: ({ counts }) => unboundedMargin(counts)
  },
  "bounded-below": {
    statement: "the loss has a lower bound",
    decide: ({ counts }) => boundedBelow(counts)
  },
  "infimum-attained": {
    statement: "some weighting attains the infimum of every decreasing link",
    decide: ({ counts }) => infimumAttained(counts)
  },
  "escapes-on-policies": {
    number: "P14",
    statement: "rho grows without bound on the way to a face of the policies' simplex, the reference fixed",
    decide: ({ counts, semantics }) => policyEscape(counts, semantics)
  }
} as const satisfies Record<string, ExactProperty>

/** Name of an exactly decidable property. */
export type ExactPropertyName = keyof typeof exactPropertyTable

/** The names, in the order of the table. */
export const exactPropertyNames = Object.keys(exactPropertyTable) as ReadonlyArray<ExactPropertyName>

/**
 * The properties whose verdict speaks of the policy's probabilities of whole answers: per-token means do not move as a softmax
 * over answers does, so for them it holds where every answer is one token, and says nothing of longer ones.
 */
export const aboutWholeAnswers: ReadonlySet<ExactPropertyName> = new Set<ExactPropertyName>([
  "chosen-safe",
  "rejected-safe",
  "chosen-led",
  "level-invariant"
])

const caseOf = (structure: AnyStructure, semantics: Semantics): PropertyCase => {
  const variables = closedUnderSwap([...new Set(["p_w", "p_l", ...oddsVariables(structure.propositions)])])
  return { structure, semantics, counts: oddsCounts(structure, variables) }
}

const noRho: ExactVerdict = { verdict: "not-applicable", explanation: "a degenerate structure has no rho" }

/**
 * The verdict on one property of a structure.
 * @returns `not-applicable` for a degenerate structure, which has no rho
 */
export const decideProperty = (structure: AnyStructure, semantics: Semantics, name: ExactPropertyName): ExactVerdict =>
  hasRho(structure) ? exactPropertyTable[name].decide(caseOf(structure, semantics)) : noRho

/** The verdicts on all exact properties of a structure read with the given semantics, decided at first use. */
export const exactProperties = (
  structure: AnyStructure,
  semantics: Semantics = "absolute"
): Readonly<Record<ExactPropertyName, ExactVerdict>> => {
  const verdicts = {} as Record<ExactPropertyName, ExactVerdict>
  // Decisions share what they derive from one and the same counts.
  const subject = hasRho(structure) ? caseOf(structure, semantics) : undefined
  for (const name of exactPropertyNames) {
    let known: ExactVerdict | undefined
    Object.defineProperty(verdicts, name, {
      enumerable: true,
      get: () => (known ??= subject === undefined ? noRho : exactPropertyTable[name].decide(subject))
    })
  }
  return verdicts
}

/** The properties whose decision takes seconds and more memory than there is where many probabilities occur. */
export const heavyProperties: ReadonlySet<ExactPropertyName> = new Set<ExactPropertyName>([
  "chosen-safe",
  "rejected-safe",
  "chosen-led"
])

/** The largest number of propositions over which searches decide {@link heavyProperties}. */
export const mostForHeavy = 4

/** Questions with an answer, and facts of every loss: what a query cannot ask to hold or to fail. */
const unaskable: ReadonlyArray<ExactPropertyName> = [
  "vanishing-class",
  "reference-form",
  "margin-range",
  "bounded-below"
]

/** The properties whose verdict is a plain yes or no for a structure: what a query can require or forbid. */
export const requirableProperties = exactPropertyNames.filter((name) => !unaskable.includes(name))
