import { type LandscapeCounts, landscapeCounts } from "../../landscape/counts.ts"
import { pairPropositions } from "../../logic/structure.ts"
import { needsStructure, type Property } from "../property.ts"

/** The published and derived counts for two propositions. */
const expected = {
  structures: 256,
  nonDegenerate: 225,
  distinctLosses: 187,
  zeroClassSize: 15,
  monotone: 41,
  admissible: 16,
  admissibleCovers: 32
} as const satisfies Partial<Record<keyof LandscapeCounts, number>>

/** Which counts differ from those expected, in words; undefined when none does. */
export const countsFault = (counts: LandscapeCounts): string | undefined => {
  const names = Object.keys(expected) as ReadonlyArray<keyof typeof expected>
  const wrong = names.filter((name) => counts[name] !== expected[name])
  return wrong.length === 0
    ? undefined
    : wrong.map((name) => `${name} is ${counts[name]}, not ${expected[name]}`).join("; ")
}

let counted: LandscapeCounts | undefined

/** Counted once: the landscape does not depend on the loss. */
export const p3: Property = {
  id: "P3",
  aliases: ["landscape-counts"],
  title: "The landscape has the counts that are claimed for it",
  statement:
    "The landscape of M(w) and M(l), which this loss belongs to, has 256 structures, 225 of them non-degenerate, 187 distinct losses, 41 of them monotone, 15 structures with rho = 0, 16 admissible ones with 32 covers.",
  quantifiers: "for all 256 structures over M(w), M(l)",
  source: "docs/experiments.md P3, 1.2 (7)",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    if (structure !== true) return structure
    return subject.loss.structure!.propositions.join() === pairPropositions.join()
      ? true
      : "the counts are those of structures over exactly M(w) and M(l)"
  },
  decide: () => {
    const wrong = countsFault((counted ??= landscapeCounts(pairPropositions)))
    return wrong === undefined
      ? { verdict: "proved", certificate: "all structures listed, classes of equal rho by exact polynomial equality" }
      : { verdict: "refuted", witness: wrong }
  }
}
