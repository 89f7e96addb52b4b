/** @file What the distances between losses say, as sentences: equal fields, unlike neighbours, and losses far from all. */
import { geometries } from "../../maps/directions.ts"
import { rests } from "../../maps/displacement.ts"
import { groupDistances, mapGroups, mapRows } from "../figures/drawing/mapsRows.ts"
import { convergencePhrase } from "../figures/drawing/mapsWords.ts"
import { number } from "../figures/drawing/notation.ts"
import type { Records } from "../figures/records.ts"
import { counted, listed } from "./phrases.ts"

/** How many neighbours and loners are named. */
const named = 5

const equalSentence = (records: Records): readonly string[] => {
  const equal = mapGroups(records).filter(({ losses }) => losses.length > 1)
  if (equal.length === 0) return []
  return [
    `${counted(equal.length, "field is", "fields are")} that of several losses: ${equal.map(({ losses }) => losses.join(" = ")).join("; ")}.`
  ]
}

/** Nearest pairs of groups, and groups by the distance to their nearest, in the first geometry. */
const nearAndFar = (records: Records): readonly string[] => {
  const groups = mapGroups(records)
  if (groups.length < 3) return []
  const [geometry] = geometries
  const distance = groupDistances(records, geometry)
  const name = (i: number) => groups[i]!.losses[0]!
  const pairs = groups.flatMap((_, i) => groups.slice(i + 1).map((_other, k) => [i, i + 1 + k] as const))
  const near = [...pairs].sort((a, b) => distance(...a) - distance(...b)).slice(0, named)
  const nearest = groups.map((_, i) => Math.min(...groups.flatMap((_other, j) => (i === j ? [] : [distance(i, j)]))))
  const far = groups.map((_, i) => i).sort((i, j) => nearest[j]! - nearest[i]!)
  const angle = (degrees: number) => `${number(degrees, degrees < 0.01 ? 5 : degrees < 1 ? 2 : 1)}°`
  return [
    `Nearest to one another are ${listed(near.map(([i, j]) => `${name(i)} and ${name(j)} (${angle(distance(i, j))})`))}.`,
    `Farthest from their nearest neighbour are ${listed(far.slice(0, named).map((i) => `${name(i)} (${angle(nearest[i]!)})`))}.`
  ]
}

const displacementSentence = (records: Records): string => {
  const rows = mapRows(records, "loss")
  const safe = rows.filter(({ displacement }) =>
    rests.every((rest) => displacement[rest].lowersChosen === 0 && displacement[rest].raisesRejected === 0)
  )
  return (
    `On no policy of the measure a step of ${counted(safe.length, "loss", "losses")} moves a response the wrong way` +
    `${safe.length === 0 ? "" : `: ${listed(safe.map(({ loss }) => loss))}`}.`
  )
}

/** Sentences on the maps; none without them. */
export const mapFindings = (records: Records): readonly string[] => {
  const mapped = mapRows(records, "loss").length
  if (mapped === 0) return []
  const refused = mapRows(records, "refused").length
  return [
    `${counted(mapped, "loss", "losses")} with a gradient field over one pair, ${counted(mapGroups(records).length, "different field")}` +
      `${refused === 0 ? "" : `; ${counted(refused, "loss", "losses")} without, for want of more than one pair's probabilities`}.`,
    ...equalSentence(records),
    ...nearAndFar(records),
    displacementSentence(records),
    convergencePhrase(records, geometries[0])
  ]
}
