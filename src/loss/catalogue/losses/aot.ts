import type { CatalogueEntry } from "../schema.ts"

/** AOT, paired (optimal transport). */
export const entry: CatalogueEntry = {
  id: "aot",
  title: "AOT, paired (optimal transport)",
  aliases: [],
  arxiv: "2406.05882",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic mixture",
  params: { beta: { default: 0.1, above: 0 }, eps: { default: 0, atLeast: 0, atMost: 0.5 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-(1 - eps)*logsigmoid(beta*((lw - ll) - (rw - rl))) - eps*logsigmoid(-beta*((lw - ll) - (rw - rl)))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "(1 - eps)*softplus(-z) + eps*softplus(z)"
  },
  terms: null,
  formula:
    "batch: sort the policy margins log pi(y_w)/pi(y_l) and, separately, the reference margins; -log sigma( beta (u_(i) - v_(i)) )",
  notRunnable: "it re-matches policy and reference margins by sorting them over the whole batch",
  runnableWith: "rematching",
  variants: ["aot_unpaired"],
  notes:
    "Batch-dependent: lw, ll come from the example at rank i of the policy margins, rw, rl from the (generally different) example at rank i of the reference margins. With a batch of one it is cDPO/DPO. The core ratio is the DPO one over the re-matched variables. Paper's beta 0.01.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer aot (B=1)"]
}
