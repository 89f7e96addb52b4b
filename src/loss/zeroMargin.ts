/** The first check of every training job: at step 0 the policy is the reference, and the loss is known. */
import { compileKernel } from "./kernel.ts"
import type { Loss } from "./loss.ts"

/**
 * The loss where the policy equals the reference, at given inputs of a pair. Reference log-probabilities take the policy's
 * values, whatever the point says of them; all else (log-probabilities, counts, scores) is the point's. For a loss of the
 * log-ratios alone (DPO: log 2) the point does not matter; for a reference-free loss the value is the loss at the point, so
 * an engine that repeats its own step-0 values here checks its arithmetic, not its reference.
 * @throws RangeError when an input other than a reference log-probability has no value
 */
export const zeroMarginLoss = (loss: Loss, point: Readonly<Record<string, number>>): number => {
  const atReference: Record<string, number> = { ...point }
  for (const name of loss.inputs) {
    const policy = /^r(w|l|g|y\d+)$/.test(name) ? point[`l${name.slice(1)}`] : undefined
    if (policy !== undefined) atReference[name] = policy
  }
  return compileKernel(loss.program).evaluate(atReference).loss
}

const probe: Readonly<Record<string, number>> = { lw: -20, ll: -25, lg: -22, nw: 10, nl: 12, ng: 11, s_w: 1, s_l: 0 }
const others: ReadonlyArray<Readonly<Record<string, number>>> = [
  { ...probe, lw: -31, ll: -17, lg: -19, nw: 7, nl: 21, ng: 15 },
  { ...probe, lw: -2.5, ll: -40, nw: 3, nl: 30 }
]

/**
 * The loss at zero margin when it is one number, whatever the pair: log 2 for DPO, 1 for the hinge on its ratio. Undefined
 * for losses whose value at policy = reference depends on the pair (reference-free ones, NLL terms, lengths, scores).
 */
export const zeroMarginValue = (loss: Loss): number | undefined => {
  const extra = Object.fromEntries(loss.inputs.map((name) => [name, 0.5]))
  const values = [probe, ...others].map((point, k) =>
    zeroMarginLoss(loss, { ...extra, ...point, ...(k === 0 ? {} : { s_w: 2 * k, s_l: -k }) })
  )
  const first = values[0]!
  const same = values.every((value) => Math.abs(value - first) <= 1e-9 * (1 + Math.abs(first)))
  if (!same || !Number.isFinite(first)) return undefined
  return first === 0 ? 0 : first
}
