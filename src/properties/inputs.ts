/**
 * Inputs of a loss beyond the log-probabilities of one pair that a bandit can supply, each with the values that cases draw
 * from, simplest first. A loss with any other input has no meaning on one bandit pair.
 */

/** One extra input: its meaning and the values tried. */
export interface InputDomain {
  readonly meaning: string
  readonly values: ReadonlyArray<number>
}

const rewards = [0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, -1.5]
const shifts = [0, 0.5, -0.5, 1, -1, 2, -2]
const shares = [0.5, 1, 0, 0.75, 0.25, 0.9, 0.1]
const factors = [1, 0.5, 2, 0.25]

/** Every extra input that a bandit can supply. Token counts are not among them: an arm is one token long. */
export const inputDomains: Readonly<Record<string, InputDomain>> = {
  s_w: { meaning: "reward of the chosen answer", values: [1, 2, 0, -1, 3, ...rewards.slice(6)] },
  s_l: { meaning: "reward of the rejected answer", values: rewards },
  v: { meaning: "value baseline", values: shifts },
  delta: { meaning: "reward shift", values: shifts },
  kl: { meaning: "KL baseline", values: [0, 0.5, 1, 2] },
  m_bar: { meaning: "mean margin of the batch", values: shifts },
  m0: { meaning: "running mean margin", values: shifts },
  m_star: { meaning: "normalised margin of the batch", values: shifts },
  w_w: { meaning: "weight of the chosen answer", values: factors },
  w_l: { meaning: "weight of the rejected answer", values: factors },
  win_w: { meaning: "win probability of the chosen answer", values: [1, 0.75, 0.5, 0.9, 0.6] },
  win_l: { meaning: "win probability of the rejected answer", values: shares },
  pol_is_w: { meaning: "whether the policy's own sample is the chosen answer", values: [1, 0] }
}

/** Log-probabilities and token counts of the pair itself. */
export const pairInputs: ReadonlyArray<string> = ["lw", "ll", "rw", "rl", "nw", "nl"]
