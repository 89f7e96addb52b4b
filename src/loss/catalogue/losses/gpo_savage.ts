import type { CatalogueEntry } from "../schema.ts"

/** Generalized PO, Savage. */
export const entry: CatalogueEntry = {
  id: "gpo_savage",
  title: "Generalized PO, Savage",
  aliases: [],
  arxiv: "2402.05749",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "Savage",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "sigmoid(-beta*((lw - rw) - (ll - rl)))^2",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "sigmoid(-z)^2" },
  terms: null,
  formula: "1/(1+e^{beta rho})^2",
  variants: ["gpo_exp", "gpo_trunc_quad"],
  notes: "Bounded in [0,1].",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
