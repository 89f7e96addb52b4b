import type { CatalogueEntry } from "../schema.ts"

/** CoPG (contrastive policy gradient). */
export const entry: CatalogueEntry = {
  id: "copg",
  title: "CoPG (contrastive policy gradient)",
  aliases: [],
  arxiv: "2406.19185",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "quadratic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "-((s_w - s_l) - beta/2*((lw - rw) - (ll - rl)))*((lw - rw) - (ll - rl))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "1", link: "-((s_w - s_l) - beta/2*z)*z" },
  terms: null,
  formula:
    "-[ R_{beta/2}(y) - R_{beta/2}(y') ] rho, R_b(y) = s(y) - b log pi(y)/ref(y); gradient -( R_beta(y) - R_beta(y') ) grad rho",
  variants: ["rebel", "ipo"],
  notes:
    "Equals (1/(2 beta)) [ (s_w - s_l - beta rho)^2 - (s_w - s_l)^2 ]: the squared-error form sum (R_beta(y_i) - R_beta(y_j))^2 quoted in Cohere's Command A report differs by a positive factor and a constant. Any pair of responses and any scores; s_w - s_l = 1/2 gives IPO's minimiser with tau = beta. The normalisation was not re-read in the paper.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
