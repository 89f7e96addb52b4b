import type { CatalogueEntry } from "../schema.ts"

/** SimNPO (unlearning). */
export const entry: CatalogueEntry = {
  id: "simnpo",
  title: "SimNPO (unlearning)",
  aliases: [],
  arxiv: "2410.07163",
  year: 2024,
  kind: "unpaired",
  reference: false,
  lengthNormalised: true,
  link: "logistic with offset",
  params: { beta: { default: 2.5, above: 0 }, gamma: { default: 0 } },
  inputs: ["lw", "ll", "nl"],
  loss: "-2/beta*logsigmoid(-beta*ll/nl - gamma)",
  level: "norm_tilt",
  rho: { numerator: "exp(-gamma/beta)", denominator: "g_l", scale: "beta", link: "2/beta*softplus(-z)" },
  terms: null,
  formula: "-(2/beta) log sigma( -(beta/|y_l|) log pi(y_l) - gamma )",
  variants: ["npo", "simpo"],
  notes: "",
  codeVersusPaper:
    "The released code puts gamma inside the bracket multiplied by beta: -(2/beta) log sigma( beta(-mean log pi - gamma) ); same at the default gamma = 0 (paper formula recalled).",
  source: "code",
  checkedAgainst: ["SimNPO repo (gamma scaled by beta)"]
}
