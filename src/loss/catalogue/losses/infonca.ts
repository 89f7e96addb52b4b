import type { CatalogueEntry } from "../schema.ts"

/** InfoNCA, K = 2. */
export const entry: CatalogueEntry = {
  id: "infonca",
  title: "InfoNCA, K = 2",
  aliases: [],
  arxiv: "2402.05369",
  year: 2024,
  kind: "k-wise",
  reference: true,
  lengthNormalised: false,
  link: "soft-label logistic",
  params: { beta: { default: 0.01, above: 0 }, alpha: { default: 0.01, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "-sigmoid((s_w - s_l)/alpha)*logsigmoid(beta*((lw - rw) - (ll - rl))) - sigmoid((s_l - s_w)/alpha)*logsigmoid(-beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "sigmoid((s_w - s_l)/alpha)*softplus(-z) + sigmoid((s_l - s_w)/alpha)*softplus(z)"
  },
  terms: null,
  formula: "-sum_i softmax(s/alpha)_i log softmax(r)_i",
  variants: ["nca", "dpo"],
  notes: "For K > 2 a softmax over K ratios.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["NCA repo InfoNCA K=2"]
}
