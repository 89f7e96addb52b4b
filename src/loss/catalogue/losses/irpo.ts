import type { CatalogueEntry } from "../schema.ts"

/** Iterative RPO (DPO + NLL). */
export const entry: CatalogueEntry = {
  id: "irpo",
  title: "Iterative RPO (DPO + NLL)",
  aliases: [],
  arxiv: "2404.19733",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic + NLL",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "nw"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl))) - alpha*lw/nw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
    { numerator: "g_w", denominator: "1 - g_w", scale: "1", link: "alpha*softplus(-z)" }
  ],
  formula: "same expression as `rpo`; NLL normalised by the length of reasoning plus answer",
  obstacle: "sum of two different ratios; the preference part alone is exact",
  variants: ["rpo", "rpo_seq"],
  notes:
    "Pairs are regenerated each iteration. TRL's `sft` term is one mean over all chosen tokens of the batch, so with unequal lengths it is not the mean of per-sequence means. No single core ratio: sum of two different ratios; the preference part alone is exact.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: []
}
