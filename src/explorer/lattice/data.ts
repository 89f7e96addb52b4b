/**
 * The lattices that the page draws: losses over M(w), M(l) in the dominance order, with what is proved of each. They are
 * computed when the page is built (scripts/explorer/lattices.ts), from derive/order.ts and the exact properties.
 */
import type { ExactPropertyName } from "../../landscape/exactProperties.ts"

/** Which losses: the sixteen admissible ones, all preference-monotone ones, all. */
export const latticeSets = ["sixteen", "monotone", "all"] as const
export type LatticeSet = (typeof latticeSets)[number]

/** A loss of a lattice. Lists of rows go by row index, names as in docs/contract.md. */
export interface LatticeNode {
  readonly name: string
  /** LOSS text of the structure that stands for it. */
  readonly loss: string
  /** Ids and aliases of published losses with the same rho. */
  readonly published: ReadonlyArray<string>
  readonly ticks: ReadonlyArray<string>
  readonly crosses: ReadonlyArray<string>
  /** What shares its value iff rho is the same (derive/published.ts, `lossKey`). */
  readonly key: string
  /** What it does with row FF (docs/theory.md §9). */
  readonly vanishing: string
  /** Losses of a longest chain that ends here. */
  readonly level: number
  /** The triple as text. */
  readonly core: string
  readonly given: string
  readonly both: string
  /** `p` proved, `r` refuted, `-` neither: one letter per name of `LatticeDrawing.properties`. */
  readonly verdicts: string
  /** Centre, in units of the drawing; y grows downwards. */
  readonly x: number
  readonly y: number
}

/** A cover: `from` is the more constrained loss, drawn below `to`. */
export interface LatticeEdge {
  readonly from: number
  readonly to: number
  /** Whether some structures of the two entail one another; else the cover is by dominance alone. */
  readonly entailment: boolean
}

/** A lattice as it is drawn. */
export interface LatticeDrawing {
  readonly width: number
  readonly height: number
  readonly properties: ReadonlyArray<ExactPropertyName>
  readonly nodes: ReadonlyArray<LatticeNode>
  readonly edges: ReadonlyArray<LatticeEdge>
}

/** Size of a node, in units of the drawing. */
export const nodeSize = { width: 118, height: 62 } as const
