import type { CatalogueEntry } from "../schema.ts"

/** chi-PO (chi-squared preference optimisation). */
export const entry: CatalogueEntry = {
  id: "chi_po",
  title: "chi-PO (chi-squared preference optimisation)",
  aliases: [],
  arxiv: "2407.13399",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic, clipped",
  params: { beta: { default: 0.1, above: 0 }, r_max: { default: 10, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(-max(-2*r_max, -max(-2*r_max, beta*((exp(lw - rw) + (lw - rw)) - (exp(ll - rl) + (ll - rl))))))",
  level: "shape",
  rho: null,
  terms: null,
  formula: "-log sigma( clip_{2R}[ beta phi(u_w) - beta phi(u_l) ] ), phi(u) = u + log u, u = pi/ref",
  obstacle: "the reward contains the probability ratio itself, so N/D would contain exp(p/r)",
  variants: [],
  notes:
    "Mixed chi-squared + KL regularisation: f-DPO with f'(u) = u + log u, then clipped to [-2R, 2R]. No single core ratio: the reward contains the probability ratio itself, so N/D would contain exp(p/r).",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
