/** Softmax over the arms of every context, and its pullback. Tables are [contexts * arms]. */

/**
 * Writes log π and π of a logit table: `log π(y) = z_y - max z - log Σ exp(z - max z)`.
 * A logit that is not finite gives NaN in its context's row (never a silent zero).
 * @param logits shape [contexts * arms]; `logp`, `prob` (overwritten) the same shape
 */
export const softmaxInto = (
  logits: Float64Array,
  contexts: number,
  arms: number,
  logp: Float64Array,
  prob: Float64Array
): void => {
  for (let c = 0; c < contexts; c++) {
    const from = c * arms
    const to = from + arms
    let top = logits[from]!
    for (let i = from + 1; i < to; i++) if (logits[i]! > top) top = logits[i]!
    let total = 0
    for (let i = from; i < to; i++) {
      const e = Math.exp(logits[i]! - top)
      prob[i] = e
      total += e
    }
    const scale = 1 / total
    const shift = top + Math.log(total)
    for (let i = from; i < to; i++) {
      prob[i]! *= scale
      logp[i] = logits[i]! - shift
    }
  }
}

/**
 * Turns ∂L/∂log π into ∂L/∂logits in place: `∂L/∂z_k = g_k - π_k Σ_y g_y` per context (so each row sums to 0).
 * @param prob π, shape [contexts * arms]
 * @param gradient ∂L/∂log π on entry, ∂L/∂z on return
 */
export const softmaxPullbackInPlace = (
  prob: Float64Array,
  contexts: number,
  arms: number,
  gradient: Float64Array
): void => {
  for (let c = 0; c < contexts; c++) {
    const from = c * arms
    const to = from + arms
    let total = 0
    for (let i = from; i < to; i++) total += gradient[i]!
    for (let i = from; i < to; i++) gradient[i]! -= prob[i]! * total
  }
}
