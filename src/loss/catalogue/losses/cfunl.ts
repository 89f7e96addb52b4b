import type { CatalogueEntry } from "../schema.ts"

/** cfUNL. */
export const entry: CatalogueEntry = {
  id: "cfunl",
  title: "cfUNL",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(log1mexp(ll) - log1mexp(lw) - ll))",
  level: "exact",
  rho: { numerator: "1 - p_l", denominator: "(1 - p_w)*p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TF,FF}, false {FT}",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "reconstructed",
  checkedAgainst: []
}
