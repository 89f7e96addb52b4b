/**
 * @file Losses as figures draw them: the plain semantic loss of a structure (logistic link, β = 1, no margin), so that maps
 * differ by logic alone; a loss that is no structure as it was published.
 */
import * as Result from "effect/Result"
import { structureSpec } from "../../../logic/index.ts"
import { compileKernel } from "../../../loss/kernel.ts"
import type { Loss } from "../../../loss/loss.ts"
import { resolveLoss } from "../../../loss/resolve.ts"
import { pairInputs } from "../../../loss/runnable.ts"
import type { PairPoint } from "../../../maps/displacement.ts"

/** A loss over (p_w, p_l). */
export interface LossSurface {
  /** The LOSS text of the records. */
  readonly loss: string
  /** Whether it is drawn as a plain semantic loss, and not as published. */
  readonly plain: boolean
  /** Whether it reads reference probabilities; then they are {@link referencePoint}. */
  readonly reference: boolean
  /** @param chosen p_w in (0, 1) @param rejected p_l in (0, 1) */
  readonly at: (chosen: number, rejected: number) => PairPoint
}

/** Reference probabilities at which losses with a reference model are drawn: it prefers the rejected response. */
export const referencePoint = { chosen: 0.2, rejected: 0.4 } as const

/** The LOSS text under which a resolved loss is drawn: its structure, and how its literals weigh. */
const plainText = ({ structure, semantics, oddsBeta }: Loss): string | undefined => {
  if (structure === undefined) return undefined
  const reading = [
    ...(semantics === "relative" ? ["semantics=relative"] : []),
    ...(oddsBeta === 1 ? [] : [`oddsBeta=${oddsBeta}`])
  ]
  return structureSpec(structure) + (reading.length === 0 ? "" : `?${reading.join("&")}`)
}

/** The loss to draw: plain where it is a structure; undefined when the text names no loss. */
export const drawnLoss = (text: string): { readonly loss: Loss; readonly plain: boolean } | undefined => {
  const resolved = resolveLoss(text)
  if (Result.isFailure(resolved)) return undefined
  const plain = plainText(resolved.success)
  if (plain === undefined) return { loss: resolved.success, plain: false }
  const again = resolveLoss(plain)
  return Result.isSuccess(again) ? { loss: again.success, plain: true } : { loss: resolved.success, plain: false }
}

/** At which reference probabilities and token counts a loss is drawn. */
export interface SurfaceSetting {
  readonly reference: { readonly chosen: number; readonly rejected: number }
  readonly lengths: { readonly chosen: number; readonly rejected: number }
}

/** {@link referencePoint}, and answers of one token. */
export const plainSetting: SurfaceSetting = { reference: referencePoint, lengths: { chosen: 1, rejected: 1 } }

/** A loss as it is, drawn at a setting. Its inputs must be those of a pair (maps/mapped.ts, `mappability`). */
export const surfaceOf = (loss: Loss, setting: SurfaceSetting = plainSetting): LossSurface => ({
  loss: loss.spec,
  plain: false,
  reference: loss.inputs.some((input) => input === "rw" || input === "rl"),
  at: pointwise(loss, setting)
})

/** The surface of a LOSS; undefined when it names none, or one that needs more than a pair's probabilities. */
export const lossSurface = (text: string): LossSurface | undefined => {
  const drawn = drawnLoss(text)
  if (drawn === undefined || drawn.loss.inputs.some((input) => !pairInputs.includes(input))) return undefined
  return { ...surfaceOf(drawn.loss), loss: text, plain: drawn.plain }
}

/** The compiled kernel on one row at a time, its columns reused: a map asks for tens of thousands of points. */
const pointwise = (loss: Loss, { reference, lengths }: SurfaceSetting): LossSurface["at"] => {
  const kernel = compileKernel(loss.program)
  const cell = (value = 0) => Float64Array.of(value)
  const columns = {
    lw: cell(),
    ll: cell(),
    rw: cell(Math.log(reference.chosen)),
    rl: cell(Math.log(reference.rejected)),
    nw: cell(lengths.chosen),
    nl: cell(lengths.rejected)
  }
  const out = { loss: cell(), dlw: cell(), dll: cell() }
  const first = (column: Float64Array): number => column[0] as number
  return (chosen, rejected) => {
    columns.lw[0] = Math.log(chosen)
    columns.ll[0] = Math.log(rejected)
    kernel.run(columns, out, 1)
    return { loss: first(out.loss), dlw: first(out.dlw), dll: first(out.dll) }
  }
}
