/**
 * @file What a figure is: a title, a caption and a picture as *data* (a Vega-Lite or Vega specification, or a graph that
 * Graphviz lays out), computed from the records alone. Drawing to SVG, PDF and PNG is render.ts's business.
 */
import type { Spec as VegaSpec } from "vega"
import type { TopLevelSpec as VegaLiteSpec } from "vega-lite"
import type { GraphSpec } from "./drawing/graph.ts"
import type { RecordName, Records } from "./records.ts"

/** A picture as data. */
export type FigureSpec =
  | { readonly kind: "vega-lite"; readonly spec: VegaLiteSpec }
  | { readonly kind: "vega"; readonly spec: VegaSpec }
  | { readonly kind: "graph"; readonly graph: GraphSpec }

/** One figure of a study; `figures/index.ts` holds the total list. */
export interface Figure {
  /** File name without extension, `figures/<id>.svg`. */
  readonly id: string
  readonly title: string
  /** Record files that the figure reads; it is drawn only when each of them has rows. */
  readonly needs: readonly RecordName[]
  /** Whether these records hold what the figure shows (say, curves over steps); default: always. */
  readonly applies?: (records: Records) => boolean
  /** What is shown, how it was computed, seeds and intervals: plain text, complete sentences. */
  readonly caption: (records: Records) => string
  /** One sentence for readers who cannot see the picture: its main finding or its structure. */
  readonly alt: (records: Records) => string
  readonly draw: (records: Records) => FigureSpec
  /** What the records say that is to be seen here, sentence by sentence, for the report; default: nothing. */
  readonly findings?: (records: Records) => readonly string[]
}

/** Whether a run's records suffice for the figure: every record it needs has rows and its own condition holds. */
export const figureApplies = (figure: Figure, records: Records): boolean =>
  figure.needs.every((name) => records[name].length > 0) && (figure.applies?.(records) ?? true)
