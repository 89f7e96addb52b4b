/** @file A worker's share of a search: verdicts on the exact properties of some structures. */
import type { Json } from "../../experiments/canonical.ts"
import { decideProperty, type ExactPropertyName } from "../../landscape/exactProperties.ts"
import { fromCode } from "../../logic/order.ts"
import type { Semantics } from "../../logic/structure.ts"

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
const verdictsOn = (code: string, { propositions, semantics, require, properties, proved }: VerdictSpec): Verdict => {
  const structure = fromCode(BigInt(code), propositions)
  const found: Record<string, string> = Object.fromEntries(proved.map((name) => [name, "proved"]))
  const values: Record<string, string> = {}
  let isUndecided = false
  for (const name of [...require, ...properties]) {
    if (name in found) continue
    const { verdict, value } = decideProperty(structure, semantics, name)
    found[name] = verdict
    if (value !== undefined) values[name] = value
    if (!require.includes(name) || verdict === "proved") continue
    if (verdict !== "undecided") return "refuted"
    isUndecided = true
  }
  if (isUndecided) return "undecided"
  const inOrder = properties.map((name) => [name, found[name]!] as const)
  return { properties: Object.fromEntries(inOrder), values }
}

/** The verdicts of a spec, in the order of its codes. */
export const decideAll = (spec: VerdictSpec): ReadonlyArray<Verdict> => spec.codes.map((code) => verdictsOn(code, spec))

/** @param spec a {@link VerdictSpec} */
export const runCell = (spec: Json): ReadonlyArray<Verdict> => decideAll(spec as unknown as VerdictSpec)
