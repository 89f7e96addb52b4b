import type { CatalogueEntry } from "../schema.ts"

/** Weighted Preference Optimization. */
export const entry: CatalogueEntry = {
  id: "wpo",
  title: "Weighted Preference Optimization",
  aliases: [],
  arxiv: "2406.11827",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic, weighted",
  params: { beta: { default: 0.01, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "w_w", "w_l"],
  loss: "-w_w*w_l*logsigmoid(beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "w_w*w_l*softplus(-z)" },
  terms: null,
  formula:
    "-w(y_w) w(y_l) log sigma(beta rho); w(y) = exp( (1/|y|) sum_t log[ pi(y_t) / sum_v pi(v)^2 ] ), no gradient through w",
  notRunnable: "its weights need the full next-token distributions of the policy along both responses",
  runnableWith: "w_w",
  variants: [],
  notes: "w_w and w_l are inputs because they need full next-token distributions.",
  codeVersusPaper:
    "The authors' code clamps the product w_w*w_l to at most 1; TRL `use_weighting` does not clamp. open-instruct uses plain mean log-probabilities without the sum_v pi(v)^2 alignment.",
  source: "code",
  checkedAgainst: ["WPO repo"]
}
