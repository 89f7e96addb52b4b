/**
 * @file The typeface of every figure. It is shipped with the package (a subset of DejaVu Sans Condensed with Latin, Greek
 * and the signs of logic) and used under a name of its own, so no font of the machine can take its place: text widths,
 * and with them margins and line breaks, are the same everywhere.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { createCanvas, GlobalFonts, type SKRSContext2D } from "@napi-rs/canvas"

/** Name under which the shipped typeface is registered and embedded. */
export const figureFontFamily = "LossLattice Sans"

/** `font-family` list for pictures: the shipped typeface, then what looks most like it where embedding is not honoured. */
export const figureFont = `${figureFontFamily}, DejaVu Sans Condensed, DejaVu Sans, sans-serif`

type Weight = "normal" | "bold"

const fileNames: Readonly<Record<Weight, string>> = {
  normal: "DejaVuSansCondensed-subset",
  bold: "DejaVuSansCondensed-Bold-subset"
}

// Written as one string: that makes the fonts part of the code version of whatever draws with them.
const fontFolder = fileURLToPath(new URL("../../../../assets/fonts/", import.meta.url))

const fontPath = (weight: Weight, format: "ttf" | "woff2"): string => join(fontFolder, `${fileNames[weight]}.${format}`)

let measuring: SKRSContext2D | undefined

/** Registers the typeface with the canvas, once per process. @throws Error when a font file is missing from the package */
export const registerFigureFont = (): void => {
  if (measuring !== undefined) return
  for (const weight of ["normal", "bold"] as const) {
    const path = fontPath(weight, "ttf")
    if (GlobalFonts.registerFromPath(path, figureFontFamily) === null) throw new Error(`cannot load the font ${path}`)
  }
  measuring = createCanvas(1, 1).getContext("2d")
}

/**
 * Width of one line of text in the figures' typeface, pixels, kerning included.
 * @param size font size, pixels
 */
export const textWidth = (text: string, size: number, weight: Weight | number = "normal"): number => {
  registerFigureFont()
  const context = measuring as SKRSContext2D
  context.font = `${weight} ${size}px ${figureFontFamily}`
  return context.measureText(text).width
}

const base64 = new Map<Weight, string>()

const fontData = (weight: Weight): string => {
  const known = base64.get(weight)
  if (known !== undefined) return known
  const data = readFileSync(fontPath(weight, "woff2")).toString("base64")
  base64.set(weight, data)
  return data
}

/** CSS that embeds the typeface as data URIs, for a stand-alone SVG or a page; nothing is fetched. */
export const fontFaceCss = (weights: readonly Weight[] = ["normal", "bold"]): string =>
  weights
    .map(
      (weight) =>
        `@font-face{font-family:"${figureFontFamily}";font-weight:${weight};` +
        `src:url(data:font/woff2;base64,${fontData(weight)}) format("woff2")}`
    )
    .join("")
