/** @file A structure read again relatively (docs/theory.md §11): the common ground of losses given in different readings. */
import * as Result from "effect/Result"
import { structureRatio } from "../ratio.ts"
import type { AnyStructure, Structure } from "../structure.ts"
import { type DecompileError, decompileRatio } from "./index.ts"

/**
 * The relative structure with the rho of an absolute one: DPO's four propositions become ORPO's table over two.
 * @returns a failure when its ratio is not homogeneous in each pair (p_x, r_x), as `p_w/p_l` is not
 */
export const relativeTwin = (absolute: Structure): Result.Result<AnyStructure, DecompileError> =>
  Result.map(decompileRatio({ kind: "parts", ...structureRatio(absolute) }, { semantics: "relative" }), (read) =>
    read.kind === "structure" ? read.structure : read.weighted
  )
