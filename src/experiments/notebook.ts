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
import { readFile } from "node:fs/promises"
import { extname } from "node:path"
import { read } from "vega"
import type { TopLevelSpec } from "vega-lite"
import type { Formula } from "../logic/formula.ts"
import { formulaText } from "../logic/print.ts"
import { rowCount, rowName } from "../logic/rows.ts"
import type { Structure } from "../logic/structure.ts"
import type { Loss } from "../loss/loss.ts"
import { type LossMapOptions, lossMapSpec, lossMapTitle } from "./figures/drawing/lossMap.ts"
import { formulaSigns } from "./figures/drawing/notation.ts"
import type { FigureSpec } from "./figures/figure.ts"
import { latticeFigure } from "./figures/lattice.ts"
import { emptyRecords, type LandscapeRow, type Records } from "./figures/records.ts"
import { renderSpec } from "./figures/render.ts"
import { type ChartRows, type CurvesOptions, curvesSpec, type PointsOptions, pointsSpec } from "./notebookCharts.ts"
import { rowsFromJsonLines } from "./records.ts"
import { runCell as landscapeRows } from "./stages/cells/landscape.ts"

export type { ChartRows, CurvesOptions, PointsOptions } from "./notebookCharts.ts"

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

const numeric = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i

/**
 * The rows of a study's table: `records/*.jsonl` of a run folder, or a `.csv`, whose cells become numbers where they are written
 * as numbers; empty ones are left out. @throws Error (as a rejection) when the file cannot be read or is neither
 */
export const readRows = async (path: string): Promise<ReadonlyArray<Readonly<Record<string, string | number>>>> => {
  const text = await readFile(path, "utf8")
  if (extname(path) === ".jsonl") return rowsFromJsonLines(text) as ReadonlyArray<Record<string, string | number>>
  if (extname(path) !== ".csv") throw new RangeError(`${path}: expected a name that ends in .csv or .jsonl`)
  const rows = read(text, { type: "csv" }) as ReadonlyArray<Readonly<Record<string, string>>>
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([, cell]) => cell !== "")
        .map(([column, cell]) => [column, numeric.test(cell) ? Number(cell) : cell])
    )
  )
}

/** A figure that a study drew, from its `.svg`. @param alt what it shows, for readers who cannot see it */
export const savedPicture = async (path: string, alt: string): Promise<Shown> =>
  shown({ "image/svg+xml": await readFile(path, "utf8"), "text/plain": alt })

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

/** Curves in the look of the studies' figures. @param title what they show, for readers who cannot see it */
export const curves = (title: string, rows: ChartRows, options: CurvesOptions): Promise<Shown> =>
  chart(title, curvesSpec(rows, options))

/**
 * Points with names, none on another, in the look of the studies' figures.
 * @param title what they show, for readers who cannot see it
 * @throws RangeError (as a rejection) when there are too many names for the picture
 */
export const points = (title: string, rows: ChartRows, options: PointsOptions): Promise<Shown> =>
  chart(title, pointsSpec(rows, options))

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
