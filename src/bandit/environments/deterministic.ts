/**
 * Deterministic preferences over three responses a, b, c (Azar et al. 2023, arXiv 2310.12036, §5): the data sets that part
 * DPO, whose optimum ignores the regulariser, from IPO. Every listed pair is equally frequent; uniform reference.
 *
 * - `D1`  = (a,b) (b,c) (a,c): a total order.
 * - `D2`  = (a,b) (b,c) (c,a): a cycle.
 * - `D3'` = (a,b) (b,a) (b,c): a and b tie, c never wins, and (a,c) is not observed (a beats c by inference only). The
 *   published D3 lists (a,b) (b,a) alone, which touches c in no loss; D3' is the set its discussion describes.
 *
 * Gold reward: the win rate P(y ≻ uniform response), a definition of ours, since preferences alone have none.
 */
import * as Schema from "effect/Schema"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { preferenceMatrix, winRates } from "../preferences.ts"
import { Positive } from "./options.ts"
import { uniform } from "./tables.ts"

/** `dataset` names the list of (winner, loser) pairs; `beta`, the weight of the KL term in J, is 1 unless given. */
export const DeterministicOptions = Schema.Struct({
  kind: Schema.Literal("deterministic"),
  dataset: Schema.Literals(["D1", "D2", "D3'"]),
  beta: Schema.optionalKey(Positive)
})
export type DeterministicOptions = typeof DeterministicOptions.Type

interface Dataset {
  /** (winner, loser), equally frequent. */
  readonly pairs: ReadonlyArray<readonly [number, number]>
  /** P(row ≻ column), unobserved pairs by inference. */
  readonly preference: ReadonlyArray<number>
}

const datasets = {
  D1: {
    pairs: [
      [0, 1],
      [1, 2],
      [0, 2]
    ],
    preference: [0.5, 1, 1, 0, 0.5, 1, 0, 0, 0.5]
  },
  D2: {
    pairs: [
      [0, 1],
      [1, 2],
      [2, 0]
    ],
    preference: [0.5, 1, 0, 0, 0.5, 1, 1, 0, 0.5]
  },
  "D3'": {
    pairs: [
      [0, 1],
      [1, 0],
      [1, 2]
    ],
    preference: [0.5, 0.5, 1, 0.5, 0.5, 1, 0, 0, 0.5]
  }
} satisfies Record<DeterministicOptions["dataset"], Dataset>

const make = (spec: DeterministicOptions): Environment => {
  const { pairs, preference } = datasets[spec.dataset]
  const matrix = Float64Array.from(preference)
  const probability = new Float64Array(9)
  for (const [winner, loser] of pairs) probability[winner * 3 + loser]! += 1 / pairs.length
  const reference = uniform(1, 3)
  return checkedEnvironment({
    id: "deterministic",
    contexts: 1,
    arms: 3,
    reward: winRates(matrix, reference),
    reference,
    contextWeights: Float64Array.of(1),
    preference: preferenceMatrix(matrix, 3),
    comparisons: { kind: "table", probability },
    beta: spec.beta ?? 1
  })
}

export const deterministicEnvironment = {
  id: "deterministic",
  title: "Deterministic preferences over three responses",
  schema: DeterministicOptions,
  make
} as const
