import type { CatalogueEntry } from "../schema.ts"

/** SPPO with win probabilities. */
export const entry: CatalogueEntry = {
  id: "sppo",
  title: "SPPO with win probabilities",
  aliases: [],
  arxiv: "2405.00675",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "squares",
  params: { beta: { default: 0.001, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "win_w", "win_l"],
  loss: "0.5*(((lw - rw) - (win_w - 0.5)/beta)^2 + ((ll - rl) - (win_l - 0.5)/beta)^2)",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "1", link: "0.5*(z - (win_w - 0.5)/beta)^2" },
    { numerator: "p_l", denominator: "r_l", scale: "1", link: "0.5*(z - (win_l - 0.5)/beta)^2" }
  ],
  formula: "( log-ratio(y) - eta (P(y beats pi) - 1/2) )^2 per response, eta = 1/beta",
  obstacle: "two ratios",
  variants: ["sppo_hard"],
  notes:
    "win_w, win_l: estimated probability that each response beats the current policy. The reference is the previous iterate. No single core ratio: two ratios.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["SPPO repo"]
}
