import type { CatalogueEntry } from "../schema.ts"

/** Align With Purpose hinge. */
export const entry: CatalogueEntry = {
  id: "awp_hinge",
  title: "Align With Purpose hinge",
  aliases: [],
  arxiv: "2307.01715",
  year: 2023,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "hinge",
  params: { lam: { default: 0 } },
  inputs: ["lw", "ll"],
  loss: "max(0, ll - lw + lam)",
  level: "exact",
  rho: { numerator: "p_w", denominator: "p_l", scale: "1", link: "max(0, lam - z)" },
  terms: null,
  formula: "max(0, score(worse) - score(better) + lambda), added to the CTC loss with a weight",
  variants: ["hinge"],
  notes:
    "lw and ll are scores of a sampled CTC alignment improved in the desired property and of the sample itself. Whether the paper's score is the log-probability (as here) or the probability was not re-checked.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
