import type { CatalogueEntry } from "../schema.ts"

/** fUNL. */
export const entry: CatalogueEntry = {
  id: "funl",
  title: "fUNL",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(log1mexp(ll) - ll))",
  level: "exact",
  rho: { numerator: "1 - p_l", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TF,FF}, false {TT,FT}",
  variants: [],
  notes: "Winner does not matter: beta = 1 is -log(1 - pi(y_l)).",
  codeVersusPaper: "",
  source: "reconstructed",
  checkedAgainst: []
}
