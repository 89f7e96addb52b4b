import type { CatalogueEntry } from "../schema.ts"

/** Conservative DPO (label smoothing). */
export const entry: CatalogueEntry = {
  id: "cdpo",
  title: "Conservative DPO (label smoothing)",
  aliases: [],
  arxiv: null,
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic mixture",
  params: { beta: { default: 0.1, above: 0 }, eps: { default: 0.1, atLeast: 0, atMost: 0.5 } },
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
  formula: "-(1-eps) log sigma(z) - eps log sigma(-z), z = beta rho",
  variants: ["dpo", "robust_dpo"],
  notes:
    "Technical note by E. Mitchell (cdpo.pdf on his site), no arXiv number. Minimum at sigma(z) = 1 - eps. HALOs uses eps = 0.2 by default, the original repository 0.",
  codeVersusPaper:
    "No `loss_type` of current TRL DPOTrainer computes this any more (label_smoothing is read only by `robust`, `exo_pair`, `aot`, `aot_unpaired`); CPO and TPO trainers still have it.",
  source: "code",
  checkedAgainst: [
    "TRL before Feb 2026 sigmoid",
    "HALOs CDPO",
    "original DPO repo",
    "OpenRLHF DPOLoss",
    "open-instruct dpo_loss"
  ]
}
