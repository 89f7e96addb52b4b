import type { CatalogueEntry } from "../schema.ts"

/** H-DPO (entropy-controlled DPO). */
export const entry: CatalogueEntry = {
  id: "h_dpo",
  title: "H-DPO (entropy-controlled DPO)",
  aliases: [],
  arxiv: "2411.07595",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.01, above: 0 }, alpha: { default: 0.95, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(alpha*(lw - ll) - (rw - rl)))",
  level: "power",
  rho: null,
  terms: null,
  formula: "-log sigma( alpha beta log pi(y_w)/pi(y_l) - beta log ref(y_w)/ref(y_l) )",
  obstacle: "exponent alpha on the policy, 1 on the reference",
  variants: [],
  notes: "No single core ratio: exponent alpha on the policy, 1 on the reference.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
