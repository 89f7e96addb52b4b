import type { CatalogueEntry } from "../schema.ts"

/** REBEL. */
export const entry: CatalogueEntry = {
  id: "rebel",
  title: "REBEL",
  aliases: [],
  arxiv: "2404.16767",
  year: 2024,
  kind: "needs-online-samples",
  reference: true,
  lengthNormalised: false,
  link: "squared",
  params: { eta: { default: 1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "(((lw - rw) - (ll - rl))/eta - (s_w - s_l))^2",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "1/eta", link: "(z - (s_w - s_l))^2" },
  terms: null,
  formula: "( (1/eta) rho - (s(y) - s(y')) )^2, reference = previous policy",
  variants: ["copg", "reward_rpo_sq"],
  notes: "",
  codeVersusPaper: "The released code squares rho - eta (s - s'), i.e. eta^2 times this.",
  source: "code",
  checkedAgainst: ["REBEL repo (eta=1 only)"]
}
