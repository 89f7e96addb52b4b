import type { CatalogueEntry } from "../schema.ts"

/** LN-DPO (length-normalised DPO). */
export const entry: CatalogueEntry = {
  id: "ln_dpo",
  title: "LN-DPO (length-normalised DPO)",
  aliases: [],
  arxiv: "2407.15229",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: true,
  link: "logistic",
  params: { beta: { default: 5, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "nw", "nl"],
  loss: "-logsigmoid(beta*((lw - rw)/nw - (ll - rl)/nl))",
  level: "exact_norm",
  rho: { numerator: "g_w*h_l", denominator: "g_l*h_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "-log sigma( (beta/|y_w|) log-ratio(y_w) - (beta/|y_l|) log-ratio(y_l) )",
  variants: ["sigmoid_norm", "dpo"],
  notes: "The paper sweeps beta; 5 is Tulu 3's value for the same loss (open-instruct `dpo_norm`).",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer sigmoid_norm"]
}
