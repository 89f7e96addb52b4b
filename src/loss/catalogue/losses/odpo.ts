import type { CatalogueEntry } from "../schema.ts"

/** ODPO (DPO with an offset). */
export const entry: CatalogueEntry = {
  id: "odpo",
  title: "ODPO (DPO with an offset)",
  aliases: [],
  arxiv: "2402.10571",
  year: 2024,
  kind: "needs-reward-score",
  reference: true,
  lengthNormalised: false,
  link: "logistic with offset",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "s_w", "s_l"],
  loss: "-logsigmoid(beta*((lw - rw) - (ll - rl)) - alpha*log(s_w - s_l))",
  level: "tilt",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w*(s_w - s_l)^(alpha/beta)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "-log sigma( beta rho - alpha f(s_w - s_l) ), f = log",
  variants: [],
  notes: "Needs s_w > s_l. f may be another increasing function; the code also offers log(s_w/s_l).",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["ODPO repo"]
}
