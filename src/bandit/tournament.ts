/** Policies against one another: who wins how often, and which mixture of them nobody beats. */
import type { Environment } from "./environment.ts"
import { policyWinRate } from "./metrics.ts"
import { nashEquilibrium } from "./solvers/nash.ts"

/** Every policy against every other; rows and columns in the order of `names`. */
export interface Tournament {
  readonly names: ReadonlyArray<string>
  /** `E_x Σ_{y, y'} π_row(y) π_column(y') P(y ≻ y')`, row-major [names * names]; 1/2 on the diagonal. */
  readonly winRates: Float64Array
  /**
   * A Nash equilibrium of the game "name a policy": the weights of a mixture that no policy beats, by name. Unlike a mean
   * over opponents they do not change when a policy enters twice, and they are 0 for one that others make superfluous.
   */
  readonly weights: Float64Array
  /** Win rate of every policy against that mixture, at most 1/2. */
  readonly againstMixture: Float64Array
}

/**
 * Plays trained policies (of losses, of decodings) against one another. O(policies · contexts · arms²).
 * @param policies tables [contexts * arms] by name, at least one
 * @throws RangeError for a table of another shape, or none
 * @see Balduzzi et al. 2018, "Re-evaluating evaluation", arXiv 1806.02643 (Nash averaging)
 */
export const tournament = (environment: Environment, policies: Readonly<Record<string, Float64Array>>): Tournament => {
  const names = Object.keys(policies)
  const size = names.length
  if (size === 0) throw new RangeError("tournament: there is no policy")
  const wrong = names.find((name) => policies[name]!.length !== environment.reference.length)
  if (wrong !== undefined) {
    const found = policies[wrong]!.length
    throw new RangeError(`tournament: policy ${wrong} needs ${environment.reference.length} entries, got ${found}`)
  }
  const winRates = new Float64Array(size * size).fill(0.5)
  names.forEach((row, a) => {
    for (let b = 0; b < a; b++) {
      const wins = Math.min(1, Math.max(0, policyWinRate(environment, policies[row]!, policies[names[b]!]!)))
      winRates[a * size + b] = wins
      winRates[b * size + a] = 1 - wins
    }
  })
  const weights = nashEquilibrium(winRates, size).policy
  const againstMixture = Float64Array.from({ length: size }, (_, a) =>
    weights.reduce((sum, weight, b) => sum + weight * winRates[a * size + b]!, 0)
  )
  return { names, winRates, weights, againstMixture }
}
