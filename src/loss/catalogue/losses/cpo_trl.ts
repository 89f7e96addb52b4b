import type { CatalogueEntry } from "../schema.ts"

/** CPO with token-mean NLL (TRL, ALMA, Liger). */
export const entry: CatalogueEntry = {
  id: "cpo_trl",
  title: "CPO with token-mean NLL (TRL, ALMA, Liger)",
  aliases: [],
  arxiv: "2401.08417",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic + NLL",
  params: { beta: { default: 0.1, above: 0 }, lam: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "nw"],
  loss: "-logsigmoid(beta*(lw - ll)) - lam*lw/nw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "p_l", scale: "beta", link: "softplus(-z)" },
    { numerator: "g_w", denominator: "1 - g_w", scale: "1", link: "lam*softplus(-z)" }
  ],
  formula: "as `cpo` with the NLL averaged over tokens",
  obstacle: "sum of two different ratios; the preference part alone is exact",
  variants: ["cpo", "cpo_core"],
  notes:
    "Sums in the logistic part, mean in the NLL. TRL has label smoothing, hinge and ipo variants (the ipo one on averages). No single core ratio: sum of two different ratios; the preference part alone is exact.",
  codeVersusPaper: "The mean is over all chosen tokens of the batch, not the mean of per-sequence means.",
  source: "code",
  checkedAgainst: ["TRL CPOTrainer sigmoid + token-mean NLL"]
}
