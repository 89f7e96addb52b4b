import type { CatalogueEntry } from "../schema.ts"

/** Identity Preference Optimisation (as published). */
export const entry: CatalogueEntry = {
  id: "ipo",
  title: "Identity Preference Optimisation (as published)",
  aliases: ["online_ipo", "ipo_md"],
  arxiv: "2310.12036",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "squared",
  params: { tau: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "(((lw - rw) - (ll - rl)) - 1/(2*tau))^2",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "1", link: "(z - 1/(2*tau))^2" },
  terms: null,
  formula: "( rho - 1/(2 tau) )^2, rho = log-ratio difference over whole sequences",
  variants: ["ipo_norm"],
  notes:
    "Also written tau^-2 (tau rho - 1/2)^2, i.e. a function of tau rho up to a constant factor. Online IPO and IPO-MD (2403.08635) minimise the same expression on pairs sampled from the policy (or from the geometric mixture of policy and reference) and labelled by a preference model.",
  codeVersusPaper:
    "Original DPO repository, OpenRLHF, NeMo-Aligner and TRL's OnlineDPO/XPO trainers use sequence sums as here; TRL DPOTrainer, HALOs and LLaMA-Factory use per-token means (see `ipo_norm`); TRL states that the IPO authors confirmed this. One library (TRL) therefore has both.",
  source: "code",
  checkedAgainst: [
    "TRL before Feb 2026 dpo_loss ipo (inputs were averaged upstream)",
    "original DPO repo",
    "OpenRLHF DPOLoss ipo"
  ]
}
