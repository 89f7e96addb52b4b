import type { CatalogueEntry } from "../schema.ts"

/** APO-down. */
export const entry: CatalogueEntry = {
  id: "apo_down",
  title: "APO-down",
  aliases: [],
  arxiv: "2408.06266",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "sigmoid sum",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "sigmoid(beta*(lw - rw)) + sigmoid(-beta*((lw - rw) - (ll - rl)))",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "beta", link: "sigmoid(z)" },
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "sigmoid(-z)" }
  ],
  formula: "sigma(beta a) + 1 - sigma(beta rho)",
  obstacle: "two ratios",
  variants: ["apo_zero"],
  notes: "No single core ratio: two ratios.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer apo_down", "Liger apo_down"]
}
