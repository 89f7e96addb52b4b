import type { CatalogueEntry } from "../schema.ts"

/** BCO on pairs without reward shift (TRL `bco_pair`). */
export const entry: CatalogueEntry = {
  id: "bco_pair",
  title: "BCO on pairs without reward shift (TRL `bco_pair`)",
  aliases: ["biased_nca"],
  arxiv: "2404.04656",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic per response",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(lw - rw)) - logsigmoid(-beta*(ll - rl))",
  level: "sum",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_w*p_l + r_w*p_l + r_w*r_l",
    scale: "1",
    link: "softplus(-z)",
    when: "beta == 1"
  },
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "beta", link: "softplus(-z)" },
    { numerator: "r_l", denominator: "p_l", scale: "beta", link: "softplus(-z)" }
  ],
  formula: "-log sigma(beta a) - log sigma(-beta b)",
  obstacle: "two ratios; at beta = 1 one multilinear ratio whose D reaches 3 at the all-ones vertex",
  variants: ["bco"],
  notes:
    "Only at beta = 1 do the two logistic terms multiply out to one ratio: it then has the truth table of cross-entropy plus unlikelihood (true in TF, false elsewhere) with literal weights (p, r). The NCA repository's `biasedNCA` is the same function. Core ratio: two ratios; at beta = 1 one multilinear ratio whose D reaches 3 at the all-ones vertex.",
  codeVersusPaper:
    "Before February 2026 TRL subtracted the running mean delta (as the paper and LLaMA-Factory do); the present DPOTrainer does not. TRL's paper index prints a DPO formula for this loss, which is not what the code computes.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer bco_pair", "Liger bco_pair", "NCA repo biasedNCA"]
}
