import type { CatalogueEntry } from "../schema.ts"

/** qfUNL. */
export const entry: CatalogueEntry = {
  id: "qfunl",
  title: "qfUNL",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(log1mexp(ll) - log1mexp(lw)))",
  level: "exact",
  rho: { numerator: "1 - p_l", denominator: "1 - p_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TF,FF}, false {FT,FF}",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "reconstructed",
  checkedAgainst: []
}
