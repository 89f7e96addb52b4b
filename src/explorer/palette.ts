/** Colours that a canvas or a drawing needs as values. Those of the figures (experiments/figures/drawing/theme.ts; a test holds both together). */

/** Okabe & Ito (2008), "Color Universal Design". */
export const okabeIto = {
  black: "#000000",
  orange: "#E69F00",
  skyBlue: "#56B4E9",
  green: "#009E73",
  yellow: "#F0E442",
  blue: "#0072B2",
  vermilion: "#D55E00",
  purple: "#CC79A7"
} as const
