import type { CatalogueEntry } from "../schema.ts"

/** PRO (one pair). */
export const entry: CatalogueEntry = {
  id: "pro",
  title: "PRO (one pair)",
  aliases: [],
  arxiv: "2306.17492",
  year: 2023,
  kind: "k-wise",
  reference: false,
  lengthNormalised: true,
  link: "logistic + NLL",
  params: { sft: { default: 0.05, atLeast: 0 } },
  inputs: ["lw", "ll", "nw", "nl", "s_w", "s_l"],
  loss: "-logsigmoid((s_w - s_l)*(lw/nw - ll/nl)) - sft*lw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "g_w", denominator: "g_l", scale: "(s_w - s_l)", link: "softplus(-z)" },
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "sft*softplus(-z)" }
  ],
  formula: "K = 2: -log softmax with temperatures from the reward gap T = s_w - s_l, minus sft log pi(y_w)",
  obstacle: "sum of two different ratios; the preference part alone is exact; K > 2 is a softmax over several ratios",
  variants: [],
  notes:
    "For K responses: sum over k of -log [ e^{T_k S_k} / (e^{T_k S_k} + sum_{j>k} e^{T_kj S_j}) ], S = mean log pi, T_kj = s_k - s_j, T_k = max_j T_kj; sft weight sft*(K-1)^2. No single core ratio: sum of two different ratios; the preference part alone is exact; K > 2 is a softmax over several ratios.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["PRO repo K=2 (eps=0)"]
}
