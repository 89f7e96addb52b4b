import type { CatalogueEntry } from "../schema.ts"

/** TPO (triple preference optimisation). */
export const entry: CatalogueEntry = {
  id: "tpo",
  title: "TPO (triple preference optimisation)",
  aliases: [],
  arxiv: "2405.16681",
  year: 2024,
  kind: "k-wise",
  reference: false,
  lengthNormalised: false,
  link: "logistic + NLL on a third response",
  params: { beta: { default: 0.01, above: 0 }, alpha: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "lg", "ng"],
  loss: "-logsigmoid(beta*(lw - ll)) - alpha*lg/ng",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
    { numerator: "g_g", denominator: "1 - g_g", scale: "1", link: "alpha*softplus(-z)" }
  ],
  formula: "-log sigma( beta log pi(y_w)/pi(y_l) ) - alpha log pi(y_gold)",
  obstacle: "sum of two ratios over three responses",
  variants: ["tpo_l"],
  notes:
    "lg, ng: log-probability and length of the gold response. Both TRL and the authors' code use a token-mean cross-entropy. No single core ratio: sum of two ratios over three responses.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL TPOTrainer sigmoid"]
}
