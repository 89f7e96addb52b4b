/**
 * @file What a notebook needs to show results, `losslattice/notebook`: formulas, tables and the figures of the studies as values
 * that a Jupyter kernel displays when they end a cell. Deno's kernel asks a value for its forms by the method
 * `Symbol.for("Jupyter.display")`; the pictures are SVG with their typeface inside, so they look the same everywhere.
 *
 * ```ts
 * import { formula, latticePicture } from "losslattice/notebook"
 * await latticePicture()
 * ```
 */
import type { TopLevelSpec } from "vega-lite"
import type { Formula } from "../logic/formula.ts"
import { formulaText } from "../logic/print.ts"
import { rowCount, rowName } from "../logic/rows.ts"
import type { Structure } from "../logic/structure.ts"
import type { Loss } from "../loss/loss.ts"
import { type LossMapOptions, lossMapSpec, lossMapTitle } from "./figures/drawing/lossMap.ts"
import { formulaSigns } from "./figures/drawing/notation.ts"
import { seriesLook } from "./figures/drawing/theme.ts"
import type { FigureSpec } from "./figures/figure.ts"
import { latticeFigure } from "./figures/lattice.ts"
import { emptyRecords, type LandscapeRow, type Records } from "./figures/records.ts"
import { renderSpec } from "./figures/render.ts"
import { runCell as landscapeRows } from "./stages/cells/landscape.ts"

/** The name by which Jupyter kernels for TypeScript ask a value how it is shown. */
export const display: unique symbol = Symbol.for("Jupyter.display") as never

/** The forms of a value by MIME type; `text/plain` is always among them, for readers without pictures. */
export type Forms = Readonly<Record<string, string>> & { readonly "text/plain": string }

/** A value that a notebook shows in its own way. */
export interface Shown {
  readonly [display]: () => Forms
}

const shown = (forms: Forms): Shown => ({ [display]: () => forms })

/** A formula on a line of its own. @param latex LaTeX of mathematics, without `$` */
export const formula = (latex: string): Shown =>
  shown({ "text/latex": `$$${latex}$$`, "text/plain": latex.replaceAll(/\s+/g, " ") })

/** What a table may hold. Absent values are empty, truth values "yes" and "no", formulas in the signs of logic. */
export type Cell = string | number | bigint | boolean | Formula | undefined

const signedText = (value: number): string => {
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞").replace("-", "−")
  // Four digits tell results apart; whole numbers are counts and keep theirs.
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
  return text.replaceAll("-", "−")
}

const cellText = (value: Cell): string => {
  switch (typeof value) {
    case "undefined":
      return ""
    case "boolean":
      return value ? "yes" : "no"
    case "number":
      return signedText(value)
    case "object":
      return formulaSigns(formulaText(value))
    default:
      return String(value)
  }
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const isNumeric = (value: Cell): boolean => typeof value === "number" || typeof value === "bigint"

const tableHtml = (
  columns: ReadonlyArray<string>,
  texts: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlyArray<boolean>
): string => {
  const row = (tag: string, cells: ReadonlyArray<string>): string =>
    `<tr>${cells.map((text, i) => `<${tag} style="text-align:${right[i] ? "right" : "left"}">${escaped(text)}</${tag}>`).join("")}</tr>`
  return `<table><thead>${row("th", columns)}</thead><tbody>\n${texts.map((cells) => row("td", cells)).join("\n")}\n</tbody></table>`
}

const tablePlain = (
  columns: ReadonlyArray<string>,
  texts: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlyArray<boolean>
): string => {
  const lines = [columns, ...texts]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)))
  const set = (text: string, i: number) => (right[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))
  return lines.map((line) => line.map(set).join("  ").trimEnd()).join("\n")
}

/**
 * A table, numbers to the right and in four digits.
 * @param columns which, and in which order; default: those of all rows, as they first occur
 */
export const table = (
  rows: ReadonlyArray<Readonly<Record<string, Cell>>>,
  columns: ReadonlyArray<string> = [...new Set(rows.flatMap((row) => Object.keys(row)))]
): Shown => {
  const texts = rows.map((row) => columns.map((column) => cellText(row[column])))
  const right = columns.map((column) => rows.some((row) => isNumeric(row[column])))
  return shown({
    "text/html": tableHtml(columns, texts, right),
    "text/plain": tablePlain(columns, texts, right)
  })
}

/** The rows of a structure, most true first: which count for the winner (✓), which for the loser (✗). */
export const truthTable = ({ propositions, ticks, crosses }: Structure): Shown => {
  const n = propositions.length
  // Names sort as truth tables do: TT, TF, FT, FF.
  const rows = Array.from({ length: rowCount(n) }, (_, row) => row).sort((a, b) =>
    rowName(a, n) < rowName(b, n) ? 1 : -1
  )
  const has = (side: bigint, row: number) => ((side >> BigInt(row)) & 1n) === 1n
  return table(
    rows.map((row) => ({
      ...Object.fromEntries([...rowName(row, n)].map((value, k) => [propositions[k]!, value])),
      winner: has(ticks, row) ? "✓" : "",
      loser: has(crosses, row) ? "✗" : ""
    }))
  )
}

