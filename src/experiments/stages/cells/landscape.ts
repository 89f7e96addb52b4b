/**
 * @file The landscape cells: the sixteen admissible losses with their covers and the exact counts over some propositions; and
 * the relative twins of the sixteen.
 */
import { landscapeCounts } from "../../../landscape/counts.ts"
import { latticeCovers, NAMED } from "../../../logic/lattice.ts"
import { rationalText } from "../../../logic/rational.ts"
import { count } from "../../../logic/rows.ts"
import { latticeTwins, type Publication, twinProperties } from "../../../properties/twins.ts"
import type { Json } from "../../canonical.ts"
import type { LandscapeRow, TwinRow } from "../../figures/records.ts"
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

const publicationText = ({ id, condition, inverse }: Publication): string =>
  `${inverse ? "-" : ""}${id}${condition === "" ? "" : ` (${condition.replace("==", "=")})`}`

const twinRows = (): ReadonlyArray<TwinRow> =>
  latticeTwins().map((twin) => {
    const published = (isTerm: boolean) => [
      ...new Set(twin.published.filter(({ role }) => (role === "term") === isTerm).map(publicationText))
    ]
    const { "vanishing-class": limit } = twin.properties
    return {
      name: twin.name,
      loss: twin.loss,
      absolute: twin.absolute,
      relative: twin.relative,
      published: published(false),
      terms: published(true),
      verdicts: Object.fromEntries(
        twinProperties.map((name) => {
          const { absolute, relative } = twin.properties[name]
          return [name, { absolute: absolute.verdict, relative: relative.verdict }]
        })
      ),
      oneBetaFamily: twin.oneBetaFamily.verdict,
      limit: { absolute: limit.absolute.value!, relative: limit.relative.value!, reference: twin.vanishingReference },
      start: {
        ratio: rationalText(twin.start.ratio),
        aw: rationalText(twin.start.aw),
        al: rationalText(twin.start.al)
      }
    }
  })

/**
 * @param spec `{ propositions, pairs }` or `{ twins: true }`
 * @returns the rows of `records/landscape.jsonl`, or those of `records/twins.jsonl`
 */
export const runCell = (spec: Json): ReadonlyArray<unknown> => {
  if ((spec as { readonly twins?: boolean }).twins === true) return twinRows()
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
