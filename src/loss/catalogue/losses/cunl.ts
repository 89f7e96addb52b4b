import type { CatalogueEntry } from "../schema.ts"

/** cUNL. */
export const entry: CatalogueEntry = {
  id: "cunl",
  title: "cUNL",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw + log1mexp(ll) - ll))",
  level: "exact",
  rho: { numerator: "p_w*(1 - p_l)", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TF}, false {TT,FT}",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "reconstructed",
  checkedAgainst: []
}
