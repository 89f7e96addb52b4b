/** @file Figure: the plane of three policies, under each of their losses. */
import { sliceFigure } from "./drawing/sliceFigure.ts"

export const surfacePlaneFigure = sliceFigure(
  "surface-plane",
  "The plane of three trained policies",
  "through three",
  3,
  "The plane of parameters through three policies, each trained with another loss; one panel shows one of the three losses on it, its own" +
    " policy in colour."
)
