import type { CatalogueEntry } from "../schema.ts"

/** RPO (DPO + NLL), per-token NLL. */
export const entry: CatalogueEntry = {
  id: "rpo",
  title: "RPO (DPO + NLL), per-token NLL",
  aliases: [],
  arxiv: "2405.16436",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic + NLL",
  params: { beta: { default: 0.01, above: 0 }, alpha: { default: 0.005, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "nw"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl))) - alpha*lw/nw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
    { numerator: "g_w", denominator: "1 - g_w", scale: "1", link: "alpha*softplus(-z)" }
  ],
  formula: "-log sigma(beta rho) - alpha (1/|y_w|) log pi(y_w)",
  obstacle: "sum of two different ratios; the preference part alone is exact",
  variants: ["irpo", "rpo_seq", "reward_rpo_bwd", "reward_rpo_fwd", "reward_rpo_sq"],
  notes:
    "TRL: loss_type [sigmoid, sft] with weights [1, 0.005]. No single core ratio: sum of two different ratios; the preference part alone is exact.",
  codeVersusPaper:
    "Paper weights the sequence NLL by eta*beta (see `rpo_seq`); the released trainers add eta times a token-mean NLL (over the batch, or over each sequence).",
  source: "code",
  checkedAgainst: []
}
