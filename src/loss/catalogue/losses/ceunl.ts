import type { CatalogueEntry } from "../schema.ts"

/** CEUnl as a preference structure. */
export const entry: CatalogueEntry = {
  id: "ceunl",
  title: "CEUnl as a preference structure",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw + log1mexp(ll) - log1mexp(lw + log1mexp(ll))))",
  level: "exact",
  rho: { numerator: "p_w*(1 - p_l)", denominator: "1 - p_w*(1 - p_l)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TF}, false {TT,FT,FF}",
  variants: ["unlikelihood"],
  notes: "beta = 1 is `unlikelihood` with alpha = 1.",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: []
}
