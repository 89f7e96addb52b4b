import type { CatalogueEntry } from "../schema.ts"

/** Generalized PO, exponential. */
export const entry: CatalogueEntry = {
  id: "gpo_exp",
  title: "Generalized PO, exponential",
  aliases: [],
  arxiv: "2402.05749",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "exponential",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "exp(-beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "exp(-z)" },
  terms: null,
  formula: "exp(-beta rho)",
  variants: ["gpo_trunc_quad", "gpo_savage"],
  notes: "One of the convex functions f in GPO: L = f(beta rho). At beta = 1 the loss is D/N itself.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
