/** One sentence about a derived loss, from its truth table. */
import type { Semantics, Structure } from "../logic/index.ts"
import { rowCount } from "../logic/index.ts"
import { type Mark, markOf, nearestLandmark } from "./name.ts"

const effects: Readonly<Record<Mark, string>> = {
  tick: "for the preference",
  cross: "against the preference",
  both: "on both sides",
  none: "on neither side"
}

/** A row in words: over the pair by what happens to the answers, else by the propositions that hold. */
const rowWords = (row: number, propositions: Structure["propositions"], semantics: Semantics): string => {
  if (propositions.length === 2) {
    const verb = semantics === "absolute" ? "accepted" : "preferred to the reference"
    const who = ["neither answer is", "only the chosen answer is", "only the rejected answer is", "both answers are"]
    return `where ${who[row]} ${verb}`
  }
  const holding = propositions.filter((_, k) => ((row >> k) & 1) === 1)
  return holding.length === 0
    ? "where no proposition holds"
    : `where only ${holding.join(", ")} hold${holding.length === 1 ? "s" : ""}`
}

const listed = (parts: ReadonlyArray<string>): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`

/** `the case where A counts against the preference` for each mark that occurs, in the order for, against, both, neither. */
const clauses = (
  marks: ReadonlyArray<{ readonly row: number; readonly mark: Mark }>,
  { propositions }: Structure,
  semantics: Semantics,
  order: ReadonlyArray<Mark>
): ReadonlyArray<string> =>
  order.flatMap((mark) => {
    const rows = marks.filter((one) => one.mark === mark)
    if (rows.length === 0) return []
    const words = listed(rows.map(({ row }) => rowWords(row, propositions, semantics)))
    return [
      `the ${rows.length === 1 ? "case" : "cases"} ${words} ${rows.length === 1 ? "counts" : "count"} ${effects[mark]}`
    ]
  })

/**
 * What the loss asks for, in one sentence. Of one of the sixteen: what its rows count for. Of any other: the nearest of the
 * sixteen and what differs, "Like cCPO, but the case where neither answer is accepted counts against the preference." Rows that count
 * on neither side are left out in the first form and said in the second.
 */
export const sentenceOf = (
  structure: Structure,
  semantics: Semantics,
  { reference, twin }: { readonly reference: boolean; readonly twin?: string | undefined }
): string => {
  const { landmark, changes } = nearestLandmark(structure)
  const every = Array.from({ length: rowCount(structure.propositions.length) }, (_, row) => ({
    row,
    mark: markOf(structure, row)
  }))
  const body =
    changes.length === 0
      ? `${landmark.name}: ${listed(clauses(every, structure, semantics, ["tick", "cross", "both"]))}`
      : `Like ${landmark.name}, but ${listed(clauses(changes, structure, semantics, ["tick", "cross", "both", "none"]))}`
  const ratio = twin === undefined || twin === landmark.name ? "" : `; its ratio equals that of ${twin}`
  const model = reference ? "; a reference model is added, so that only the change against it matters" : ""
  return `${body}${ratio}${model}.`
}
