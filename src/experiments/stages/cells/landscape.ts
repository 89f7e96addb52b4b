/** @file The landscape cell: the sixteen admissible losses with their covers, and the exact counts over some propositions. */
import { landscapeCounts } from "../../../landscape/counts.ts"
import { latticeCovers, NAMED } from "../../../logic/lattice.ts"
import { count } from "../../../logic/rows.ts"
import type { Json } from "../../canonical.ts"
import type { LandscapeRow } from "../../figures/records.ts"
import { behaviourClass, logicFacts } from "../lossFacts.ts"

const absolute = { semantics: "absolute", lengthNormalised: false } as const

/** Rows by which a structure is weaker than the strongest one, CEUnl (tick TF alone, everything else a cross). */
const depthOf = (ticks: bigint, crosses: bigint): number => count(ticks) - 1 + (3 - count(crosses))

const nodes = (): ReadonlyArray<LandscapeRow> =>
  NAMED.map(({ name, id, known, structure }) => {
    const { propositions: _always, ...facts } = logicFacts(structure, absolute)
    return {
      kind: "node",
      name,
      id,
      ...facts,
      known,
      depth: depthOf(structure.ticks, structure.crosses),
      class: behaviourClass(structure)!
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
