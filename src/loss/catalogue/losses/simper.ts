import type { CatalogueEntry } from "../schema.ts"

/** SimPER. */
export const entry: CatalogueEntry = {
  id: "simper",
  title: "SimPER",
  aliases: [],
  arxiv: "2502.00883",
  year: 2025,
  kind: "pairwise",
  reference: false,
  lengthNormalised: true,
  link: "linear in inverse perplexity",
  params: {},
  inputs: ["lw", "ll", "nw", "nl"],
  loss: "expm1(ll/nl) - expm1(lw/nw)",
  level: "shape",
  rho: null,
  terms: null,
  formula: "-exp( mean log pi(y_w) ) + exp( mean log pi(y_l) )",
  obstacle: "difference of (geometric-mean) probabilities; no logarithm of a ratio",
  variants: [],
  notes:
    "No hyperparameter. Bounded in (-1, 1). No single core ratio: difference of (geometric-mean) probabilities; no logarithm of a ratio.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["SimPER repo"]
}
