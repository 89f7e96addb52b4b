/** Responses that a step draws itself, and the pairs they make: whole expectations, or samples. */
import type { Rng } from "../../random/rng.ts"
import { columnOf, emptyBatch, type PairBatch, type ResponseTables, writeExample } from "../batch.ts"
import { drawFrom } from "../comparisons.ts"
import type { Environment } from "../environment.ts"
import { logPartition } from "../optima.ts"
import type { PreferenceModel } from "../preferences.ts"
import type { Current } from "./regime.ts"

/** Who draws a response: π, the geometric mixture π^(1-b) π_ref^b, π_ref, or anybody. */
export const proposers = ["policy", "mixture", "reference", "uniform"] as const
export type Proposer = (typeof proposers)[number]

/** Writes the distribution of a proposer, shape [contexts * arms]. @param mixture b in [0, 1] */
export const proposalInto = (
  proposer: Proposer,
  { contexts, arms, reference }: Environment,
  { logp, prob }: Current,
  mixture: number,
  out: Float64Array
): void => {
  if (proposer === "policy") out.set(prob)
  else if (proposer === "reference") out.set(reference)
  else if (proposer === "uniform") out.fill(1 / arms)
  else {
    for (let i = 0; i < out.length; i++) out[i] = (1 - mixture) * logp[i]! + mixture * Math.log(reference[i]!)
    const sums = logPartition(out, contexts, arms)
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(out[i]! - sums[Math.floor(i / arms)]!)
  }
}

/** Two distributions of responses, and who wins. */
export interface Matchup {
  readonly environment: Environment
  readonly preference: PreferenceModel
  readonly tables: ResponseTables
  /** Shapes [contexts * arms]. */
  readonly first: Float64Array
  readonly second: Float64Array
  /**
   * Whether a response that meets itself is an example. Pairs of one response teach a loss over pairs nothing and are left
   * out, so that the weights sum to less than 1; a policy gradient learns from each of the two.
   */
  readonly identical: boolean
}

/** A batch with room for every ordered pair of responses. */
export const allPairsBatch = ({ contexts, arms }: Environment): PairBatch => emptyBatch(contexts * arms * arms)

/**
 * Fills a batch with the expectation over y ~ first, y' ~ second: the pair (a beats b) of context x has the weight
 * `w(x) (first(a) second(b) + first(b) second(a)) P(a ≻ b)`, a response with itself `w(x) first(a) second(a)`. Column `pol_is_w`: the share of the pair in which the winner was drawn by `first`.
 */
export const expectedPairsInto = (
  batch: PairBatch,
  { environment, preference, tables, first, second, identical }: Matchup
): void => {
  const { contexts, arms, contextWeights } = environment
  const drawnByFirst = columnOf(batch, "pol_is_w")
  let row = 0
  for (let c = 0; c < contexts; c++) {
    const from = c * arms
    for (let a = 0; a < arms; a++) {
      for (let b = 0; b < arms; b++) {
        if (a === b && !identical) continue
        const straight = first[from + a]! * second[from + b]!
        const drawn = a === b ? 2 * straight : straight + first[from + b]! * second[from + a]!
        const weight = contextWeights[c]! * drawn * (a === b ? 0.5 : preference.probability(c, a, b))
        writeExample(batch, row, [from + a, from + b], weight, tables)
        drawnByFirst[row] = drawn > 0 ? straight / drawn : 0
        row += 1
      }
    }
  }
  batch.count = row
}

/** Fills a batch with `size` draws, each of weight 1 / size. */
export const sampledPairsInto = (batch: PairBatch, size: number, matchup: Matchup, rng: Rng): void => {
  const { environment, preference, tables, first, second, identical } = matchup
  const { contexts, arms, contextWeights } = environment
  const context = drawFrom(contextWeights)
  const rows = (table: Float64Array) =>
    Array.from({ length: contexts }, (_, c) => drawFrom(table.subarray(c * arms, (c + 1) * arms)))
  const [left, right] = [rows(first), rows(second)]
  const drawnByFirst = columnOf(batch, "pol_is_w")
  let row = 0
  for (let i = 0; i < size; i++) {
    const c = context.next(rng)
    const a = left[c]!.next(rng)
    const b = right[c]!.next(rng)
    const firstWins = rng.uniform() < preference.probability(c, a, b)
    if (a === b && !identical) continue
    const [winner, loser] = firstWins ? [a, b] : [b, a]
    writeExample(batch, row, [c * arms + winner, c * arms + loser], 1 / size, tables)
    drawnByFirst[row] = firstWins ? 1 : 0
    row += 1
  }
  batch.count = row
}

/** Fills a batch of groups: `size` contexts, in each as many responses of `first` as an example has, in the order drawn. */
export const sampledGroupsInto = (batch: PairBatch, size: number, matchup: Matchup, rng: Rng): void => {
  const { environment, tables, first } = matchup
  const { contexts, arms, contextWeights } = environment
  const context = drawFrom(contextWeights)
  const rows = Array.from({ length: contexts }, (_, c) => drawFrom(first.subarray(c * arms, (c + 1) * arms)))
  const members = new Int32Array(2 + batch.others.length)
  for (let i = 0; i < size; i++) {
    const c = context.next(rng)
    for (let m = 0; m < members.length; m++) members[m] = c * arms + rows[c]!.next(rng)
    writeExample(batch, i, members, 1 / size, tables)
  }
  batch.count = size
}
