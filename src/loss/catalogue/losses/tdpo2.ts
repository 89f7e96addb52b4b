import type { CatalogueEntry } from "../schema.ts"

/** Token-level DPO, version 2. */
export const entry: CatalogueEntry = {
  id: "tdpo2",
  title: "Token-level DPO, version 2",
  aliases: [],
  arxiv: "2404.11999",
  year: 2024,
  kind: "token-level",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 0.5, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "kl_w", "kl_l"],
  loss: "-logsigmoid(beta*(((lw - rw) - (ll - rl)) - alpha*(kl_l - kl_w)))",
  level: "token",
  rho: null,
  terms: null,
  formula: "as `tdpo1` with weight alpha on the KL difference and no gradient through SeqKL(y_w)",
  obstacle: "same as tdpo1",
  notRunnable: "it needs the sequential KL divergence between policy and reference at every token",
  runnableWith: "kl_w",
  movingInputs: ["kl_l"],
  variants: ["tdpo1"],
  notes: "No single core ratio: same as tdpo1.",
  codeVersusPaper:
    "The function's default is version 2, the shipped configuration file sets version 1 (`if_tdpo2: false`).",
  source: "code",
  checkedAgainst: ["TDPO repo"]
}
