import type { CatalogueEntry } from "../schema.ts"

/** DiscoPOP / log-ratio modulated loss (LRML). */
export const entry: CatalogueEntry = {
  id: "discopop",
  title: "DiscoPOP / log-ratio modulated loss (LRML)",
  aliases: [],
  arxiv: "2406.08414",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic/exponential blend",
  params: { beta: { default: 0.05, above: 0 }, tau: { default: 0.05, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "sigmoid(-beta*((lw - rw) - (ll - rl))/tau)*softplus(-beta*((lw - rw) - (ll - rl))) + exp(logsigmoid(beta*((lw - rw) - (ll - rl))/tau) - beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "beta",
    link: "sigmoid(-z/tau)*softplus(-z) + exp(logsigmoid(z/tau) - z)"
  },
  terms: null,
  formula: "(1 - sigma(z/tau)) log(1+e^-z) + sigma(z/tau) e^-z, z = beta rho",
  variants: [],
  notes:
    "Not convex; the exponential branch is active for z > 0. The product sigma(z/tau) e^-z is written as one exponential so that z << 0 does not give 0*inf. `epo` in the authors' code is only the slot for LLM-proposed functions, not a loss of its own.",
  codeVersusPaper: "The earlier variant in the same code modulates by sigma(rho) without beta and tau.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer discopop", "Liger discopop", "DiscoPOP repo (tau=0.05)"]
}
