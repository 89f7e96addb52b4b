import type { CatalogueEntry } from "../schema.ts"

/** Hinge on the DPO ratio (RSO hinge-norm, TRL `hinge`). */
export const entry: CatalogueEntry = {
  id: "hinge",
  title: "Hinge on the DPO ratio (RSO hinge-norm, TRL `hinge`)",
  aliases: [],
  arxiv: "2309.06657",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "hinge",
  params: { beta: { default: 0.05, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "max(0, 1 - beta*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta", link: "max(0, 1 - z)" },
  terms: null,
  formula: "max(0, 1 - beta rho)",
  variants: ["slic", "awp_hinge"],
  notes: "gamma in the RSO paper is beta here; TRL's own default is 0.1.",
  codeVersusPaper:
    "TRL files this under SLiC, but SLiC-HF itself has no reference model inside the hinge (see `slic`).",
  source: "code",
  checkedAgainst: ["TRL DPOTrainer hinge", "Liger hinge"]
}
