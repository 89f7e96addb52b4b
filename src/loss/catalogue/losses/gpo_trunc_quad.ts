import type { CatalogueEntry } from "../schema.ts"

/** Generalized PO, truncated quadratic. */
export const entry: CatalogueEntry = {
  id: "gpo_trunc_quad",
  title: "Generalized PO, truncated quadratic",
  aliases: [],
  arxiv: "2402.05749",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "squared hinge",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "max(0, 1 - beta*((lw - rw) - (ll - rl)))^2",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "max(0, 1 - z)^2" },
  terms: null,
  formula: "max(0, 1 - beta rho)^2",
  variants: ["gpo_exp", "gpo_savage"],
  notes: "",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
