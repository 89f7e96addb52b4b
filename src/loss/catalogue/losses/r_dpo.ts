import type { CatalogueEntry } from "../schema.ts"

/** R-DPO (length-regularised DPO). */
export const entry: CatalogueEntry = {
  id: "r_dpo",
  title: "R-DPO (length-regularised DPO)",
  aliases: [],
  arxiv: "2403.19159",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic with offset",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 0.05 } },
  inputs: ["lw", "ll", "rw", "rl", "nw", "nl"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl)) + alpha*(nw - nl))",
  level: "tilt",
  rho: { numerator: "p_w*r_l*exp(alpha*(nw - nl)/beta)", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "-log sigma( beta rho + alpha (|y_w| - |y_l|) )",
  variants: ["robust_dpo"],
  notes: "Follows from the penalised reward r - alpha|y|. alpha grid in the SimPO comparison: 0.05, 0.1, 0.5, 1.",
  codeVersusPaper:
    "The alpha-DPO repository's `rDPO` branch subtracts beta*gamma_beta_ratio*(|y_w| - |y_l|), the opposite sign for a positive coefficient; the SamPO repository has the published sign.",
  source: "code",
  checkedAgainst: ["SamPO repo lenN"]
}
