import type { CatalogueEntry } from "../schema.ts"

/** DPO-Shift. */
export const entry: CatalogueEntry = {
  id: "dpo_shift",
  title: "DPO-Shift",
  aliases: [],
  arxiv: "2502.07599",
  year: 2025,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.01, above: 0 }, lam: { default: 0.95, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*((lw - rw) - lam*(ll - rl)))",
  level: "power",
  rho: null,
  terms: null,
  formula: "-log sigma( beta [ log-ratio(y_w) - lambda log-ratio(y_l) ] )",
  obstacle: "exponent lambda on p_l and r_l",
  variants: ["d2o"],
  notes:
    "lambda fixed, or annealed linearly between 0.5 and 1 (configuration defaults). No single core ratio: exponent lambda on p_l and r_l.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["DPO-Shift repo"]
}
