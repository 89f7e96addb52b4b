import type { CatalogueEntry } from "../schema.ts"

/** APO-zero. */
export const entry: CatalogueEntry = {
  id: "apo_zero",
  title: "APO-zero",
  aliases: ["apo_zero_unpaired"],
  arxiv: "2408.06266",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "sigmoid per response",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "sigmoid(-beta*(lw - rw)) + sigmoid(beta*(ll - rl))",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "beta", link: "sigmoid(-z)" },
    { numerator: "r_l", denominator: "p_l", scale: "beta", link: "sigmoid(-z)" }
  ],
  formula: "1 - sigma(beta a) + sigma(beta b)",
  obstacle: "two ratios",
  variants: ["apo_down"],
  notes:
    "KTO with z0 = 0 and unit weights; TRL KTOTrainer `apo_zero_unpaired` is the same two terms on unpaired data. No single core ratio: two ratios.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer apo_zero", "TRL KTOTrainer apo_zero_unpaired", "Liger apo_zero"]
}
