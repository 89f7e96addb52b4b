/** @file What captions and findings say of the maps' measure and of how far its numbers can be trusted. */
import type { Geometry } from "../../../maps/directions.ts"
import type { Records } from "../records.ts"
import { mapRows } from "./mapsRows.ts"
import { number } from "./notation.ts"

/** The measure, to follow "the mean angle …"; ends the sentence. */
export const measurePhrase = (records: Records): string => {
  const [measure] = mapRows(records, "measure")
  if (measure === undefined) return "over no points."
  const { points, seed, reach, lengths } = measure
  return (
    `over ${points} quasi-random pairs (seed ${seed}): policy and reference independent, each uniform over the pairs of` +
    ` log-probabilities from −${reach} nats to 0 that a policy can have, token counts uniform on 1 to ${lengths}; where just one of two gradients` +
    " vanishes the angle counts as 90°."
  )
}

/** By how much another seed changes distances. */
export const convergencePhrase = (records: Records, geometry: Geometry): string => {
  const [measure] = mapRows(records, "measure")
  const other = mapRows(records, "convergence").find((row) => row.geometry === geometry && row.seed !== measure?.seed)
  if (other === undefined) return ""
  return `Points of another seed change a distance by ${number(other.largest, 2)}° at most and ${number(other.mean, 2)}° on average, which stands for an interval.`
}
