/** @file The landscape cell: the sixteen admissible losses with their covers, and the exact counts over some propositions. */
import { landscapeCounts } from "../../../landscape/counts.ts"
import { vanishingClass } from "../../../landscape/limits.ts"
import { latticeCovers, NAMED } from "../../../logic/lattice.ts"
import { count } from "../../../logic/rows.ts"
import { getCatalogueEntry } from "../../../loss/catalogue/index.ts"
import type { Json } from "../../canonical.ts"
import type { LandscapeNodeRow, LandscapeRow } from "../../figures/records.ts"
import { behaviourClass, logicFacts } from "../lossFacts.ts"

const absolute = { semantics: "absolute", lengthNormalised: false } as const

/** Rows by which a structure is weaker than the strongest one, CEUnl (tick TF alone, everything else a cross). */
const depthOf = (ticks: bigint, crosses: bigint): number => count(ticks) - 1 + (3 - count(crosses))

/** What the survey says of the structure, and of the published loss that it is the core of. */
const published = (id: string, known: boolean): Pick<LandscapeNodeRow, "title" | "arxiv" | "original"> => {
  const entry = getCatalogueEntry(id)
  if (entry === undefined) return {}
  const identity = ({ title, arxiv }: typeof entry) => ({ title, ...(arxiv === null ? {} : { arxiv }) })
  const first = known ? getCatalogueEntry(entry.variants[0] ?? "") : undefined
  return { ...identity(entry), ...(first === undefined ? {} : { original: { id: first.id, ...identity(first) } }) }
}

const nodes = (): ReadonlyArray<LandscapeRow> =>
  NAMED.map(({ name, id, known, structure }) => {
    const { propositions: _always, ...facts } = logicFacts(structure, absolute)
    return {
      kind: "node",
      name,
      id,
      ...facts,
      known,
      ...published(id, known),
      depth: depthOf(structure.ticks, structure.crosses),
      class: behaviourClass(structure)!,
      vanishingLimit: vanishingClass(structure, "absolute").value!
    }
  })

/** @param spec `{ propositions, pairs }` @returns the rows of `records/landscape.jsonl` */
export const runCell = (spec: Json): ReadonlyArray<unknown> => {
  const { propositions, pairs } = spec as unknown as {
    readonly propositions: ReadonlyArray<string>
    readonly pairs: boolean
  }
  return [
    ...nodes(),
    ...latticeCovers().map(({ from, to }) => ({ kind: "edge", from: from.id, to: to.id })),
    { kind: "counts", ...landscapeCounts(propositions, { pairs }) }
  ]
}
