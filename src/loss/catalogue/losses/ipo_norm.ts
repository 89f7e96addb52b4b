import type { CatalogueEntry } from "../schema.ts"

/** IPO with per-token averages (TRL, HALOs). */
export const entry: CatalogueEntry = {
  id: "ipo_norm",
  title: "IPO with per-token averages (TRL, HALOs)",
  aliases: [],
  arxiv: "2310.12036",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: true,
  link: "squared",
  params: { tau: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "nw", "nl"],
  loss: "((lw - rw)/nw - (ll - rl)/nl - 1/(2*tau))^2",
  level: "exact_norm",
  rho: { numerator: "g_w*h_l", denominator: "g_l*h_w", scale: "1", link: "(z - 1/(2*tau))^2" },
  terms: null,
  formula: "( log-ratio(y_w)/|y_w| - log-ratio(y_l)/|y_l| - 1/(2 tau) )^2",
  variants: ["ipo"],
  notes: "",
  codeVersusPaper:
    "HALOs counts only tokens whose policy and reference log-probabilities differ, so |y| shrinks when some tokens are unchanged and is 0/0 at initialisation. TRL CPOTrainer's `ipo` averages too but has no reference.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer ipo", "HALOs IPO"]
}
