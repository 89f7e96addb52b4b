import type { CatalogueEntry } from "../schema.ts"

/** CPO without the NLL term. */
export const entry: CatalogueEntry = {
  id: "cpo_core",
  title: "CPO without the NLL term",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-logsigmoid(beta*(lw - ll))",
  level: "exact",
  rho: { numerator: "p_w", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "true {TT,TF}, false {TT,FT}",
  variants: ["cpo", "cpo_trl"],
  notes: "Row TT counts on both sides.",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: ["TRL CPOTrainer sigmoid"]
}
