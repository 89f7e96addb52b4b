import type { CatalogueEntry } from "../schema.ts"

/** NCA with soft labels, K = 2. */
export const entry: CatalogueEntry = {
  id: "nca",
  title: "NCA with soft labels, K = 2",
  aliases: [],
  arxiv: "2402.05369",
  year: 2024,
  kind: "k-wise",
  reference: true,
  lengthNormalised: false,
  link: "logistic per response",
  params: { beta: { default: 0.01, above: 0 }, alpha: { default: 0.01, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "-sigmoid((s_w - s_l)/alpha)*logsigmoid(beta*(lw - rw)) - sigmoid((s_l - s_w)/alpha)*logsigmoid(beta*(ll - rl)) - 0.5*(logsigmoid(-beta*(lw - rw)) + logsigmoid(-beta*(ll - rl)))",
  level: "sum",
  rho: null,
  terms: [
    {
      numerator: "p_w",
      denominator: "r_w",
      scale: "beta",
      link: "sigmoid((s_w - s_l)/alpha)*softplus(-z) + 0.5*softplus(z)"
    },
    {
      numerator: "p_l",
      denominator: "r_l",
      scale: "beta",
      link: "sigmoid((s_l - s_w)/alpha)*softplus(-z) + 0.5*softplus(z)"
    }
  ],
  formula: "-sum_i softmax(s/alpha)_i log sigma(r_i) - (1/K) sum_i log sigma(-r_i), r = beta log-ratio",
  obstacle: "one term per response",
  variants: ["nca_pair", "infonca"],
  notes: "No single core ratio: one term per response.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["NCA repo NCA K=2"]
}
