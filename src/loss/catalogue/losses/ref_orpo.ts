import type { CatalogueEntry } from "../schema.ts"

/** DPO with ORPO's odds (novel loss on the ICML poster). */
export const entry: CatalogueEntry = {
  id: "ref_orpo",
  title: "DPO with ORPO's odds (novel loss on the ICML poster)",
  aliases: [],
  arxiv: "2412.17696",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 1, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(((lw - rw) - (ll - rl)) + log1mexp(ll) - log1mexp(lw)))",
  level: "exact",
  rho: { numerator: "p_w*r_l*(1 - p_l)", denominator: "p_l*r_w*(1 - p_w)", scale: "beta", link: "softplus(-z)" },
  terms: null,
  formula: "-log sigma( log [ pi(y_w) ref(y_l) (1 - pi(y_l)) ] / [ pi(y_l) ref(y_w) (1 - pi(y_w)) ] )",
  variants: ["orpo_seq", "orpo"],
  notes:
    "Poster obtains it from Implies(And(M(y_l), Ref(y_w)), M(y_w)) by editing DPO's program Implies(And(M(y_l), Ref(y_w)), And(M(y_w), Ref(y_l))).",
  codeVersusPaper: "",
  source: "logic paper",
  checkedAgainst: []
}
