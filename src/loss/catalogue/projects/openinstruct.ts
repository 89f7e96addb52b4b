/** Names in open-instruct; one beta for all, raised from 0.1 to 5 in March 2026. */
import { means, namesOf } from "./schema.ts"

const smoothed = { beta: 5, label_smoothing: 0 } as const

export const openinstruct = namesOf(
  { project: "open-instruct", checked: "allenai/open-instruct e6c3044 open_instruct/dpo_utils.py" },
  "openinstruct",
  {
    dpo: {
      loss: "cdpo?beta={beta}&eps={label_smoothing}",
      params: smoothed,
      note: "beta's default suits dpo_norm, the default loss, and was 0.1 before March 2026 (7917d41), as its manual still says"
    },
    dpo_norm: {
      loss: "sigmoid_norm?beta={beta}",
      params: { beta: 5 },
      note: `${means}: TRL's sigmoid_norm; label_smoothing (0) smooths it`
    },
    simpo: {
      loss: "simpo?beta={beta}&gamma={beta*gamma_beta_ratio}",
      params: { beta: 5, gamma_beta_ratio: 0.3 },
      note: "the margin is beta times the ratio; label_smoothing (0) smooths it"
    },
    wpo: {
      loss: "expr:exp(lw + ll)*((1 - {label_smoothing})*softplus(-{beta}*((lw - rw) - (ll - rl))) + {label_smoothing}*softplus({beta}*((lw - rw) - (ll - rl))))",
      params: smoothed,
      note: "as the trainer calls it, at one pair a device: the weight averages what is summed already, so it is the probability of both whole answers, and the gradient runs through it; with more pairs the shapes do not match"
    }
  }
)
