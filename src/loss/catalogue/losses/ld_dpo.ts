import type { CatalogueEntry } from "../schema.ts"

/** LD-DPO (length desensitisation). */
export const entry: CatalogueEntry = {
  id: "ld_dpo",
  title: "LD-DPO (length desensitisation)",
  aliases: [],
  arxiv: "2409.06411",
  year: 2024,
  kind: "token-level",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 0.5, atLeast: 0, atMost: 1 } },
  inputs: ["lw", "ll", "rw", "rl", "lw_tail", "ll_tail", "rw_tail", "rl_tail"],
  loss: "-logsigmoid(beta*(((lw - (1 - alpha)*lw_tail) - (rw - (1 - alpha)*rw_tail)) - ((ll - (1 - alpha)*ll_tail) - (rl - (1 - alpha)*rl_tail))))",
  level: "token",
  rho: null,
  terms: null,
  formula: "DPO with log p-hat(y) = log p(first L tokens) + alpha log p(rest), L = min(|y_w|,|y_l|)",
  obstacle: "a fractional exponent on the probability of the tail only; multilinear for alpha in {0, 1}",
  notRunnable: "it needs the log-probabilities of the tokens beyond the shorter length, so per-token values",
  runnableWith: "lw_tail",
  movingInputs: ["lw_tail", "ll_tail"],
  variants: [],
  notes:
    "*_tail is the part of the sum beyond the shorter length (0 for the shorter response). alpha = 1 is DPO, alpha = 0 truncates. The partial derivatives treat the tail sums as separate inputs. No single core ratio: a fractional exponent on the probability of the tail only; multilinear for alpha in {0, 1}.",
  codeVersusPaper:
    "TRL weights policy and reference alike; LLaMA-Factory weights only the policy sums (its reference forward passes no ld_alpha), which changes the value even at the reference policy.",
  source: "code-read",
  checkedAgainst: []
}
