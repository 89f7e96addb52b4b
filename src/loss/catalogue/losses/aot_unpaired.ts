import type { CatalogueEntry } from "../schema.ts"

/** AOT, unpaired. */
export const entry: CatalogueEntry = {
  id: "aot_unpaired",
  title: "AOT, unpaired",
  aliases: ["aot_pair_old_trl"],
  arxiv: "2406.05882",
  year: 2024,
  kind: "unpaired",
  reference: true,
  lengthNormalised: false,
  link: "logistic mixture",
  params: { beta: { default: 0.1, above: 0 }, eps: { default: 0, atLeast: 0, atMost: 0.5 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-(1 - eps)*logsigmoid(beta*((lw - rw) - (ll - rl))) - eps*logsigmoid(-beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "(1 - eps)*softplus(-z) + eps*softplus(z)"
  },
  terms: null,
  formula: "batch: sort chosen log-ratios and, separately, rejected log-ratios; -log sigma( beta (a_(i) - b_(i)) )",
  notRunnable: "it re-matches chosen and rejected log-ratios by sorting them over the whole batch",
  runnableWith: "rematching",
  variants: ["aot"],
  notes: "Batch-dependent: (lw, rw) and (ll, rl) may come from different prompts after sorting.",
  codeVersusPaper:
    "Called `aot_pair` in TRL until February 2026 although it was the variant for unpaired data; renamed, not changed.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer aot_unpaired (B=1)"]
}
