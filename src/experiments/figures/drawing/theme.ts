/**
 * @file One look for all figures: colours of Okabe and Ito (safe for colour-blind readers), each paired with a shape and a
 * dash so that nothing rests on colour alone and a greyscale print stays readable; type sizes; the Vega configuration.
 */
import type { Config } from "vega-lite"
import type { BehaviourClass } from "../records.ts"
import { figureFont } from "./fonts.ts"

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

/** Greys: text, secondary text, axes, grid, panel background. */
export const ink = { text: "#1a1a1a", soft: "#555555", axis: "#888888", grid: "#e4e4e4", paper: "#ffffff" } as const

/** Font sizes, pixels; figures are drawn 760 pixels wide and stay legible when set 17 cm wide (factor 0.63). */
export const fontSize = { title: 13, label: 11, small: 10, tiny: 9 } as const

/** Full width of a figure, pixels. */
export const figureWidth = 760

/** How the records' behaviour classes look: the same colour, shape and dash in every figure. */
export interface ClassLook {
  readonly id: BehaviourClass
  readonly label: string
  readonly colour: string
  /** Light tint for backgrounds. */
  readonly tint: string
  /** Vega symbol shape. */
  readonly shape: string
  readonly dash: readonly number[]
  /** What the class does with two invalid responses. */
  readonly meaning: string
}

/** The four behaviour classes in the order of their legend. */
export const classLooks: readonly ClassLook[] = [
  {
    id: "cross-only",
    label: "cross only (CE-like)",
    colour: okabeIto.blue,
    tint: "#e3eef7",
    shape: "square",
    dash: [],
    meaning: "both responses invalid counts against the loss"
  },
  {
    id: "neither",
    label: "neither (CPO-like)",
    colour: okabeIto.green,
    tint: "#e0f2ec",
    shape: "circle",
    dash: [8, 3],
    meaning: "both responses invalid does not count"
  },
  {
    id: "both",
    label: "both (greedy)",
    colour: okabeIto.orange,
    tint: "#fcf0d9",
    shape: "diamond",
    dash: [2, 3],
    meaning: "both responses invalid counts on both sides"
  },
  {
    id: "tick-only",
    label: "tick only (unlikelihood)",
    colour: okabeIto.vermilion,
    tint: "#fbe6da",
    shape: "triangle-up",
    dash: [8, 3, 2, 3],
    meaning: "both responses invalid counts in favour"
  }
]

/** The look of a class. @throws RangeError for a name that is no class */
export const classLook = (id: BehaviourClass): ClassLook => {
  const look = classLooks.find((candidate) => candidate.id === id)
  if (look === undefined) throw new RangeError(`no look for behaviour class ${id}`)
  return look
}

/** Looks of series that are told apart by nothing but their name: colour, dash and shape all differ. */
export interface SeriesLook {
  readonly colour: string
  readonly dash: readonly number[]
  readonly shape: string
}

const seriesLooks: readonly SeriesLook[] = [
  { colour: okabeIto.blue, dash: [], shape: "circle" },
  { colour: okabeIto.vermilion, dash: [7, 3], shape: "square" },
  { colour: okabeIto.green, dash: [2, 2], shape: "triangle-up" },
  { colour: okabeIto.purple, dash: [9, 3, 2, 3], shape: "diamond" },
  { colour: okabeIto.orange, dash: [4, 2], shape: "triangle-down" },
  { colour: okabeIto.black, dash: [1, 2], shape: "cross" },
  { colour: okabeIto.skyBlue, dash: [12, 3], shape: "triangle-right" },
  { colour: "#7a5c00", dash: [6, 2, 1, 2, 1, 2], shape: "triangle-left" }
]

/** Look of the `index`-th series: colours come again after eight, each time with another dash and shape; 64 differ. */
export const seriesLook = (index: number): SeriesLook => {
  const count = seriesLooks.length
  const turn = Math.floor(index / count)
  const own = seriesLooks[index - turn * count]
  const other = seriesLooks[(((index + 3 * turn) % count) + count) % count]
  if (own === undefined || other === undefined) throw new RangeError(`no series look ${index}`)
  return { colour: own.colour, dash: other.dash, shape: other.shape }
}

const darker: Readonly<Record<string, string>> = {
  [okabeIto.orange]: "#8a6000",
  [okabeIto.skyBlue]: "#17688f",
  [okabeIto.purple]: "#96406f",
  [okabeIto.yellow]: "#6b6400",
  [okabeIto.green]: "#00704f",
  [okabeIto.vermilion]: "#a84700"
}

/** The colour, dark enough for letters on white paper (contrast at least 4.5). */
export const textColour = (colour: string): string => darker[colour] ?? colour

/** Configuration of Vega and Vega-Lite shared by all charts. */
export const figureConfig: Config = {
  background: ink.paper,
  font: figureFont,
  padding: 6,
  view: { stroke: null },
  title: { fontSize: fontSize.title, anchor: "start", color: ink.text, fontWeight: "bold", offset: 8 },
  axis: {
    labelFontSize: fontSize.small,
    titleFontSize: fontSize.label,
    titleFontWeight: "normal",
    titleColor: ink.text,
    labelColor: ink.text,
    domainColor: ink.axis,
    tickColor: ink.axis,
    gridColor: ink.grid,
    tickSize: 4,
    titlePadding: 6,
    labelLimit: 0,
    titleLimit: 0,
    labelOverlap: true,
    labelSeparation: 5,
    labelFlush: false,
    labelBound: false
  },
  legend: {
    labelFontSize: fontSize.small,
    titleFontSize: fontSize.small,
    titleFontWeight: "bold",
    labelColor: ink.text,
    titleColor: ink.text,
    labelLimit: 0,
    titleLimit: 0,
    symbolSize: 60
  },
  header: {
    labelFontSize: fontSize.label,
    labelFontWeight: "bold",
    titleFontSize: fontSize.label,
    labelColor: ink.text,
    labelLimit: 0,
    titleLimit: 0
  },
  text: { fontSize: fontSize.small, color: ink.text },
  line: { strokeWidth: 1.8 },
  point: { size: 46, filled: true },
  rule: { color: ink.axis }
}
