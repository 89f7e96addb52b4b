import type { CatalogueEntry } from "../schema.ts"

/** Token-level DPO, version 1. */
export const entry: CatalogueEntry = {
  id: "tdpo1",
  title: "Token-level DPO, version 1",
  aliases: [],
  arxiv: "2404.11999",
  year: 2024,
  kind: "token-level",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl", "kl_w", "kl_l"],
  loss: "-logsigmoid(beta*(((lw - rw) - (ll - rl)) - (kl_l - kl_w)))",
  level: "token",
  rho: null,
  terms: null,
  formula:
    "-log sigma( beta rho - beta [ SeqKL(y_l) - SeqKL(y_w) ] ), SeqKL(y) = sum_t KL( ref(.|y_<t) || pi(.|y_<t) )",
  obstacle: "the offset is a policy-dependent token-level KL, not a function of p_w, p_l",
  notRunnable: "it needs the sequential KL divergence between policy and reference at every token",
  runnableWith: "kl_w",
  movingInputs: ["kl_w", "kl_l"],
  variants: ["tdpo2"],
  notes:
    "kl_w, kl_l are inputs (they need full next-token distributions) and also carry gradient in version 1; dlw and dll here are at fixed kl. If they are frozen it is a tilt of DPO: D multiplied by exp(kl_l - kl_w). No single core ratio: the offset is a policy-dependent token-level KL, not a function of p_w, p_l.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TDPO repo"]
}
