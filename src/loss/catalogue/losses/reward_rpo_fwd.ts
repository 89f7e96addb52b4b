import type { CatalogueEntry } from "../schema.ts"

/** Reward-aware PO, forward KL (NeMo). */
export const entry: CatalogueEntry = {
  id: "reward_rpo_fwd",
  title: "Reward-aware PO, forward KL (NeMo)",
  aliases: [],
  arxiv: "2406.11704",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "KL of Bernoullis",
  params: { beta: { default: 0.1, above: 0 }, eta: { default: 1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "sigmoid(beta*((lw - rw) - (ll - rl)))*(logsigmoid(beta*((lw - rw) - (ll - rl))) - logsigmoid(eta*(s_w - s_l))) + sigmoid(-beta*((lw - rw) - (ll - rl)))*(logsigmoid(-beta*((lw - rw) - (ll - rl))) - logsigmoid(-eta*(s_w - s_l)))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "sigmoid(z)*(logsigmoid(z) - logsigmoid(eta*(s_w - s_l))) + sigmoid(-z)*(logsigmoid(-z) - logsigmoid(-eta*(s_w - s_l)))"
  },
  terms: null,
  formula: "KL( Bern(sigma(beta rho)) || Bern(sigma(eta ds)) )",
  variants: ["reward_rpo_bwd", "reward_rpo_sq", "rpo"],
  notes:
    "EXO with the target 1-eps replaced by sigma(eta ds). NeMo's names fwd/bwd follow the code, not the usual reading of KL direction.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["NeMo-Aligner rpo_fwd_kl"]
}
