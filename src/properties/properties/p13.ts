import { rowsOf } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"
import { exactDecision } from "../exact.ts"
import { needsStructure, type Property } from "../property.ts"

const policyParts = ["1", "p_w", "p_l", "p_w*p_l"]

/**
 * The policy's part of the terms that lead a side as p_w and p_l vanish together: those of the rows with the fewest true
 * propositions among M(w), M(l), each once. Reference propositions only contribute factors.
 */
const leading = (rows: ReadonlyArray<number>): string => {
  const order = (row: number): number => (row & 1) + ((row >> 1) & 1)
  const lowest = Math.min(...rows.map(order))
  const leaders = rows.filter((row) => order(row) === lowest).map((row) => policyParts[row & 3]!)
  return [...new Set(leaders)].sort().join(" + ")
}

const classes: Readonly<Record<string, string>> = {
  "p_w / 1": "log p_w",
  "p_w / p_l": "log p_w/p_l",
  "1 / 1": "0",
  "1 / p_l": "-log p_l"
}

/** The policy's part of the limit ratio, `p_w / p_l` for CPO and DPO. */
export const vanishingLimit = (structure: Structure): string =>
  `${leading(rowsOf(structure.ticks))} / ${leading(rowsOf(structure.crosses))}`

/** The class of docs/experiments.md 1.5 (last column), or undefined when the limit is none of the four. */
export const vanishingClass = (structure: Structure): string | undefined => classes[vanishingLimit(structure)]

const covered = new Set(["M(w)", "M(l)", "Ref(w)", "Ref(l)"])

/** Exact: the leading rows of both sides. */
export const p13: Property = {
  id: "P13",
  aliases: ["vanishing-class"],
  title: "Four behaviours at vanishing probabilities",
  statement:
    "As both probabilities vanish at a fixed ratio, rho behaves as log p_w, log p_w/p_l, 0 or -log p_l, up to terms of the reference.",
  quantifiers:
    "along p_w = c p_l -> 0 for all c > 0, the reference fixed; structures over M(w), M(l) and the reference's propositions",
  source: "docs/experiments.md P13, 1.5",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    if (structure !== true) return structure
    return subject.loss.structure!.propositions.every((proposition) => covered.has(proposition))
      ? true
      : "the four classes are those of structures over M(w), M(l) and the reference's propositions"
  },
  decide: (subject) => {
    const exact = exactDecision(subject, "vanishing-class")
    if (exact?.verdict !== "proved") return exact
    const found = vanishingClass(subject.loss.structure!)
    return found === undefined
      ? { verdict: "refuted", witness: `${exact.certificate}; that is none of log p_w, log p_w/p_l, 0, -log p_l` }
      : { verdict: "proved", certificate: `class ${found}: ${exact.certificate}` }
  }
}
