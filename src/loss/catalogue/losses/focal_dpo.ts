import type { CatalogueEntry } from "../schema.ts"

/** FocalPO. */
export const entry: CatalogueEntry = {
  id: "focal_dpo",
  title: "FocalPO",
  aliases: [],
  arxiv: "2501.06645",
  year: 2025,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "focal logistic",
  params: { beta: { default: 0.1, above: 0 }, gamma: { default: 0.05, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-exp(gamma*logsigmoid(beta*((lw - rw) - (ll - rl))))*logsigmoid(beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "-exp(gamma*logsigmoid(z))*logsigmoid(z)" },
  terms: null,
  formula: "-sigma(z)^gamma log sigma(z), z = beta rho",
  variants: [],
  notes:
    "Down-weights pairs the model ranks wrongly (the opposite of the usual focal loss). Formula recalled, not re-read.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
