import type { CatalogueEntry } from "../schema.ts"

/** f-DPO, alpha-divergence. */
export const entry: CatalogueEntry = {
  id: "fdpo_alpha",
  title: "f-DPO, alpha-divergence",
  aliases: [],
  arxiv: "2309.16240",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 }, alpha: { default: 0.5, except: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(exp(-alpha*(ll - rl)) - exp(-alpha*(lw - rw)))/alpha)",
  level: "shape",
  rho: null,
  terms: null,
  formula: "f'(u) = (1 - u^-alpha)/alpha, alpha in (0,1); alpha -> 0 is DPO, alpha -> 1 forward KL",
  obstacle: "power of the ratio inside the reward",
  variants: ["alpha_dpo", "alphapo"],
  notes: "No single core ratio: power of the ratio inside the reward.",
  codeVersusPaper:
    "TRL's present code uses f'(u) = (u^(a-1) - 1)/(a-1), i.e. a = 1 - alpha, while its help text still describes u^-alpha; only at the default 0.5 do they agree. It also clamps the exponent (80 in float32 and bfloat16) and rejects float64. Before February 2026 it used the paper's convention with default 1.",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer alpha_div (f32, a->1-a)", "TRL before Feb 2026 alpha", "f-DPO repo"]
}
