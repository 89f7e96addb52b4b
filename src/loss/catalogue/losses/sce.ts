import type { CatalogueEntry } from "../schema.ts"

/** sCE. */
export const entry: CatalogueEntry = {
  id: "sce",
  title: "sCE",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw - log1mexp(lw + log1mexp(ll))))",
  level: "exact",
  rho: { numerator: "p_w", denominator: "1 - p_w*(1 - p_l)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TT,TF}, false {TT,FT,FF}",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "reconstructed",
  checkedAgainst: []
}
