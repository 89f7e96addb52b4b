import type { CatalogueEntry } from "../schema.ts"

/** SPPO with hard labels (TRL). */
export const entry: CatalogueEntry = {
  id: "sppo_hard",
  title: "SPPO with hard labels (TRL)",
  aliases: [],
  arxiv: "2405.00675",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "squares",
  params: { beta: { default: 0.001, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "((lw - rw) - 1/(2*beta))^2 + ((ll - rl) + 1/(2*beta))^2",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "1", link: "(z - 1/(2*beta))^2" },
    { numerator: "p_l", denominator: "r_l", scale: "1", link: "(z + 1/(2*beta))^2" }
  ],
  formula: "(a - 1/(2 beta))^2 + (b + 1/(2 beta))^2",
  obstacle: "two ratios",
  variants: ["sppo"],
  notes: "No single core ratio: two ratios.",
  codeVersusPaper: "TRL sums the two squares, the authors' code averages them (factor 1/2).",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer sppo_hard", "Liger sppo_hard"]
}
