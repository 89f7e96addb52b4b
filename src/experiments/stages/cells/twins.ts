/** @file The twins cell: the sixteen losses of the lattice beside their relative twins (docs/theory.md §11). */
import { rationalText } from "../../../logic/rational.ts"
import { latticeTwins, type Publication, twinProperties } from "../../../properties/twins.ts"
import type { TwinRow } from "../../figures/records.ts"

const publicationText = ({ id, condition, inverse }: Publication): string =>
  `${inverse ? "-" : ""}${id}${condition === "" ? "" : ` (${condition.replace("==", "=")})`}`

/** The rows of `records/twins.jsonl`, in the lattice's order. */
export const runCell = (): ReadonlyArray<TwinRow> =>
  latticeTwins().map((twin) => {
    // Those that are it at all parameters come first.
    const published = (isTerm: boolean) => {
      const found = twin.published.filter(({ role }) => (role === "term") === isTerm)
      const ordered = [...found].sort((a, b) => Number(a.condition !== "") - Number(b.condition !== ""))
      return [...new Set(ordered.map(publicationText))]
    }
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
