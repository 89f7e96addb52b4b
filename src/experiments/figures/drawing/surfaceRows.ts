/**
 * @file The rows of `records/surfaces.jsonl`: landscapes of losses in policy space. Losses in nats, angles in degrees,
 * policies as probabilities.
 */
import type { EndKind } from "../../../surface/attractors.ts"
import type { Metric } from "../../../surface/field.ts"
import type { Measure } from "../../../surface/simplex.ts"
import type { Curve } from "../../../surface/trained.ts"
import type { BehaviourClass, RecordNumber, Records } from "../records.ts"

/** A three-armed world: gold rewards, and policies that panels are marked with. */
export interface SurfaceWorldRow {
  readonly kind: "world"
  readonly world: string
  readonly rewards: readonly number[]
  readonly landmarks: Readonly<Record<string, readonly number[]>>
}

/** One loss over all policies of a world: its values on a triangle, and where the flow from the reference goes. */
export interface SimplexRow {
  readonly kind: "simplex"
  readonly world: string
  readonly loss: string
  readonly class?: BehaviourClass
  /** Divisions a side; values at the centres of the upright triangles, rows from arm a down. */
  readonly grid: number
  readonly values: readonly RecordNumber[]
  readonly paths: Readonly<Record<Metric, readonly (readonly number[])[]>>
  /** Divisions a side of the starts of flows, and the attractor that each leads to. */
  readonly starts: number
  readonly ends: Readonly<Record<Metric, readonly number[]>>
}

/** Where flows of a loss end; `attractor` numbers those of one loss, world and metric, by falling share. */
export interface AttractorRow {
  readonly kind: "attractor"
  readonly world: string
  readonly loss: string
  readonly metric: Metric
  readonly attractor: number
  readonly end: EndKind
  readonly policy: readonly number[]
  readonly vanishing: readonly number[]
  readonly value: RecordNumber
  readonly spread: number
  readonly share: number
}

/** Share of random starts of one seed that end at an attractor; -1: at none of them. */
export interface ShareRow {
  readonly kind: "share"
  readonly world: string
  readonly loss: string
  readonly metric: Metric
  readonly measure: Measure
  readonly seed: number
  readonly attractor: number
  readonly share: number
}

/** Mean angle between the fields of two losses over the policies of one seed. */
export interface AngleRow {
  readonly kind: "angle"
  readonly world: string
  readonly metric: Metric
  readonly measure: Measure
  readonly seed: number
  readonly a: string
  readonly b: string
  readonly degrees: number
  readonly opposed: number
}

/** The surface of a loss where its own training ends. */
export interface SharpnessRow {
  readonly kind: "sharpness"
  readonly study: string
  readonly loss: string
  readonly class?: BehaviourClass
  readonly seed: number
  readonly value: number
  readonly parameters: number
  /** Largest eigenvalues, falling, and the largest residual among them. */
  readonly top: readonly number[]
  readonly residual: number
  readonly smallest: number
  readonly trace: number
  readonly traceError: number
}

/**
 * A loss along a path from the policy trained with `from` to the one trained with `to`; where both are the loss itself, between
 * policies that it trained from two random starts.
 */
export interface PathRow {
  readonly kind: "path"
  readonly study: string
  readonly seed: number
  readonly loss: string
  readonly from: string
  readonly to: string
  readonly curve: Curve
  readonly values: readonly RecordNumber[]
  readonly barrier: RecordNumber
}

/** A loss over a plane of parameters, row by row from the top; `marks` are policies that lie in it. */
export interface SliceRow {
  readonly kind: "slice"
  readonly study: string
  readonly seed: number
  readonly loss: string
  readonly plane: "random" | "through three"
  readonly a: readonly [number, number]
  readonly b: readonly [number, number]
  readonly size: number
  readonly values: readonly RecordNumber[]
  readonly marks: readonly { readonly loss: string; readonly a: number; readonly b: number }[]
}

/** A loss that has no landscape in a world or a study, and why. */
export interface SurfaceRefusalRow {
  readonly kind: "refused"
  readonly place: string
  readonly loss: string
  readonly reason: string
}

export type SurfacesRow =
  | SurfaceWorldRow
  | SimplexRow
  | AttractorRow
  | ShareRow
  | AngleRow
  | SharpnessRow
  | PathRow
  | SliceRow
  | SurfaceRefusalRow

/** The rows of one kind, in their order. */
export const surfaceRows = <K extends SurfacesRow["kind"]>(
  records: Records,
  kind: K
): readonly Extract<SurfacesRow, { readonly kind: K }>[] =>
  records.surfaces.filter((row): row is Extract<SurfacesRow, { readonly kind: K }> => row.kind === kind)
