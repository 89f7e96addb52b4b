/** @file One study of distances: settings with their defaults, and the fields of all losses that can be mapped. */
import * as Result from "effect/Result"
import { compileKernel } from "../loss/kernel.ts"
import type { Loss } from "../loss/loss.ts"
import { pairInputs, runnability } from "../loss/runnable.ts"
import { type DirectionFields, directionFields } from "./directions.ts"
import { displacementShares, type Shares } from "./displacement.ts"
import type { MeasureOptions, PairColumns } from "./measure.ts"

/** A measure, and the arms of the softmax whose steps are compared: the pair and `arms - 2` further ones of equal mass. */
export interface MapSettings extends MeasureOptions {
  readonly arms: number
}

/** What the distances of all published losses are taken over: stable to about a degree, see the `convergence` records. */
export const defaultSettings: MapSettings = { points: 16384, seed: 0, reach: 6, lengths: 8, arms: 8 }

/** A loss with its fields. */
export interface Mapped {
  readonly loss: Loss
  readonly fields: DirectionFields
  readonly shares: Shares
}

const available: ReadonlySet<string> = new Set(pairInputs)

/** Why a loss has no map over one pair's probabilities; the failure is one sentence. */
export const mappability = (loss: Loss): Result.Result<void, string> => runnability(loss, available)

/** A loss's fields on the points, or why there are none, in one sentence. */
export const mapLoss = (loss: Loss, columns: PairColumns, arms: number): Result.Result<Mapped, string> => {
  const able = mappability(loss)
  if (Result.isFailure(able)) return Result.fail(able.failure)
  const kernel = compileKernel(loss.program)
  const fields = directionFields(kernel, columns, arms - 2)
  if ("point" in fields) {
    const { point, dlw, dll } = fields
    return Result.fail(`its gradient is not finite (${dlw}, ${dll}) at ${JSON.stringify(point)}`)
  }
  return Result.succeed({ loss, fields, shares: displacementShares(kernel, columns) })
}
