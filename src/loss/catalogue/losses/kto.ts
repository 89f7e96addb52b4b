import type { CatalogueEntry } from "../schema.ts"

/** KTO. */
export const entry: CatalogueEntry = {
  id: "kto",
  title: "KTO",
  aliases: ["kto_pair"],
  arxiv: "2402.01306",
  year: 2024,
  kind: "unpaired",
  reference: true,
  lengthNormalised: false,
  link: "1 - sigmoid per response",
  params: { beta: { default: 0.1, above: 0 }, lam_d: { default: 1, atLeast: 0 }, lam_u: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "kl"],
  loss: "lam_d*sigmoid(-beta*((lw - rw) - kl)) + lam_u*sigmoid(-beta*(kl - (ll - rl)))",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "r_w*exp(kl)", scale: "beta", link: "lam_d*sigmoid(-z)" },
    { numerator: "r_l*exp(kl)", denominator: "p_l", scale: "beta", link: "lam_u*sigmoid(-z)" }
  ],
  formula:
    "desirable: lambda_D (1 - sigma(beta(a - z0))); undesirable: lambda_U (1 - sigma(beta(z0 - b))); z0 = max(0, batch estimate of KL(pi||ref)), no gradient",
  obstacle: "sum of two sigmoids of different ratios; each unpaired term alone is a tilted exact ratio",
  batchStatistics: {
    kl: "estimate of KL(policy || reference), the mean log-ratio over mismatched responses of the batch, clamped at 0"
  },
  variants: ["bco", "apo_zero"],
  notes:
    "The expression is one desirable plus one undesirable example; each half alone is the loss of one unpaired example. kl: mean log-ratio over mismatched prompt/response pairs of the batch. No single core ratio: sum of two sigmoids of different ratios; each unpaired term alone is a tilted exact ratio.",
  codeVersusPaper:
    "HALOs averages the KL estimate over non-empty sequences only. The former TRL `kto_pair` used the other half's mean log-ratio as the KL of each half. The comparison table of the SimPO paper prints a plus sign before the rejected term, which would reverse its gradient; the KTO paper and both libraries agree with the formula here.",
  source: "code",
  checkedAgainst: ["TRL KTOTrainer kto", "HALOs KTO"]
}
