import type { CatalogueEntry } from "../schema.ts"

/** cCPO. */
export const entry: CatalogueEntry = {
  id: "ccpo",
  title: "cCPO",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw - log1mexp(lw) - ll))",
  level: "exact",
  rho: { numerator: "p_w", denominator: "(1 - p_w)*p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TT,TF}, false {FT}",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "reconstructed",
  checkedAgainst: []
}
