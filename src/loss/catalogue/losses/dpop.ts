import type { CatalogueEntry } from "../schema.ts"

/** DPO-Positive (Smaug). */
export const entry: CatalogueEntry = {
  id: "dpop",
  title: "DPO-Positive (Smaug)",
  aliases: [],
  arxiv: "2402.13228",
  year: 2024,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 0.3, above: 0 }, lam: { default: 50, atLeast: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta*(((lw - rw) - (ll - rl)) - lam*max(0, rw - lw)))",
  level: "power",
  rho: null,
  terms: null,
  formula: "-log sigma( beta [ rho - lambda max(0, log ref(y_w)/pi(y_w)) ] )",
  obstacle:
    "where pi(y_w) < ref(y_w) the ratio is p_w^(1+lam) r_l / (p_l r_w^(1+lam)), and elsewhere DPO's: piecewise (a maximum). The first branch is a structure at lam = 1, with the copies M2(w) and Ref2(w) (six propositions); the usual lam = 50 would need 51 copies of each, a lam that is no integer has none",
  parts: [
    { when: "where pi(y_w) >= ref(y_w), at any lam", numerator: "p_w*r_l", denominator: "p_l*r_w" },
    {
      when: "where pi(y_w) < ref(y_w), at lam = 1",
      condition: "lam == 1",
      numerator: "p_w^2*r_l",
      denominator: "p_l*r_w^2"
    }
  ],
  variants: [],
  notes:
    "Kink at pi(y_w) = ref(y_w), i.e. exactly at initialisation. beta and lambda defaults recalled; the SamPO repository uses lambda = 50. No single core ratio: where pi(y_w) < ref(y_w) the ratio is p_w^(1+lambda) r_l / (p_l r_w^(1+lambda)): square or higher powers of p_w (lambda = 1 gives p_w^2, which the logic paper treats with a second copy of the winner variable); piecewise besides.",
  codeVersusPaper: "",
  source: "code",
  checkedAgainst: ["SamPO repo dpop"]
}
