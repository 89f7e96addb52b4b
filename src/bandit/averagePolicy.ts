/** The average of the policies of a run, which is what no-regret dynamics promise something about. */
import type { Environment } from "./environment.ts"
import { winRateAgainst } from "./optima.ts"

/** A running mean of policies. */
export interface AveragePolicy {
  /** @param prob shape [contexts * arms] */
  readonly add: (prob: Float64Array) => void
  /** E_x max_y P(y ≻ average) - 1/2: what the best answer to it wins above a draw; the reference's before anything is added. */
  readonly exploitability: () => number
}

/** A mean over no policies yet. */
export const averagePolicy = (environment: Environment): AveragePolicy => {
  const { contexts, arms, contextWeights, reference } = environment
  const mean = Float64Array.from(reference)
  let count = 0
  return {
    add: (prob) => {
      count += 1
      for (let i = 0; i < mean.length; i++) mean[i]! += (prob[i]! - mean[i]!) / count
    },
    exploitability: () => {
      const wins = winRateAgainst(environment, mean)
      let total = 0
      for (let c = 0; c < contexts; c++) {
        total += contextWeights[c]! * (Math.max(...wins.subarray(c * arms, (c + 1) * arms)) - 0.5)
      }
      return total
    }
  }
}
