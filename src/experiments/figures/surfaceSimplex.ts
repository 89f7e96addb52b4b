/** @file Figure: every loss over all policies of the first three-armed world, large. */
import { drawnWorlds, simplexFigure } from "./drawing/simplexFigure.ts"

export const surfaceSimplexFigure = simplexFigure(
  "surface-simplex",
  "Losses over all policies of a three-armed world",
  (records) => drawnWorlds(records).slice(0, 1),
  4
)
