/** @file A worker's share of a search: verdicts on the exact properties of some structures. */
import type { Json } from "../../experiments/canonical.ts"
import type { ExactPropertyName } from "../../landscape/exactProperties.ts"
import { type PlainVerdict, type VerdictDecider, verdictDecider } from "../../landscape/search/index.ts"
import { fromCode } from "../../logic/order.ts"
import type { Semantics, Structure } from "../../logic/structure.ts"

/** Structures by code, and what is asked of each: `require` first, whose failure ends it. */
export interface VerdictSpec {
  readonly propositions: ReadonlyArray<string>
  readonly semantics: Semantics
  /** Codes as decimal text: JSON has no integers of 128 bits. */
  readonly codes: ReadonlyArray<string>
  readonly require: ReadonlyArray<ExactPropertyName>
  /** What else is decided of structures that have all that is required. */
  readonly properties: ReadonlyArray<ExactPropertyName>
  /** Required properties that the search has proved already. */
  readonly proved: ReadonlyArray<ExactPropertyName>
}

/** The verdicts on one structure, and the answers of properties that have one (the limit at vanishing probabilities). */
export interface Verdicts {
  readonly properties: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string>>
}

/** What became of one structure: its verdicts, or which answer left it out. */
export type Verdict = Verdicts | "refuted" | "undecided"

/** Verdicts on one structure of the spec. */
const verdictsOn = (
  structure: Structure,
  decider: VerdictDecider,
  { require, properties, proved }: VerdictSpec
): Verdict => {
  const decide = decider(structure)
  const answer = (name: ExactPropertyName): PlainVerdict =>
    proved.includes(name) ? { verdict: "proved" } : decide(name)
  let isUndecided = false
  for (const name of require) {
    const { verdict } = answer(name)
    if (verdict === "undecided") isUndecided = true
    else if (verdict !== "proved") return "refuted"
  }
  if (isUndecided) return "undecided"
  const answers = properties.map((name) => [name, answer(name)] as const)
  return {
    properties: Object.fromEntries(answers.map(([name, { verdict }]) => [name, verdict])),
    values: Object.fromEntries(answers.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])))
  }
}

/** Deciders remember what structures share: a thread keeps the last one, all batches of a search being alike. */
let last: { readonly key: string; readonly decider: VerdictDecider } | undefined

const deciderOf = ({ propositions, semantics }: VerdictSpec): VerdictDecider => {
  const key = `${semantics} ${propositions.join()}`
  if (last?.key !== key) last = { key, decider: verdictDecider(propositions, semantics) }
  return last.decider
}

/** The verdicts of a spec, in the order of its codes. */
export const decideAll = (spec: VerdictSpec): ReadonlyArray<Verdict> => {
  const decider = deciderOf(spec)
  return spec.codes.map((code) => verdictsOn(fromCode(BigInt(code), spec.propositions), decider, spec))
}

/** @param spec a {@link VerdictSpec} */
export const runCell = (spec: Json): ReadonlyArray<Verdict> => decideAll(spec as unknown as VerdictSpec)
