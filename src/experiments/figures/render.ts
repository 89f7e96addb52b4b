/**
 * @file Figures to files. One Vega scene serves all three formats: its own SVG writer, and its canvas renderer drawing on
 * a Skia canvas (PNG) or on a page of a Skia PDF document (vector, with the shipped typeface embedded as text).
 * The same figure and records give the same bytes: no clock, no random name, no font of the machine.
 */
import { createCanvas, PDFDocument, type SKRSContext2D } from "@napi-rs/canvas"
import * as vega from "vega"
import { compile, version as vegaLiteVersion } from "vega-lite"
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
  /** What was drawn, with the look of all figures in it, for others to draw it their way. */
  readonly source: FigureSource
}

/** A picture's specification as a file: Vega-Lite (`vl.json`), or Vega (`vg.json`) where that is what the figure is written in. */
export interface FigureSource {
  readonly extension: "vl.json" | "vg.json"
  readonly text: string
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

/** Vega reports what is wrong as warnings and draws on; they are collected here, and end the figure when it is drawn. */
class Problems {
  readonly messages: string[] = []
  readonly logger: vega.LoggerInterface

  constructor() {
    const note = (...messages: readonly unknown[]) => {
      this.messages.push(messages.map(String).join(" "))
      return logger
    }
    const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger }
    this.logger = logger as unknown as vega.LoggerInterface
  }

  throwIfAny(title: string): void {
    if (this.messages.length > 0) throw new RangeError(`figure "${title}": ${this.messages.join("; ")}`)
  }
}

/** The figure's picture as a Vega specification, whatever form it was given in. */
const vegaSpecOf = async (spec: FigureSpec, problems: Problems): Promise<vega.Spec> => {
  switch (spec.kind) {
    case "vega":
      return spec.spec
    case "graph":
      return graphSpec(spec.graph)
    case "vega-lite":
      return compile(spec.spec, { config: figureConfig, logger: problems.logger as never }).spec
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

const schemaAddress = (language: string, version: string): string =>
  `https://vega.github.io/schema/${language}/v${version.split(".")[0]}.json`

/** @param compiled the figure's picture as Vega */
const sourceOf = (spec: FigureSpec, compiled: vega.Spec): FigureSource => {
  const text = (value: object) => `${JSON.stringify(value)}\n`
  return spec.kind === "vega-lite"
    ? {
        extension: "vl.json",
        text: text({ $schema: schemaAddress("vega-lite", vegaLiteVersion), config: figureConfig, ...spec.spec })
      }
    : {
        extension: "vg.json",
        text: text({ $schema: schemaAddress("vega", vega.version), padding, config: vegaConfig, ...compiled })
      }
}

/** Room around every figure, pixels. */
const padding = 6

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

/**
 * A context on which text is plain text. Vega leaves the dash of the last line set, and Skia then takes letters for dashed
 * shapes and writes them to a PDF as drawings instead of text.
 */
const withPlainText = <C extends Pick<SKRSContext2D, "fillText" | "setLineDash">>(context: C): C => {
  const fillText = context.fillText.bind(context)
  context.fillText = (...parts) => {
    context.setLineDash([])
    fillText(...parts)
  }
  return context
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
  const problems = new Problems()
  const compiled = await vegaSpecOf(spec, problems)
  const runtime = vega.parse({ padding, ...compiled }, vegaConfig)
  const view = new vega.View(runtime, { renderer: "none", loader: closedLoader(), logger: problems.logger })
  try {
    const svg = embedFont(withLocalIds(await view.toSVG()))
    problems.throwIfAny(title)
    const { width, height } = size(svg)
    const document = new PDFDocument({ title, creator: "losslattice", producer: "losslattice" })
    await view.toCanvas(1, { externalContext: withPlainText(document.beginPage(width, height)) } as never)
    document.endPage()
    const canvas = createCanvas(Math.ceil(width * pngScale), Math.ceil(height * pngScale))
    await view.toCanvas(pngScale, { externalContext: withPlainText(canvas.getContext("2d")) } as never)
    const source = sourceOf(spec, compiled)
    return { svg, pdf: document.close(), png: canvas.toBuffer("image/png"), source }
  } finally {
    view.finalize()
  }
}

/** Draws a figure from the records: the same records give the same bytes. */
export const renderFigure = (figure: Figure, records: Records): Promise<RenderedFigure> =>
  renderSpec(figure.title, figure.draw(records))
