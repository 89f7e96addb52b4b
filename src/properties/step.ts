/**
 * One step of gradient descent on a tabular softmax with one pair: what it does to the log-probability of every arm. Arm 0
 * is the chosen answer, arm 1 the rejected one, all others are in no pair.
 */

/**
 * Velocity of log π(y) for every arm y under gradient flow on the logits, `dz/dt = -∂L/∂z`:
 * `dz_k = -(dlw (1[k = w] - π_k) + dll (1[k = l] - π_k))`, `d log π(y) = dz_y - Σ_k π_k dz_k`.
 * For the chosen arm this is `-(dlw (1 - 2 π_w + S) + dll (S - π_w - π_l))`, S the sum of squared probabilities.
 * @param policy π, shape [arms], arms ≥ 2; `dlw`, `dll` the loss's derivatives by log π(w), log π(l)
 * @returns nats per unit of step, shape [arms]
 */
export const logProbVelocities = (policy: ReadonlyArray<number>, dlw: number, dll: number): Array<number> => {
  const logits = policy.map((p, k) => -(dlw * ((k === 0 ? 1 : 0) - p) + dll * ((k === 1 ? 1 : 0) - p)))
  const mean = policy.reduce((sum, p, k) => sum + p * logits[k]!, 0)
  return logits.map((velocity) => velocity - mean)
}
