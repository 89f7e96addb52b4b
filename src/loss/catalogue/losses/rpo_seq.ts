import type { CatalogueEntry } from "../schema.ts"

/** RPO, whole-sequence NLL (paper form). */
export const entry: CatalogueEntry = {
  id: "rpo_seq",
  title: "RPO, whole-sequence NLL (paper form)",
  aliases: [],
  arxiv: "2405.16436",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic + NLL",
  params: { beta: { default: 0.01, above: 0 }, eta: { default: 0.005, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl))) - eta*beta*lw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "eta*beta*softplus(-z)" }
  ],
  formula: "-log sigma(beta rho) - eta beta log pi(y_w)",
  obstacle: "sum of two different ratios; the preference part alone is exact",
  variants: ["rpo", "irpo"],
  notes: "No single core ratio: sum of two different ratios; the preference part alone is exact.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
