import type { CatalogueEntry } from "../schema.ts"

/** ORPO. */
export const entry: CatalogueEntry = {
  id: "orpo",
  title: "ORPO",
  aliases: [],
  arxiv: "2403.07691",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: true,
  link: "logistic of log odds ratio + NLL",
  params: { lam: { default: 0.1, atLeast: 0 } },
  inputs: ["lw", "ll", "nw", "nl"],
  loss: "-lw/nw - lam*logsigmoid(lw/nw - ll/nl - (log1mexp(lw/nw) - log1mexp(ll/nl)))",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "g_w*(1 - g_l)", denominator: "g_l*(1 - g_w)", scale: "1", link: "lam*softplus(-z)" },
    { numerator: "g_w", denominator: "1 - g_w", scale: "1", link: "1*softplus(-z)" }
  ],
  formula:
    "-(1/|y_w|) log pi(y_w) - lambda log sigma( log odds(y_w)/odds(y_l) ), odds = g/(1-g), g = per-token geometric mean probability",
  obstacle: "sum of two different ratios; the preference part alone is exact with geometric means",
  variants: ["orpo_seq", "ref_orpo"],
  notes:
    "TRL calls lambda beta. No single core ratio: sum of two different ratios; the preference part alone is exact with geometric means.",
  codeVersusPaper:
    "The NLL covers prompt and response in TRL and by default in the authors' code (optional mask), the response only in LLaMA-Factory. TRL and Liger cast to float32; Liger, LLaMA-Factory, Axolotl and the authors use log(1 - exp(x)) directly, which is -inf for g near 1. Authors' and Axolotl's loss is rounded to bfloat16.",
  source: "code",
  checkedAgainst: ["TRL ORPOTrainer (+ NLL)", "Liger orpo (+ NLL)", "LLaMA-Factory orpo"]
}
