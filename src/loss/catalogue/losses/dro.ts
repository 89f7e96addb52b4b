import type { CatalogueEntry } from "../schema.ts"

/** DRO (direct reward optimisation). */
export const entry: CatalogueEntry = {
  id: "dro",
  title: "DRO (direct reward optimisation)",
  aliases: [],
  arxiv: "2405.19107",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "squared",
  params: { tau: { default: 1, above: 0 } },
  inputs: ["lw", "ll", "rw", "s_w", "v"],
  loss: "0.5*(s_w - v - tau*(lw - rw))^2",
  level: "exact",
  rho: { numerator: "p_w", denominator: "r_w", scale: "tau", link: "0.5*(s_w - v - z)^2" },
  terms: null,
  formula: "(1/2)( r(y) - V(x) - tau log pi(y)/ref(y) )^2, V learned jointly",
  variants: [],
  notes: "Single responses with scalar feedback; ll is unused.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
