import type { CatalogueEntry } from "../schema.ts"

/** D2O (distributional dispreference). */
export const entry: CatalogueEntry = {
  id: "d2o",
  title: "D2O (distributional dispreference)",
  aliases: [],
  arxiv: "2403.03419",
  year: 2024,
  kind: "needs-online-samples",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 0.1, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(lw - rw) - alpha*(ll - rl))",
  level: "power",
  rho: null,
  terms: null,
  formula: "-log sigma( (beta/K) sum_k log pi(y_k)/ref-(y_k) - alpha log pi(y_l)/ref+(y_l) )",
  obstacle:
    "a geometric mean over K samples (exponent 1/K each) and different exponents beta and alpha; alpha = beta with K = 1 is the DPO ratio with two references",
  variants: ["dpo_shift"],
  notes:
    "No human positives: lw and rw are means over K self-generated samples y_k of log pi and of the log-probability under the less aligned reference ref-; rl is the log-probability of y_l under the more aligned reference ref+. Values of alpha, beta, K recalled. No single core ratio: a geometric mean over K samples (exponent 1/K each) and different exponents beta and alpha; alpha = beta with K = 1 is the DPO ratio with two references.",
  codeVersusPaper: "",
  source: "recalled",
  checkedAgainst: []
}
