/** @file Figure: every loss around the policy that it trained, along two random directions. */
import { sliceFigure } from "./drawing/sliceFigure.ts"

export const surfaceSlicesFigure = sliceFigure(
  "surface-slices",
  "Slices around trained policies",
  "random",
  6,
  "Each loss around the policy that its own training ended at (the dot), along the same two random directions, normalised: for a table a" +
    " unit is about a nat in every logit and panels are 8 wide; else every response's and context's vector moves by its own length," +
    " and panels are 2 wide."
)
