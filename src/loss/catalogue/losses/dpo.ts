import type { CatalogueEntry } from "../schema.ts"

/** Direct Preference Optimization. */
export const entry: CatalogueEntry = {
  id: "dpo",
  title: "Direct Preference Optimization",
  aliases: [
    "spin",
    "online_dpo",
    "oaif",
    "iterative_dpo",
    "self_rewarding",
    "tr_dpo",
    "sdpo",
    "rs_dpo",
    "reward_augmented_dpo",
    "mia_dpo",
    "flr_dpo"
  ],
  arxiv: "2305.18290",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "-log sigma( beta [ log pi(y_w)/ref(y_w) - log pi(y_l)/ref(y_l) ] )",
  variants: ["sigmoid_norm", "ln_dpo", "cdpo"],
  notes: "Typical beta 0.01 to 0.5. Pairwise InfoNCA with a one-hot label is the same function.",
  codeVersusPaper:
    "TRL `sigmoid` ignores `label_smoothing` since the February 2026 rewrite; before that (and in the original repository, OpenRLHF, open-instruct and LLaMA-Factory) the same branch with label_smoothing > 0 was cDPO.",
  source: "code",
  checkedAgainst: [
    "TRL DPOTrainer sigmoid",
    "HALOs DPO",
    "original DPO repo",
    "f-DPO repo",
    "NeMo-Aligner dpo",
    "Liger sigmoid"
  ]
}
