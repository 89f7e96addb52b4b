import type { CatalogueEntry } from "../schema.ts"

/** ORPO odds-ratio term on sequence probabilities. */
export const entry: CatalogueEntry = {
  id: "orpo_seq",
  title: "ORPO odds-ratio term on sequence probabilities",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw - ll - log1mexp(lw) + log1mexp(ll)))",
  level: "exact",
  rho: { numerator: "p_w*(1 - p_l)", denominator: "p_l*(1 - p_w)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TF}, false {FT}",
  variants: ["orpo", "ref_orpo"],
  notes: "",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: ["TRL ORPOTrainer OR term, sums"]
}