const picture = async (title: string, spec: FigureSpec, alt: string): Promise<Shown> =>
  shown({ "image/svg+xml": (await renderSpec(title, spec)).svg, "text/plain": alt })

/**
 * A chart in the look of the studies' figures.
 * @param title what it shows, for readers who cannot see it
 * @param spec a Vega-Lite specification with its data inside
 * @throws RangeError (as a rejection) for a specification that is wrong or asks for a file or an address
 */
export const chart = (title: string, spec: TopLevelSpec): Promise<Shown> =>
  picture(title, { kind: "vega-lite", spec }, title)

/** What {@link curves} draws; names are those of the rows' columns. */
export interface CurvesOptions {
  readonly x: string
  readonly y: string
  /** The column that tells curves apart; one look for each of its values, in the order of their first rows. */
  readonly series: string
  /** The column with a panel of its own for each value, side by side. */
  readonly panel?: string
  /** Columns with the ends of a band around the curve, say of a 95 % interval. */
  readonly band?: readonly [low: string, high: string]
  /** Titles of the axes; default: the columns' names. */
  readonly titles?: { readonly x?: string; readonly y?: string }
  readonly yDomain?: readonly [number, number]
  /** Width of a panel, pixels. Default 520, with panels 250. */
  readonly width?: number
}

/** The series' colours and dashes as Vega-Lite scales, one legend for both. */
const seriesChannels = (rows: ReadonlyArray<Readonly<Record<string, unknown>>>, series: string) => {
  const domain = [...new Set(rows.map((row) => String(row[series])))]
  const looks = domain.map((_, i) => seriesLook(i))
  const channel = (range: ReadonlyArray<unknown>) => ({ field: series, type: "nominal", scale: { domain, range } })
  return {
    color: channel(looks.map(({ colour }) => colour)),
    strokeDash: channel(looks.map(({ dash }) => (dash.length === 0 ? [1, 0] : dash)))
  }
}

/** Curves in the look of the studies' figures. @param title what they show, for readers who cannot see it */
export const curves = (
  title: string,
  rows: ReadonlyArray<Readonly<Record<string, string | number>>>,
  options: CurvesOptions
): Promise<Shown> => {
  const { x, y, series, panel, band, titles = {}, yDomain } = options
  const { color, strokeDash } = seriesChannels(rows, series)
  const scale = { zero: false, nice: false, ...(yDomain === undefined ? {} : { domain: yDomain }) }
  const across = { field: x, type: "quantitative", title: titles.x ?? x, scale: { nice: false, zero: false } }
  const up = (field: string) => ({ field, type: "quantitative", title: titles.y ?? y, scale })
  const area = {
    mark: { type: "area", opacity: 0.16, clip: true },
    encoding: { x: across, y: up(band?.[0] ?? y), y2: { field: band?.[1] ?? y }, color }
  }
  const line = { mark: { type: "line", clip: true }, encoding: { x: across, y: up(y), color, strokeDash } }
  const layers = {
    width: options.width ?? (panel === undefined ? 520 : 250),
    height: 220,
    layer: band ? [area, line] : [line]
  }
  const facet = panel === undefined ? undefined : { field: panel, type: "nominal", title: null, sort: null }
  const view = facet === undefined ? layers : { facet: { column: facet }, spec: layers }
  return chart(title, { data: { values: rows }, ...view } as unknown as TopLevelSpec)
}

/** The lattice of the sixteen admissible losses over M(w), M(l): truth tables, covers, behaviour classes. */
export const latticePicture = (): Promise<Shown> => {
  const landscape = landscapeRows({ propositions: ["M(w)", "M(l)"], pairs: false }) as ReadonlyArray<LandscapeRow>
  const records: Records = { ...emptyRecords, landscape }
  return picture(latticeFigure.title, latticeFigure.draw(records), latticeFigure.alt(records))
}

/**
 * The map of a loss of one pair over (p_w, p_l): value with descent arrows, size of the gradient, and where a softmax step
 * lowers the chosen response.
 * @param options default: probabilities as axes, reference probabilities 0.4 (chosen) and 0.3 (rejected), 20 tokens each
 */
export const lossMapPicture = (loss: Loss, options: Partial<LossMapOptions> = {}): Promise<Shown> => {
  const setting: LossMapOptions = {
    axes: "prob",
    reference: { chosen: 0.4, rejected: 0.3 },
    lengths: { chosen: 20, rejected: 20 },
    ...options
  }
  return picture(lossMapTitle(loss, setting), lossMapSpec(loss, setting), `Map of ${lossMapTitle(loss, setting)}`)
}
