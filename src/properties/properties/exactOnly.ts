import { type ExactPropertyName, exactPropertyTable } from "../../landscape/exactProperties.ts"
import { exactDecision } from "../exact.ts"
import { needsRatio, type Property } from "../property.ts"

// Everything else in the table is the exact side of a property with a number or a search of its own.
const names = [
  "complement-swap-self-dual",
  "chosen-led",
  "reference-free",
  "unbounded-margin",
  "reference-form",
  "margin-range",
  "infimum-attained",
  "escapes-on-policies"
] as const satisfies ReadonlyArray<ExactPropertyName>

/** Exactly decidable facts about a structure that have no number and no search: answered when asked for by name. */
export const exactOnly: ReadonlyArray<Property> = names.map((name) => ({
  id: name,
  aliases: [],
  title: name.replaceAll("-", " "),
  statement: exactPropertyTable[name].statement,
  quantifiers: "for all probabilities of the structure's propositions",
  source: "docs/theory.md §9",
  onRequest: true,
  appliesTo: needsRatio,
  decide: (subject) => exactDecision(subject, name)
}))
