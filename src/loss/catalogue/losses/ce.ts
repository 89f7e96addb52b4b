import type { CatalogueEntry } from "../schema.ts"

/** Cross-entropy / SFT on the chosen response (sum). */
export const entry: CatalogueEntry = {
  id: "ce",
  title: "Cross-entropy / SFT on the chosen response (sum)",
  aliases: [],
  arxiv: null,
  year: null,
  kind: "unpaired",
  reference: false,
  lengthNormalised: false,
  link: "negative log",
  params: {},
  inputs: ["lw", "ll"],
  loss: "-lw",
  level: "exact",
  rho: { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "softplus(-z)" },
  terms: null,
  formula: "-log pi(y_w)",
  variants: ["ce_odds", "sft"],
  notes: "-log p = -log sigma( log p/(1-p) ). ll is unused.",
  codeVersusPaper: "",
  source: "definition",
  checkedAgainst: []
}
