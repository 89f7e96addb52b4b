import type { CatalogueEntry } from "../schema.ts"

/** CE as a preference structure (log-odds of the winner). */
export const entry: CatalogueEntry = {
  id: "ce_odds",
  title: "CE as a preference structure (log-odds of the winner)",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw - log1mexp(lw)))",
  level: "exact",
  rho: { numerator: "p_w", denominator: "1 - p_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TT,TF}, false {FT,FF}",
  variants: ["ce"],
  notes: "beta = 1 is `ce`.",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: []
}
