import type { CatalogueEntry } from "../schema.ts"

/** Cross-entropy plus unlikelihood (CEUnl). */
export const entry: CatalogueEntry = {
  id: "unlikelihood",
  title: "Cross-entropy plus unlikelihood (CEUnl)",
  aliases: [],
  arxiv: "1908.04319",
  year: 2019,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "negative log",
  params: { alpha: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll"],
  loss: "-lw - alpha*log1mexp(ll)",
  level: "sum",
  rho: {
    numerator: "p_w*(1 - p_l)",
    denominator: "1 - p_w*(1 - p_l)",
    scale: "1",
    link: "softplus(-z)",
    when: "alpha == 1"
  },
  terms: [
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "softplus(-z)" },
    { numerator: "1 - p_l", denominator: "p_l", scale: "1", link: "alpha*softplus(-z)" }
  ],
  formula: "-log pi(y_w) - alpha log(1 - pi(y_l))",
  obstacle: "exact at alpha = 1 (logistic link, scale 1); otherwise two terms",
  variants: ["ceunl"],
  notes:
    "Sequence-level, as in the logic paper; the original is token-level. Core ratio: exact at alpha = 1 (logistic link, scale 1); otherwise two terms.",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: []
}
