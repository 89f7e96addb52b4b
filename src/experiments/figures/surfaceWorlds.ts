/** @file Figure: the same losses in the other worlds, small. */
import { drawnWorlds, simplexFigure } from "./drawing/simplexFigure.ts"

export const surfaceWorldsFigure = simplexFigure(
  "surface-worlds",
  "The same losses in other worlds",
  (records) => drawnWorlds(records).slice(1),
  6
)
