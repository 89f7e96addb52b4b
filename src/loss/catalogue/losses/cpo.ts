import type { CatalogueEntry } from "../schema.ts"

/** CPO (paper form, sequence NLL). */
export const entry: CatalogueEntry = {
  id: "cpo",
  title: "CPO (paper form, sequence NLL)",
  aliases: [],
  arxiv: "2401.08417",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic + NLL",
  params: { beta: { default: 0.1, above: 0 }, lam: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw - ll)) - lam*lw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "lam*softplus(-z)" }
  ],
  formula: "-log sigma( beta log pi(y_w)/pi(y_l) ) - log pi(y_w)",
  obstacle:
    "sum of two different ratios; the preference part alone is exact (`cpo_core`); with beta = lam = 1 the product would need p_w^2",
  variants: ["cpo_trl", "cpo_core"],
  notes:
    "No single core ratio: sum of two different ratios; the preference part alone is exact (`cpo_core`); with beta = lam = 1 the product would need p_w^2.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: []
}
