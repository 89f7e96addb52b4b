import type { CatalogueEntry } from "../schema.ts"

/** f-DPO, Jensen-Shannon. */
export const entry: CatalogueEntry = {
  id: "fdpo_js",
  title: "f-DPO, Jensen-Shannon",
  aliases: [],
  arxiv: "2309.16240",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(logsigmoid(lw - rw) - logsigmoid(ll - rl)))",
  level: "counting",
  rho: { numerator: "p_w*(p_l + r_l)", denominator: "p_l*(p_w + r_w)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "f'(u) = log( 2u/(1+u) )",
  variants: ["fdpo_forward_kl", "fdpo_alpha"],
  notes:
    "sigma(log p/r) = p/(p+r). Over the two outcomes 'policy' (weight p) and 'reference' (weight r) of each response, N is row set {TT, TF} and D is {TT, FT}: the truth table of CPO, with literal weights (p, r) in place of (p, 1-p). In the same reading DPO has ORPO's table. Core ratio: multilinear with 0/1 monomial coefficients, but N and D reach 2 at the all-ones vertex, so it is not a weighted model count over (p, 1-p).",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer js_divergence", "TRL before Feb 2026 js", "f-DPO repo"]
}
