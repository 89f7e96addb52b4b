import type { CatalogueEntry } from "../schema.ts"

/** SimPO. */
export const entry: CatalogueEntry = {
  id: "simpo",
  title: "SimPO",
  aliases: [],
  arxiv: "2405.14734",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: true,
  link: "logistic with offset",
  params: { beta: { default: 2, above: 0 }, gamma: { default: 0.5 } },
  inputs: ["lw", "ll", "nw", "nl"],
  loss: "-logsigmoid(beta*(lw/nw - ll/nl) - gamma)",
  level: "norm_tilt",
  rho: { numerator: "g_w", denominator: "g_l*exp(gamma/beta)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "-log sigma( (beta/|y_w|) log pi(y_w) - (beta/|y_l|) log pi(y_l) - gamma )",
  variants: ["simnpo"],
  notes:
    "In the logic paper the constant is a hand-made reference: g_w m_l / (g_l m_w) with log m_w/m_l = gamma/beta. Repository parametrises by gamma/beta (0.25 by default; HALOs 0.3 with beta 10; recipes beta 2 to 10, gamma/beta 0.1 to 0.8).",
  codeVersusPaper:
    "TRL takes gamma itself (simpo_gamma 0.5) and adds a token-mean NLL with weight cpo_alpha = 1.0 by default, so `loss_type='simpo'` alone is CPO-SimPO, not SimPO. A hinge variant max(0, 1 - beta(...)) exists in the SimPO repository.",
  source: "code",
  checkedAgainst: ["TRL CPOTrainer simpo", "HALOs SimPO", "SimPO repo", "Liger simpo", "LLaMA-Factory simpo"]
}
