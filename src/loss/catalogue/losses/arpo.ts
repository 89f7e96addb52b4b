import type { CatalogueEntry } from "../schema.ts"

/** ARPO (X-ALMA, adaptive rejection). */
export const entry: CatalogueEntry = {
  id: "arpo",
  title: "ARPO (X-ALMA, adaptive rejection)",
  aliases: [],
  arxiv: "2410.03115",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic",
  params: {
    beta: { default: 0.1, above: 0 },
    lam: { default: 1, atLeast: 0 },
    eta1: { default: 0.9, atLeast: 0 },
    eta2: { default: 0.4, atLeast: 0 }
  },
  inputs: ["lw", "ll", "nw", "nl"],
  loss: "-logsigmoid(beta*(lw + max(-1, 1 - eta1*exp(eta2*abs(lw/nw - ll/nl)))*ll)) - lam*lw/nw",
  level: "power",
  rho: null,
  terms: null,
  formula: "-log sigma( beta [ log pi(y_w) - t log pi(y_l) ] ) - lambda NLL, t = min(1, eta1 exp(eta2 |mean gap|) - 1)",
  obstacle: "data-dependent exponent t on p_l, plus a likelihood term",
  variants: [],
  notes:
    "t depends on the policy; the released code lets the gradient through it (as here). No single core ratio: data-dependent exponent t on p_l, plus a likelihood term.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["ALMA repo (+ token-mean NLL)"]
}
