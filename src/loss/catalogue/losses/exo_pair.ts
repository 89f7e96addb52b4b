import type { CatalogueEntry } from "../schema.ts"

/** Efficient Exact Optimization, pairwise. */
export const entry: CatalogueEntry = {
  id: "exo_pair",
  title: "Efficient Exact Optimization, pairwise",
  aliases: [],
  arxiv: "2402.00856",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "reverse KL to a Bernoulli target",
  params: { beta: { default: 0.1, above: 0 }, eps: { default: 0.001, above: 0, below: 1 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "sigmoid(beta*((lw - rw) - (ll - rl)))*(logsigmoid(beta*((lw - rw) - (ll - rl))) - log1p(-eps)) + sigmoid(-beta*((lw - rw) - (ll - rl)))*(logsigmoid(-beta*((lw - rw) - (ll - rl))) - log(eps))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "sigmoid(z)*(logsigmoid(z) - log1p(-eps)) + sigmoid(-z)*(logsigmoid(-z) - log(eps))"
  },
  terms: null,
  formula: "KL( Bern(sigma(z)) || Bern(1-eps) ), z = beta rho",
  variants: [],
  notes: "Non-monotone in z: minimum 0 at sigma(z) = 1 - eps.",
  codeVersusPaper:
    "The authors' code uses unnormalised targets 1 and e^-10 instead of 1-eps and eps (eps about 4.5e-5); TRL requires label_smoothing > 0 and suggests 1e-3; TRL's default 0 raises an error.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer exo_pair", "Liger exo_pair"]
}
