import type { CatalogueEntry } from "../schema.ts"

/** Length-normalised sigmoid (TRL name). */
export const entry: CatalogueEntry = {
  id: "sigmoid_norm",
  title: "Length-normalised sigmoid (TRL name)",
  aliases: [],
  arxiv: "2411.15124",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: true,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "nw", "nl"],
  loss: "-logsigmoid(beta*((lw - rw)/nw - (ll - rl)/nl))",
  level: "exact_norm",
  rho: { numerator: "g_w*h_l", denominator: "g_l*h_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "same expression as `ln_dpo`",
  variants: ["ln_dpo", "dpo"],
  notes:
    "TRL's beta default (0.1) is the unnormalised one; with per-token averages values of 1 to 10 are usual (Tulu 3: 5).",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer sigmoid_norm"]
}
