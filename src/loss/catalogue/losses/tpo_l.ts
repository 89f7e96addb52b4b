import type { CatalogueEntry } from "../schema.ts"

/** TPO-L (length-normalised TPO). */
export const entry: CatalogueEntry = {
  id: "tpo_l",
  title: "TPO-L (length-normalised TPO)",
  aliases: [],
  arxiv: "2405.16681",
  year: 2024,
  kind: "k-wise",
  reference: false,
  lengthNormalised: true,
  link: "logistic with offset + NLL",
  params: { beta: { default: 0.01, above: 0 }, gamma: { default: 0.5 }, alpha: { default: 1, atLeast: 0 } },
  inputs: ["lw", "ll", "nw", "nl", "lg", "ng"],
  loss: "-logsigmoid(beta*(lw/nw - ll/nl) - gamma) - alpha*lg/ng",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "g_w", denominator: "g_l*exp(gamma/beta)", scale: "beta", link: "softplus(-z)" },
    { numerator: "g_g", denominator: "1 - g_g", scale: "1", link: "alpha*softplus(-z)" }
  ],
  formula: "SimPO margin plus alpha NLL of the gold response",
  obstacle: "as tpo",
  variants: ["tpo"],
  notes:
    "TRL defaults keep beta = 0.01 also here, which with per-token means makes the margin part nearly constant; the paper's table gives other values per model. No single core ratio: as tpo.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL TPOTrainer tpo-l"]
}
