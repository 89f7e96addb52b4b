import type { CatalogueEntry } from "../schema.ts"

/** SLiC-HF. */
export const entry: CatalogueEntry = {
  id: "slic",
  title: "SLiC-HF",
  aliases: [],
  arxiv: "2305.10425",
  year: 2023,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "hinge + NLL",
  params: { delta: { default: 1, atLeast: 0 }, lam: { default: 0.1, atLeast: 0 } },
  inputs: ["lw", "ll"],
  loss: "max(0, delta - lw + ll) - lam*lw",
  level: "sum",
  rho: null,
  terms: [
    { numerator: "p_w", denominator: "p_l", scale: "1", link: "max(0, delta - z)" },
    { numerator: "p_w", denominator: "1 - p_w", scale: "1", link: "lam*softplus(-z)" }
  ],
  formula: "max(0, delta - log pi(y_w) + log pi(y_l)) - lambda log pi(y_ref)",
  obstacle: "sum of two different ratios; the preference part alone is exact",
  variants: ["hinge"],
  notes:
    "The regularisation target is the SFT target in the paper, y_w here, in HALOs and in the SimPO comparison. No single core ratio: sum of two different ratios; the preference part alone is exact.",
  codeVersusPaper:
    "HALOs adds a (batch, tokens) NLL to a (batch) hinge: it raises a shape error unless the per-device batch is 1 or equals the sequence length, and then the NLL is a per-token (padding included) quantity.",
  source: "code",
  checkedAgainst: ["HALOs SLiC (B=1,T=1)"]
}
