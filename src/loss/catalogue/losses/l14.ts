import type { CatalogueEntry } from "../schema.ts"

/** l14. */
export const entry: CatalogueEntry = {
  id: "l14",
  title: "l14",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(log1mexp(log1mexp(lw) + ll) - ll))",
  level: "exact",
  rho: { numerator: "1 - (1 - p_w)*p_l", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TT,TF,FF}, false {TT,FT}",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "lattice16",
  checkedAgainst: []
}
