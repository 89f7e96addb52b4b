import * as Result from "effect/Result"
import { parseFormula } from "../../logic/parse.ts"
import { formulaText } from "../../logic/print.ts"
import { equalStructures, type Structure, structureFromTriple, type Triple } from "../../logic/structure.ts"
import { tripleOf } from "../../logic/triple.ts"
import { needsStructure, type Property } from "../property.ts"
import { structureText } from "../rows.ts"
import type { Decision } from "../verdict.ts"

const parts = ["core", "conditioning", "additive"] as const

const reread = (triple: Triple): Triple | string => {
  const read: Partial<Record<(typeof parts)[number], Triple["core"]>> = {}
  for (const part of parts) {
    const text = formulaText(triple[part])
    const parsed = parseFormula(text)
    if (Result.isFailure(parsed)) return `the printed ${part} "${text}" does not parse`
    read[part] = parsed.success
  }
  return read as Triple
}

/** Rows → printed triple → parsed triple → rows, on one structure. @param triple what is printed; default its own triple */
export const roundTrip = (structure: Structure, triple: Triple = tripleOf(structure)): Decision => {
  const back = reread(triple)
  if (typeof back === "string") return { verdict: "refuted", witness: back }
  const again = structureFromTriple(back, structure.propositions)
  const printed = parts.map((part) => `${part} ${formulaText(triple[part])}`).join("; ")
  return equalStructures(structure, again)
    ? { verdict: "proved", certificate: `truth tables compared row by row: ${printed}` }
    : {
        verdict: "refuted",
        witness: `rows ${structureText(structure)} become ${structureText(again)} through ${printed}`
      }
}

/** Exact by evaluation: both directions are finite truth tables. */
export const p1: Property = {
  id: "P1",
  aliases: ["round-trip"],
  title: "Rows and formulas say the same",
  statement:
    "The structure's ticks and crosses survive being written as core, conditioning and additive formulas and read back.",
  quantifiers: "for this loss's structure (for all 256 structures over M(w), M(l) in the test suite), every row",
  source: "docs/experiments.md P1; arXiv 2412.17696",
  appliesTo: needsStructure,
  decide: (subject) => (subject.loss.structure === undefined ? undefined : roundTrip(subject.loss.structure))
}
