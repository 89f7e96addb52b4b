import type { CatalogueEntry } from "../schema.ts"

/** beta-DPO (dynamic beta). */
export const entry: CatalogueEntry = {
  id: "beta_dpo",
  title: "beta-DPO (dynamic beta)",
  aliases: [],
  arxiv: "2407.08639",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: {
    beta: { default: 0.1, above: 0 },
    alpha: { default: 0.6, atLeast: 0 },
    beta_min: { default: 0.001, above: 0 }
  },
  inputs: ["lw", "ll", "rw", "rl", "m_bar", "m0"],
  loss: "-logsigmoid(max(beta_min, beta*(1 + alpha*(m_bar - m0)))*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: {
    numerator: "p_w*r_l",
    denominator: "p_l*r_w",
    scale: "max(beta_min, beta*(1 + alpha*(m_bar - m0)))",
    link: "softplus(-z)"
  },
  terms: null,
  formula: "-log sigma( beta_eff rho ), beta_eff = beta [1 + alpha (M_batch - M_0)] held constant for the gradient",
  batchStatistics: {
    m_bar: "batch mean of the pair gap (lw - rw) - (ll - rl)",
    m0: "running mean of the batch mean (momentum 0.9)"
  },
  variants: [],
  notes:
    "Batch-dependent: m_bar is the batch mean of the pair gap, m0 its running mean (momentum 0.9). The method also drops a fraction (0.2) of pairs by sampling with Gaussian weights around m0; that filter is not part of the expression.",
  codeVersusPaper:
    "The paper's gap M includes the factor beta (recalled); the released code measures the gap without it (plain rho) and clamps beta_eff at 1e-3, so alpha is not on the same scale.",
  source: "code",
  checkedAgainst: ["beta-DPO repo"]
}
