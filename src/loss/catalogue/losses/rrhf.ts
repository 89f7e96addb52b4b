import type { CatalogueEntry } from "../schema.ts"

/** RRHF (one pair). */
export const entry: CatalogueEntry = {
  id: "rrhf",
  title: "RRHF (one pair)",
  aliases: [],
  arxiv: "2304.05302",
  year: 2023,
  kind: "k-wise",
  reference: false,
  lengthNormalised: true,
  link: "hinge + NLL",
  params: { lam: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "nw", "nl"],
  loss: "lam*max(0, ll/nl - lw/nw) - lw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "g_w", denominator: "g_l", scale: "1", link: "lam*max(0, -z)" },
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "1*softplus(-z)" }
  ],
  formula: "sum over ranked pairs of max(0, g_l - g_w) with g = mean log pi, minus log pi(best)",
  obstacle: "sum of two different ratios; the preference part alone is exact with geometric means",
  variants: [],
  notes:
    "K responses: sum over all pairs with different scores. No single core ratio: sum of two different ratios; the preference part alone is exact with geometric means.",
  codeVersusPaper:
    "Code default weights the rank term by 100 and takes the mean over the padded length of the best response's log-probabilities for the SFT term; paper: weight 1 and a sum.",
  source: "code",
  checkedAgainst: ["RRHF repo rank term (+ -lw)"]
}
