import type { CatalogueEntry } from "../schema.ts"

/** Provably Robust DPO (rDPO). */
export const entry: CatalogueEntry = {
  id: "robust_dpo",
  title: "Provably Robust DPO (rDPO)",
  aliases: [],
  arxiv: "2403.00409",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic, debiased",
  params: { beta: { default: 0.1, above: 0 }, eps: { default: 0.1, atLeast: 0, below: 0.5 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "(-(1 - eps)*logsigmoid(beta*((lw - rw) - (ll - rl))) + eps*logsigmoid(-beta*((lw - rw) - (ll - rl))))/(1 - 2*eps)",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "((1 - eps)*softplus(-z) - eps*softplus(z))/(1 - 2*eps)"
  },
  terms: null,
  formula: "[ (1-eps) L(y_w,y_l) - eps L(y_l,y_w) ] / (1 - 2 eps), L = DPO loss, eps in [0, 1/2)",
  variants: ["r_dpo", "cdpo"],
  notes: "Unbounded below as rho grows (the subtracted term is linear). Do not confuse with R-DPO (length) below.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer robust", "Liger robust"]
}
