/**
 * @file The rows of `records/maps.jsonl` (which losses were mapped, how far they are from one another, and what was made of
 * that), and what figures and findings read from them. Angles in degrees; `group` numbers the groups of losses with the
 * same field, in the order of their first members; clusters and embeddings are of groups, each counted once.
 */
import type { Geometry } from "../../../maps/directions.ts"
import type { Shares } from "../../../maps/displacement.ts"
import type { MapSettings } from "../../../maps/mapped.ts"
import type { BehaviourClass, Records } from "../records.ts"

/** The measure, as configured. */
export interface MapMeasureRow extends MapSettings {
  readonly kind: "measure"
}

/** A loss that has a map. `class`: of structures over M(w), M(l). `displacement`: shares of the measure's policies. */
export interface MapLossRow {
  readonly kind: "loss"
  readonly loss: string
  readonly group: number
  readonly level: string
  readonly class?: BehaviourClass
  readonly reference: boolean
  readonly lengthNormalised: boolean
  readonly displacement: Shares
}

/** A loss that has none, and why. */
export interface MapRefusalRow {
  readonly kind: "refused"
  readonly loss: string
  readonly reason: string
}

/** Distance of two losses in each geometry. */
export interface MapDistanceRow extends Readonly<Record<Geometry, number>> {
  readonly kind: "distance"
  readonly a: string
  readonly b: string
}

/** One merge of the average linkage: clusters are groups, then merges as they come. */
export interface MapMergeRow {
  readonly kind: "merge"
  readonly geometry: Geometry
  readonly left: number
  readonly right: number
  readonly height: number
  readonly size: number
}

/** A group's place in the plane of classical scaling. */
export interface MapPlaceRow {
  readonly kind: "place"
  readonly geometry: Geometry
  readonly group: number
  readonly x: number
  readonly y: number
}

/** How well the plane shows the distances (see maps/scaling.ts). */
export interface MapScalingRow {
  readonly kind: "scaling"
  readonly geometry: Geometry
  readonly explained: number
  readonly stress: number
}

/** By how much distances change when taken over other points: half of them, or those of the next seed. */
export interface MapConvergenceRow {
  readonly kind: "convergence"
  readonly geometry: Geometry
  readonly points: number
  readonly seed: number
  readonly largest: number
  readonly mean: number
}

export type MapsRow =
  | MapMeasureRow
  | MapLossRow
  | MapRefusalRow
  | MapDistanceRow
  | MapMergeRow
  | MapPlaceRow
  | MapScalingRow
  | MapConvergenceRow

/** The rows of one kind, in their order. */
export const mapRows = <K extends MapsRow["kind"]>(records: Records, kind: K): ReadonlyArray<MapsRow & { kind: K }> =>
  records.maps.filter((row): row is MapsRow & { kind: K } => row.kind === kind)

/** Losses with the same field. */
export interface MapGroup {
  readonly losses: ReadonlyArray<string>
  readonly rows: ReadonlyArray<MapLossRow>
  /** The behaviour class of those members that have one. */
  readonly class?: BehaviourClass
  readonly reference: "none" | "some" | "all"
}

/** The groups in their order. */
export const mapGroups = (records: Records): ReadonlyArray<MapGroup> => {
  const rows = mapRows(records, "loss")
  const count = 1 + Math.max(-1, ...rows.map(({ group }) => group))
  return Array.from({ length: count }, (_, group) => {
    const own = rows.filter((row) => row.group === group)
    const withReference = own.filter(({ reference }) => reference).length
    const behaviour = own.find((row) => row.class !== undefined)?.class
    return {
      losses: own.map(({ loss }) => loss),
      rows: own,
      ...(behaviour === undefined ? {} : { class: behaviour }),
      reference: withReference === 0 ? "none" : withReference === own.length ? "all" : "some"
    }
  })
}

/** Distances between groups in one geometry, degrees: `of(i, j)`. */
export const groupDistances = (records: Records, geometry: Geometry): ((i: number, j: number) => number) => {
  const groups = mapGroups(records)
  const known = new Map(mapRows(records, "distance").map((row) => [`${row.a}\n${row.b}`, row[geometry]]))
  return (i, j) => {
    const [a, b] = [groups[i]?.losses[0] ?? "", groups[j]?.losses[0] ?? ""]
    return i === j ? 0 : (known.get(`${a}\n${b}`) ?? known.get(`${b}\n${a}`) ?? Number.NaN)
  }
}
