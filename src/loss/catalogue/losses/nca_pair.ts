import type { CatalogueEntry } from "../schema.ts"

/** NCA, pairwise. */
export const entry: CatalogueEntry = {
  id: "nca_pair",
  title: "NCA, pairwise",
  aliases: [],
  arxiv: "2402.05369",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic per response",
  params: { beta: { default: 0.01, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(lw - rw)) - 0.5*logsigmoid(-beta*(lw - rw)) - 0.5*logsigmoid(-beta*(ll - rl))",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "beta", link: "softplus(-z) + 0.5*softplus(z)" },
    { numerator: "p_l", denominator: "r_l", scale: "beta", link: "0.5*softplus(z)" }
  ],
  formula: "-log sigma(a') - (1/2) log sigma(-a') - (1/2) log sigma(-b'), primes = times beta",
  obstacle: "two ratios; as a product it has square roots",
  variants: ["nca", "infonca"],
  notes: "No single core ratio: two ratios; as a product it has square roots.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer nca_pair", "Liger nca_pair", "NCA repo"]
}
