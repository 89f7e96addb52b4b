import type { CatalogueEntry } from "../schema.ts"

/** Reward-aware PO, backward KL (NeMo). */
export const entry: CatalogueEntry = {
  id: "reward_rpo_bwd",
  title: "Reward-aware PO, backward KL (NeMo)",
  aliases: [],
  arxiv: "2406.11704",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "KL of Bernoullis",
  params: { beta: { default: 0.1, above: 0 }, eta: { default: 1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "sigmoid(eta*(s_w - s_l))*(logsigmoid(eta*(s_w - s_l)) - logsigmoid(beta*((lw - rw) - (ll - rl)))) + sigmoid(-eta*(s_w - s_l))*(logsigmoid(-eta*(s_w - s_l)) - logsigmoid(-beta*((lw - rw) - (ll - rl))))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "sigmoid(eta*(s_w - s_l))*(logsigmoid(eta*(s_w - s_l)) + softplus(-z)) + sigmoid(-eta*(s_w - s_l))*(logsigmoid(-eta*(s_w - s_l)) + softplus(z))"
  },
  terms: null,
  formula: "KL( Bern(sigma(eta ds)) || Bern(sigma(beta rho)) )",
  variants: ["reward_rpo_fwd", "reward_rpo_sq", "rpo"],
  notes:
    "Nemotron-4 340B's 'RPO'; not the regularised RPO above. From NeMo-Aligner; default values not documented, 0.1 and 1 are placeholders.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["NeMo-Aligner rpo_bwd_kl"]
}
