/**
 * Systematic names. A loss is named by the nearest of the sixteen and the rows whose marks differ, each with the mark it has
 * now: `cCPO.FF-both` is cCPO with FF on both sides. The name determines the structure; it uses letters, digits, `.`, `-`, `+`.
 */
import {
  distance,
  extendTo,
  hasRow,
  NAMED,
  type Proposition,
  rowCount,
  rowName,
  rowSetOf,
  type Structure,
  withReference
} from "../logic/index.ts"
import { rationalText, zero } from "../logic/rational.ts"
import { type AnyStructure, isWeighted, makeStructure, type WeightedStructure } from "../logic/structure.ts"

/** What a row is to a structure. */
export type Mark = "tick" | "cross" | "both" | "none"

/** The mark of a row. */
export const markOf = ({ ticks, crosses }: Structure, row: number): Mark =>
  hasRow(ticks, row) ? (hasRow(crosses, row) ? "both" : "tick") : hasRow(crosses, row) ? "cross" : "none"

/** One of the sixteen over some propositions, with its name there. */
export interface Landmark {
  readonly name: string
  readonly id: string
  readonly structure: Structure
}

const landmarksOver = new Map<string, ReadonlyArray<Landmark>>()

/** The sixteen over the propositions, and those with a reference model (`+ref`) where both its propositions are declared. */
export const landmarks = (propositions: ReadonlyArray<Proposition>): ReadonlyArray<Landmark> => {
  const known = landmarksOver.get(propositions.join())
  if (known !== undefined) return known
  const plain = NAMED.map(({ name, id, structure }) => ({ name, id, structure: extendTo(structure, propositions) }))
  const referred =
    propositions.includes("Ref(w)") && propositions.includes("Ref(l)")
      ? NAMED.map(({ name, id, structure }) => ({
          name: `${name}+ref`,
          id: `${id}?reference=true`,
          structure: extendTo(withReference(structure), propositions)
        }))
      : []
  const all = [...plain, ...referred]
  landmarksOver.set(propositions.join(), all)
  return all
}

/** The landmark with the fewest different row marks (the first published among equals) and those rows with their marks. */
export const nearestLandmark = (
  structure: Structure
): {
  readonly landmark: Landmark
  readonly distance: number
  readonly changes: ReadonlyArray<{ readonly row: number; readonly mark: Mark }>
} => {
  const n = structure.propositions.length
  const near = landmarks(structure.propositions)
    .map((landmark) => ({ landmark, distance: distance(landmark.structure, structure) }))
    .reduce((best, next) => (next.distance < best.distance ? next : best))
  const changes = Array.from({ length: rowCount(n) }, (_, row) => ({ row, mark: markOf(structure, row) })).filter(
    ({ row, mark }) => mark !== markOf(near.landmark.structure, row)
  )
  return { ...near, changes }
}

/** `.TF-w2-1` for each row with a weight other than 1: that of its tick, and that of its cross (0 where it has none). */
const weightParts = (structure: AnyStructure): ReadonlyArray<string> => {
  if (!isWeighted(structure)) return []
  const n = structure.propositions.length
  const weight = (side: WeightedStructure["ticks"], row: number): string => rationalText(side.get(row) ?? zero)
  return Array.from({ length: rowCount(n) }, (_, row) => row).flatMap((row) => {
    const weights = [weight(structure.ticks, row), weight(structure.crosses, row)]
    return weights.every((text) => text === "0" || text === "1") ? [] : [`.${rowName(row, n)}-w${weights.join("-")}`]
  })
}

/** The systematic name; `+ref` and `+rel` say that a reference is added afterwards, or that the reading is relative. */
export const systematicName = (
  structure: AnyStructure,
  { reference, relative }: { readonly reference: boolean; readonly relative: boolean }
): string => {
  const support = isWeighted(structure)
    ? makeStructure(structure.propositions, rowSetOf(structure.ticks.keys()), rowSetOf(structure.crosses.keys()))
    : structure
  const n = support.propositions.length
  const { landmark, changes } = nearestLandmark(support)
  const parts = [...changes.map(({ row, mark }) => `.${rowName(row, n)}-${mark}`), ...weightParts(structure)]
  return `${landmark.name}${parts.join("")}${reference ? "+ref" : ""}${relative ? "+rel" : ""}`
}
