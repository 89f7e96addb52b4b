import type { CatalogueEntry } from "../schema.ts"

/** MaPO (diffusion, reference-free). */
export const entry: CatalogueEntry = {
  id: "mapo",
  title: "MaPO (diffusion, reference-free)",
  aliases: [],
  arxiv: "2406.06424",
  year: 2024,
  kind: "pairwise",
  reference: false,
  lengthNormalised: false,
  link: "logistic of a transformed error + error",
  params: { beta: { default: 0.1, above: 0 }, snr: { default: 5, above: 0 }, t_max: { default: 1000, above: 0 } },
  inputs: ["lw", "ll"],
  loss: "-lw - beta*logsigmoid(t_max*(-snr*lw/expm1(-snr*lw) + snr*ll/expm1(-snr*ll)))",
  level: "shape",
  rho: null,
  terms: null,
  formula: "e_w - beta log sigma( T [ g(e_w) - g(e_l) ] ), g(e) = s e/(e^{s e} - 1), e = denoising error",
  obstacle: "transformed score, not a log-probability; plus an additive likelihood term",
  notRunnable: "its inputs are denoising errors of a diffusion model, not log-probabilities of responses",
  variants: ["mpo"],
  notes:
    "lw = -e_w, ll = -e_l. g maps an error in [0, inf) to a score in (0, 1]. snr default recalled from usage; t_max = number of training timesteps. No single core ratio: transformed score, not a log-probability; plus an additive likelihood term.",
  codeVersusPaper:
    "Encoded from the released training code; its exp(x) - 1 loses precision for errors below about 1e-6.",
  source: "code",
  checkedAgainst: ["MaPO repo"]
}
