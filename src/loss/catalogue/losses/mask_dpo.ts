import type { CatalogueEntry } from "../schema.ts"

/** Mask-DPO. */
export const entry: CatalogueEntry = {
  id: "mask_dpo",
  title: "Mask-DPO",
  aliases: [],
  arxiv: "2503.02846",
  year: 2025,
  kind: "token-level",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula:
    "DPO with log-ratios summed only over tokens of factually correct sentences in y_w and of incorrect sentences in y_l",
  notRunnable: "its log-probabilities are sums over the kept tokens only, which needs a mask per token",
  runnableWith: "token-mask",
  variants: [],
  notes:
    "lw, rw, ll, rl are masked sums, so p_w and p_l are products over the kept tokens, not sequence probabilities.",
  codeVersusPaper:
    "The released trainer applies the mask by setting labels of dropped tokens to the ignore value, and offers cdpo, robust, hinge, ipo, kto_pair, sppo_hard and nca_pair on the same masked sums.",
  source: "code-read",
  checkedAgainst: []
}
