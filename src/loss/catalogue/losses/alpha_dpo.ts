import type { CatalogueEntry } from "../schema.ts"

/** alpha-DPO (adaptive reward margin). */
export const entry: CatalogueEntry = {
  id: "alpha_dpo",
  title: "alpha-DPO (adaptive reward margin)",
  aliases: [],
  arxiv: "2410.10148",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: true,
  link: "logistic with offset",
  params: { beta: { default: 2.5, above: 0 }, gamma_beta_ratio: { default: 0.6 }, alpha: { default: 0.2, atLeast: 0 } },
  inputs: ["lw", "ll", "nw", "nl", "m_star"],
  loss: "-logsigmoid(beta*(lw/nw - ll/nl - (alpha*m_star + gamma_beta_ratio)))",
  level: "norm_tilt",
  rho: {
    numerator: "g_w",
    denominator: "g_l*exp(alpha*m_star + gamma_beta_ratio)",
    scale: "beta",
    link: "softplus(-z)"
  },
  terms: null,
  formula: "-log sigma( u - sg[ gamma + alpha M* ] ), u = SimPO margin, M* = standardised policy/reference gap",
  batchStatistics: { m_star: "log-ratio gap of the pair against the reference, standardised over the batch" },
  variants: ["fdpo_alpha", "alphapo"],
  notes:
    "The reference enters only through m_star (z-score of the length-normalised log-ratio gap over recent batches, no gradient). Values from the released Llama-3 configuration.",
  codeVersusPaper:
    "In the code the whole offset is multiplied by beta, so its alpha equals the paper's alpha divided by beta (paper formula recalled).",
  source: "code",
  checkedAgainst: ["alpha-DPO repo"]
}
