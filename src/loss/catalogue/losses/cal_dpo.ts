import type { CatalogueEntry } from "../schema.ts"

/** Cal-DPO. */
export const entry: CatalogueEntry = {
  id: "cal_dpo",
  title: "Cal-DPO",
  aliases: [],
  arxiv: "2412.14516",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic + squares",
  params: { beta: { default: 0.001, above: 0 }, cal: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(((lw - rw) - (ll - rl))) + cal*(((lw - rw) - 1/(2*beta))^2 + ((ll - rl) + 1/(2*beta))^2)",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "1", link: "softplus(-z)" },
    { numerator: "p_w", denominator: "r_w", scale: "1", link: "cal*(z - 1/(2*beta))^2" },
    { numerator: "p_l", denominator: "r_l", scale: "1", link: "cal*(z + 1/(2*beta))^2" }
  ],
  formula: "-log sigma(rho) + (a - 1/(2 beta))^2 + (b + 1/(2 beta))^2, a, b = log-ratios of y_w, y_l",
  obstacle: "three different ratios",
  variants: [],
  notes: "The logistic part has no beta. No single core ratio: three different ratios.",
  codeVersusPaper:
    "The released trainer multiplies both squares by 0.5 (cal = 0.5); the weight 1 of the paper is recalled. Its mse_loss is a mean over the batch added to per-example logistic terms, equal in expectation.",
  source: "code",
  checkedAgainst: ["Cal-DPO repo"]
}
