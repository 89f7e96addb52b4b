import type { CatalogueEntry } from "../schema.ts"

/** BCO (binary classifier optimisation). */
export const entry: CatalogueEntry = {
  id: "bco",
  title: "BCO (binary classifier optimisation)",
  aliases: [],
  arxiv: "2404.04656",
  year: 2024,
  kind: "unpaired",
  reference: true,
  lengthNormalised: false,
  link: "logistic per response",
  params: { beta: { default: 0.1, above: 0 }, udm: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "delta"],
  loss: "-logsigmoid(beta*(lw - rw) - delta) - udm*logsigmoid(-(beta*(ll - rl) - delta))",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w", scale: "beta", link: "softplus(-(z - delta))" },
    { numerator: "r_l", denominator: "p_l", scale: "beta", link: "udm*softplus(-(z + delta))" }
  ],
  formula:
    "desirable: -log sigma(beta a - delta); undesirable: -w log sigma(-(beta b - delta)); delta = running mean of all implicit rewards, no gradient; w = density-ratio weight",
  obstacle: "two ratios (each alone exact up to a tilt)",
  batchStatistics: {
    delta: "running mean of the rewards beta*log(policy/reference) over chosen and rejected responses"
  },
  variants: ["bco_pair"],
  notes:
    "TRL clips the weight w to [0.5, 10]. Paper's beta 0.01. No single core ratio: two ratios (each alone exact up to a tilt).",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL before Feb 2026 bco_pair", "TRL BCOTrainer", "LLaMA-Factory bco"]
}
