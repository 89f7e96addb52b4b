/** How alike the two answers of a pair look to a model, as far as that decides whether the chosen one loses probability. */
import type { Features } from "./environment.ts"

/**
 * The centred hidden-embedding similarity of a pair, `CHES = ⟨W_w, W_l⟩ - ‖W_w‖²`, reward-free and in units of ‖W‖². In a policy
 * with logits W h(x) the part of d log π(w) / dt that moving h(x) gives is, up to a factor -loss' > 0,
 *
 *   -CHES(w, l) - Σ_z π(z) ⟨W_z, W_w - W_l⟩:
 *
 * the larger the score, the rather the chosen answer loses. 0 for two equal vectors, and -‖W_w‖² for orthogonal ones.
 * @param features answers by their response vectors W_y, which stand for a sequence's sum of hidden embeddings
 * @param chosen arm w; @param rejected arm l
 * @see Razin et al. 2024, arXiv 2410.08847
 */
export const chesScore = ({ dimension, weights }: Features, chosen: number, rejected: number): number => {
  let score = 0
  for (let k = 0; k < dimension; k++) {
    const w = weights[chosen * dimension + k]!
    score += w * (weights[rejected * dimension + k]! - w)
  }
  return score
}
