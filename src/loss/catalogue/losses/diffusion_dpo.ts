import type { CatalogueEntry } from "../schema.ts"

/** Diffusion-DPO. */
export const entry: CatalogueEntry = {
  id: "diffusion_dpo",
  title: "Diffusion-DPO",
  aliases: [],
  arxiv: "2311.12908",
  year: 2023,
  kind: "pairwise",
  reference: true,
  lengthNormalised: false,
  link: "logistic",
  params: { beta: { default: 5000, above: 0 } },
  inputs: ["lw", "ll", "rw", "rl"],
  loss: "-logsigmoid(beta/2*((lw - rw) - (ll - rl)))",
  level: "exact",
  rho: { numerator: "p_w*r_l", denominator: "p_l*r_w", scale: "beta/2", link: "softplus(-z)" },
  terms: null,
  formula:
    "-log sigma( -beta T w(t) [ (e_w - e_w^ref) - (e_l - e_l^ref) ] ), e = denoising squared error at a random step t",
  notRunnable: "its inputs are denoising errors of a diffusion model, not log-probabilities of responses",
  variants: [],
  notes:
    "Surrogate: lw = -e_w, ll = -e_l, rw = -e_w^ref, rl = -e_l^ref (mean squared errors). p_w = exp(-e_w) is not a probability of the image, so the core ratio is formal.",
  codeVersusPaper:
    "The released script drops T and the timestep weight and uses the scale beta/2 with beta = 5000; that is what is encoded.",
  source: "code",
  checkedAgainst: ["Diffusion-DPO repo"]
}
