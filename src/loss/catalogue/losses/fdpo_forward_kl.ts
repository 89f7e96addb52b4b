import type { CatalogueEntry } from "../schema.ts"

/** f-DPO, forward KL. */
export const entry: CatalogueEntry = {
  id: "fdpo_forward_kl",
  title: "f-DPO, forward KL",
  aliases: [],
  arxiv: "2309.16240",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(exp(rl - ll) - exp(rw - lw)))",
  level: "shape",
  rho: null,
  terms: null,
  formula: "-log sigma( beta [ f'(u_w) - f'(u_l) ] ), f'(u) = -1/u",
  obstacle: "reward is -ref/pi, a ratio rather than a log-ratio",
  variants: ["fdpo_js", "fdpo_alpha"],
  notes:
    "Reverse KL is plain `dpo`. Constants in f' cancel. No single core ratio: reward is -ref/pi, a ratio rather than a log-ratio.",
  codeVersusPaper: "TRL gained this with the February 2026 rewrite; identical to the authors' code.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer forward_kl", "f-DPO repo"]
}
