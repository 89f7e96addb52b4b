import type { CatalogueEntry } from "../schema.ts"

/** A*-PO. */
export const entry: CatalogueEntry = {
  id: "a2po",
  title: "A*-PO",
  aliases: [],
  arxiv: "2505.20686",
  year: 2025,
  kind: "needs-online-samples",
  reference: true,
  lengthNormalised: false,
  link: "squared",
  params: { beta: { default: 0.001, above: 0 } },
  inputs: ["lw", "ll", "rw", "s_w", "v"],
  loss: "(beta*(lw - rw) - (s_w - v))^2",
  level: "exact",
  rho: { numerator: "p_w", denominator: "r_w", scale: "beta", link: "(z - (s_w - v))^2" },
  terms: null,
  formula: "( beta_2 log pi(y)/ref(y) - (r(y) - V*) )^2, V* = beta_1 log mean exp(r/beta_1) over reference samples",
  variants: [],
  notes: "One response per prompt; ll is unused. beta_1 = 0.5 enters only through v.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["TRL A2POTrainer"]
}
