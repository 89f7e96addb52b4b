import type { CatalogueEntry } from "../schema.ts"

/** XPO (exploratory PO). */
export const entry: CatalogueEntry = {
  id: "xpo",
  title: "XPO (exploratory PO)",
  aliases: [],
  arxiv: "2405.21046",
  year: 2024,
  kind: "needs-online-samples",
  reference: true,
  lengthNormalised: false,
  link: "logistic + optimism term",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 1e-5, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "pol_is_w"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl))) + alpha*(pol_is_w*ll + (1 - pol_is_w)*lw)",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "softplus(-z)" },
    { numerator: "p_l", denominator: "1 - p_l", scale: "1", link: "-alpha*pol_is_w*softplus(-z)" },
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "-alpha*(1 - pol_is_w)*softplus(-z)" }
  ],
  formula: "-log sigma(beta rho) + alpha log pi(y~), y~ = the response of the pair drawn from the reference",
  obstacle:
    "sum of two different ratios; the preference part alone is exact; the extra term is a negative cross-entropy",
  variants: [],
  notes:
    "pol_is_w = 1 when the chosen response is the policy's own sample, else 0. No single core ratio: sum of two different ratios; the preference part alone is exact; the extra term is a negative cross-entropy.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL XPOTrainer"]
}
