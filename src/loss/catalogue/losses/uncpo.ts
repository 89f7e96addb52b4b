import type { CatalogueEntry } from "../schema.ts"

/** unCPO. */
export const entry: CatalogueEntry = {
  id: "uncpo",
  title: "unCPO",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(log1mexp(log1mexp(lw) + ll) - log1mexp(lw) - ll))",
  level: "exact",
  rho: { numerator: "1 - (1 - p_w)*p_l", denominator: "(1 - p_w)*p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TT,TF,FF}, false {FT}: the plain implication loser -> winner",
  variants: [],
  notes: "",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: []
}
