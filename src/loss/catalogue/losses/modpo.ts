import type { CatalogueEntry } from "../schema.ts"

/** MODPO (multi-objective DPO). */
export const entry: CatalogueEntry = {
  id: "modpo",
  title: "MODPO (multi-objective DPO)",
  aliases: [],
  arxiv: "2310.03708",
  year: 2023,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "logistic with offset",
  params: { beta: { default: 0.1, above: 0 }, w_k: { default: 0.5, above: 0, atMost: 1 }, w_m: { default: 0.5 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "-logsigmoid((beta*((lw - rw) - (ll - rl)) - w_m*(s_w - s_l))/w_k)",
  level: "tilt",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w*exp(w_m*(s_w - s_l)/beta)",
    scale: "beta/w_k",
    link: "softplus(-z)"
  },
  terms: null,
  formula: "-log sigma( (1/w_k) [ beta rho - w_-k . (r_-k(y_w) - r_-k(y_l)) ] )",
  variants: [],
  notes: "One margin objective is encoded; with several, w_m*(s_w - s_l) is a sum. w_k + sum w_m = 1.",
  codeVersusPaper: "The repository also has a hinge variant max(0, 1 - z).",
  source: "code",
  checkedAgainst: ["MODPO repo"]
}
