import type { CatalogueEntry } from "../schema.ts"

/** AlphaPO. */
export const entry: CatalogueEntry = {
  id: "alphapo",
  title: "AlphaPO",
  aliases: [],
  arxiv: "2501.03884",
  year: 2025,
  kind: "pairwise",
  reference: false,
  lengthNormalised: true,
  link: "logistic with offset",
  params: { beta: { default: 2.5, above: 0 }, alpha: { default: 0.25, except: 0 }, gamma: { default: 0.1 } },
  inputs: ["lw", "ll", "nw", "nl"],
  loss: "-logsigmoid(beta*(expm1(-alpha*ll/nl) - expm1(-alpha*lw/nw))/alpha - gamma)",
  level: "shape",
  rho: null,
  terms: null,
  formula: "reward r(y) = beta (1 - pi(y)^(-alpha/|y|))/alpha; -log sigma( r_w - r_l - gamma )",
  obstacle: "Box-Cox reward of the geometric mean, not a logarithm",
  variants: ["alpha_dpo", "fdpo_alpha"],
  notes:
    "alpha -> 0 is SimPO; alpha may be negative. No single core ratio: Box-Cox reward of the geometric mean, not a logarithm.",
  codeVersusPaper:
    "TRL's `alphapo` sets cpo_alpha = 0 as the paper needs; its help text says alpha works with all loss types, but only `simpo`/`ipo` use per-token means, so with `sigmoid` or `hinge` it exponentiates whole-sequence probabilities.",
  source: "code",
  checkedAgainst: ["TRL CPOTrainer alphapo"]
}
