import type { CatalogueEntry } from "../schema.ts"

/** Reward-aware PO, squared (NeMo). */
export const entry: CatalogueEntry = {
  id: "reward_rpo_sq",
  title: "Reward-aware PO, squared (NeMo)",
  aliases: [],
  arxiv: "2406.11704",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "squared",
  params: { beta: { default: 0.1, above: 0 }, eta: { default: 1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "(beta*((lw - rw) - (ll - rl)) - eta*(s_w - s_l))^2",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "(z - eta*(s_w - s_l))^2" },
  terms: null,
  formula: "( beta rho - eta ds )^2",
  variants: ["reward_rpo_bwd", "reward_rpo_fwd", "rpo"],
  notes: "Also known as reward distillation; same minimiser as REBEL.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["NeMo-Aligner rpo_sq"]
}
