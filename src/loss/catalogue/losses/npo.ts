import type { CatalogueEntry } from "../schema.ts"

/** Negative Preference Optimization (unlearning). */
export const entry: CatalogueEntry = {
  id: "npo",
  title: "Negative Preference Optimization (unlearning)",
  aliases: [],
  arxiv: "2404.05868",
  year: 2024,
  kind: "unpaired",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.1, above: 0 } },
  inputs: ["lw", "ll", "rl"],
  loss: "-2/beta*logsigmoid(-beta*(ll - rl))",
  level: "exact",
  rho: { numerator: "r_l", denominator: "p_l", scale: "beta", link: "2/beta*softplus(-z)" },
  terms: null,
  formula: "-(2/beta) log sigma( -beta log pi(y_l)/ref(y_l) )",
  variants: ["simnpo"],
  notes: "Only a rejected (forget) response; lw is unused.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["NPO (Unlearn-Simple)"]
}
