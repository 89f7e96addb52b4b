/**
 * @file Figures to files. One Vega scene serves all three formats: its own SVG writer, and its canvas renderer drawing on
 * a Skia canvas (PNG) or on a page of a Skia PDF document (vector, with the shipped typeface embedded as text).
 * The same figure and records give the same bytes: no clock, no random name, no font of the machine.
 */
import { createCanvas, PDFDocument } from "@napi-rs/canvas"
import * as vega from "vega"
import { compile } from "vega-lite"
import { figureFont, fontFaceCss, registerFigureFont, textWidth } from "./drawing/fonts.ts"
import { graphSpec } from "./drawing/graph.ts"
import { figureConfig, ink } from "./drawing/theme.ts"
import type { Figure, FigureSpec } from "./figure.ts"
import type { Records } from "./records.ts"

/** One figure in its three formats. `svg` carries its typeface as a data URI and fetches nothing. */
export interface RenderedFigure {
  readonly svg: string
  readonly pdf: Uint8Array
  readonly png: Uint8Array
}

/** Pixels of the PNG per pixel of the SVG: 2 is about 200 dpi at 18 cm. */
export const pngScale = 2

/** Vega asks for text widths while it lays out; without a canvas it would guess and leave wrong margins (vega #2940). */
const measureWithFigureFont = (): void => {
  registerFigureFont()
  const metrics = (vega as unknown as { textMetrics: { width: unknown } }).textMetrics
  metrics.width = (item: { fontSize?: number; fontWeight?: "normal" | "bold"; text?: unknown }, line?: unknown) => {
    const text = `${line ?? ""}`.trim()
    return text === "" ? 0 : textWidth(text, item.fontSize ?? 11, item.fontWeight ?? "normal")
  }
}

/** A figure is made of its records alone: a specification that asks for a file or an address is our mistake. */
const closedLoader = (): vega.Loader => {
  const refuse = async (uri: string): Promise<never> => {
    throw new RangeError(`a figure may not load ${uri}`)
  }
  return { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} } as unknown as vega.Loader
}

/** Vega reports bad scales and fields as warnings and draws on; here they stop the figure. */
const strictLogger = (): vega.LoggerInterface => {
  const fail = (...messages: readonly unknown[]): never => {
    throw new RangeError(`figure specification: ${messages.map(String).join(" ")}`)
  }
  const logger = { level: () => logger, error: fail, warn: fail, info: () => logger, debug: () => logger }
  return logger as unknown as vega.LoggerInterface
}

/** The figure's picture as a Vega specification, whatever form it was given in. */
export const vegaSpecOf = async (spec: FigureSpec): Promise<vega.Spec> => {
  switch (spec.kind) {
    case "vega":
      return spec.spec
    case "graph":
      return graphSpec(spec.graph)
    case "vega-lite":
      return compile(spec.spec, { config: figureConfig, logger: strictLogger() as never }).spec
  }
}

/** Vega numbers clip paths and gradients through a counter of the process; here they are numbered as they occur. */
const withLocalIds = (svg: string): string => {
  const ids = [...new Set([...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1] as string))]
  const names = new Map(ids.map((id, index) => [id, `d${index}`]))
  return svg
    .replaceAll(/ id="([^"]+)"/g, (_, id: string) => ` id="${names.get(id)}"`)
    .replaceAll(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${names.get(id) ?? id})`)
}

const embedFont = (svg: string): string => {
  const css = fontFaceCss(/font-weight="(bold|[6-9]00)"/.test(svg) ? ["normal", "bold"] : ["normal"])
  return svg.replace(/^(<svg[^>]*>)/, `$1<style>${css}</style>`)
}

/** The configuration for specifications written in Vega itself, which knows less of it than Vega-Lite does. */
const vegaConfig: vega.Config = {
  background: ink.paper,
  axis: { ...figureConfig.axis, labelFont: figureFont, titleFont: figureFont } as NonNullable<vega.Config["axis"]>,
  legend: { ...figureConfig.legend, labelFont: figureFont, titleFont: figureFont } as NonNullable<
    vega.Config["legend"]
  >,
  title: { ...figureConfig.title, font: figureFont } as NonNullable<vega.Config["title"]>
}

const size = (svg: string): { width: number; height: number } => {
  const match = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)
  if (match === null) throw new RangeError("the picture has no size")
  return { width: Number(match[1]), height: Number(match[2]) }
}

/**
 * Draws one picture in all three formats.
 * @param title goes into the PDF's metadata
 * @throws RangeError when the specification is wrong: unknown field, empty domain, anything to be fetched
 */
export const renderSpec = async (title: string, spec: FigureSpec): Promise<RenderedFigure> => {
  measureWithFigureFont()
  const runtime = vega.parse({ padding: 6, ...(await vegaSpecOf(spec)) }, vegaConfig)
  const view = new vega.View(runtime, { renderer: "none", loader: closedLoader(), logger: strictLogger() })
  try {
    const svg = embedFont(withLocalIds(await view.toSVG()))
    const { width, height } = size(svg)
    const document = new PDFDocument({ title, creator: "losslattice", producer: "losslattice" })
    await view.toCanvas(1, { externalContext: document.beginPage(width, height) } as never)
    document.endPage()
    const canvas = createCanvas(Math.ceil(width * pngScale), Math.ceil(height * pngScale))
    await view.toCanvas(pngScale, { externalContext: canvas.getContext("2d") } as never)
    return { svg, pdf: document.close(), png: canvas.toBuffer("image/png") }
  } finally {
    view.finalize()
  }
}

/** Draws a figure from the records: the same records give the same bytes. */
export const renderFigure = (figure: Figure, records: Records): Promise<RenderedFigure> =>
  renderSpec(figure.title, figure.draw(records))
