import type { CatalogueEntry } from "../schema.ts"

/** SFT (token mean, TRL `sft`). */
export const entry: CatalogueEntry = {
  id: "sft",
  title: "SFT (token mean, TRL `sft`)",
  aliases: [],
  arxiv: null,
  year: null,
  kind: "unpaired",
  reference: false,
  lengthNormalised: true,
  link: "negative log",
  params: {},
  inputs: ["lw", "ll", "nw"],
  loss: "-lw/nw",
  level: "exact_norm",
  rho: { numerator: "g_w", denominator: "1 - g_w", scale: "1", link: "softplus(-z)" },
  terms: null,
  formula: "-(1/|y_w|) log pi(y_w)",
  variants: ["ce"],
  notes: "",
  codeVersusPaper:
    "TRL takes one mean over all chosen tokens in the batch. `dft` (2508.05629) weights each token by its own detached probability: token-level, not encoded.",
  source: "code-read",
  checkedAgainst: []
}
