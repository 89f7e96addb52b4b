/**
 * Which losses an engine can run: one pair's scalars are enough for most; the others need inputs that it must supply, or
 * are not functions of one pair at all. Refusals name what is missing.
 */
import * as Result from "effect/Result"
import type { Loss } from "./loss.ts"

/** Inputs of every pair: log-probabilities of policy and reference (nats), token counts (1 on a bandit). */
export const pairInputs: ReadonlyArray<string> = ["lw", "ll", "rw", "rl", "nw", "nl"]

/** Reward scores of the two responses: the bandit's reward table, or the gold reward that judged a pair. */
export const scoreInputs: ReadonlyArray<string> = ["s_w", "s_l"]

/** What the PyTorch worker computes beyond a pair's scalars; any other input can come from a column of the data. */
export const workerInputs: ReadonlyArray<string> = [
  ...["kl", "delta", "m_bar", "m0", "m_star"],
  ...["kl_w", "kl_l", "w_w", "w_l", "lw_tail", "ll_tail", "rw_tail", "rl_tail", "lg", "ng"],
  ...["token-mask", "rematching"]
]

/** What the engines supply. */
export const engineInputs = {
  bandit: new Set([...pairInputs, ...scoreInputs]),
  finetune: new Set([...pairInputs, ...scoreInputs]),
  torch: new Set([...pairInputs, ...scoreInputs, ...workerInputs])
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>

const meanings: Readonly<Record<string, string>> = {
  v: "the value of the prompt under the reference, estimated from samples",
  pol_is_w: "whether the chosen response was sampled from the policy (pairs made during training)",
  win_w: "the probability that the chosen response beats the policy",
  win_l: "the probability that the rejected response beats the policy",
  kl_w: "the sequential KL divergence to the reference along the chosen response",
  kl_l: "the sequential KL divergence to the reference along the rejected response",
  lg: "the policy's log-probability of a third, gold response",
  ng: "the token count of a third, gold response"
}

const meaningOf = (loss: Loss, name: string): string => {
  const statistic = loss.entry?.batchStatistics?.[name]
  const meaning = statistic === undefined ? meanings[name] : `a statistic of the batch: ${statistic}`
  return meaning === undefined ? name : `${name} (${meaning})`
}

/**
 * Whether a loss can run where the given inputs are available; the failure is the reason in words.
 * @param available names of the inputs that the engine supplies per pair, or the name of an engine. An engine that
 * computes a batch statistic (`kl`, `delta`, see `entry.batchStatistics`; detached) lists its name too, and one that masks
 * tokens lists `token-mask`.
 */
export const runnability = (
  loss: Loss,
  available: ReadonlySet<string> | keyof typeof engineInputs
): Result.Result<void, string> => {
  if (loss.unevaluable !== undefined) return Result.fail(loss.unevaluable)
  const supplied: ReadonlySet<string> = typeof available === "string" ? engineInputs[available] : available
  const { entry } = loss
  if (entry?.notRunnable !== undefined && !(entry.runnableWith !== undefined && supplied.has(entry.runnableWith))) {
    return Result.fail(`${entry.id} is not a function of one pair's scalars: ${entry.notRunnable}`)
  }
  const missing = loss.inputs.filter((name) => !supplied.has(name))
  if (missing.length === 0) return Result.succeed(undefined)
  return Result.fail(`it needs inputs that are not there: ${missing.map((name) => meaningOf(loss, name)).join("; ")}`)
}
