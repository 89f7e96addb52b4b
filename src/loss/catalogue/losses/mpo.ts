import type { CatalogueEntry } from "../schema.ts"

/** Mixed Preference Optimization. */
export const entry: CatalogueEntry = {
  id: "mpo",
  title: "Mixed Preference Optimization",
  aliases: [],
  arxiv: "2411.10442",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic sums + NLL",
  params: {
    beta: { default: 0.1, above: 0 },
    w_p: { default: 0.8, atLeast: 0 },
    w_q: { default: 0.2, atLeast: 0 },
    w_g: { default: 1, atLeast: 0 }
  },
  inputs: ["lw", "ll", "rw", "rl", "nw", "delta"],
  loss: "-w_p*logsigmoid(beta*((lw - rw) - (ll - rl))) - w_q*(logsigmoid(beta*(lw - rw) - delta) + logsigmoid(-(beta*(ll - rl) - delta))) - w_g*lw/nw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "w_p*softplus(-z)" },
    { numerator: "p_w", denominator: "r_w", scale: "beta", link: "w_q*softplus(-(z - delta))" },
    { numerator: "r_l", denominator: "p_l", scale: "beta", link: "w_q*softplus(-(z + delta))" },
    { numerator: "g_w", denominator: "1 - g_w", scale: "1", link: "w_g*softplus(-z)" }
  ],
  formula: "w_p DPO + w_q BCO + w_g NLL",
  obstacle: "four different ratios",
  batchStatistics: {
    delta: "running mean of the rewards beta*log(policy/reference) over chosen and rejected responses"
  },
  variants: ["mapo", "modpo"],
  notes: "delta = 0 reproduces TRL's [sigmoid, bco_pair, sft]. No single core ratio: four different ratios.",
  codeVersusPaper: "",
  source: "composed",
  checkedAgainst: []
}
