/**
 * @file A table as data, and its three written forms: CSV for machines (full precision, one column per number), LaTeX with
 * booktabs for papers, HTML for the report. What a column holds decides how its cells are written in each.
 */
import * as Result from "effect/Result"
import { parseFormula } from "../../logic/parse.ts"
import { formulaLatex } from "../../logic/print.ts"
import { formulaSigns, ratioSigns, number as shownNumber } from "../figures/drawing/notation.ts"

/** A mean with its 95 % interval (of one run without one: low = high = mean) and the number of runs; `resolved` false: a difference whose interval covers zero. */
export interface IntervalCell {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly seeds: number
  readonly resolved?: boolean
}

/** A cell's value; absent values are empty in every form. */
export type Cell = string | number | boolean | IntervalCell | undefined

/**
 * A column: `text` is prose, `code` a name to type, `formula` a logical formula of the records, `ratio` one side of a core
 * ratio, `number` a number, `interval` an {@link IntervalCell} (three columns more in CSV), `mark` a letter in a matrix.
 */
export interface Column {
  readonly key: string
  readonly title: string
  readonly kind: "text" | "code" | "formula" | "ratio" | "number" | "interval" | "mark"
  /** `page`: left out of LaTeX, where a page is narrow; `file`: in CSV only; default: everywhere. */
  readonly only?: "page" | "file"
}

/** A table as data; `name` is its file name without extension. */
export interface Table {
  readonly name: string
  readonly title: string
  /** What is in it, with seeds and intervals; plain text. */
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Too long to read: written to its files, left out of the report. */
  readonly filesOnly?: boolean
}

type Kept = { readonly column: Column; readonly index: number }

/** Columns to show in LaTeX or HTML: those meant for it that have a value in some row. */
const shownColumns = (table: Table, hidden: readonly Column["only"][]): readonly Kept[] =>
  table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.only === undefined || !hidden.includes(column.only))
    .filter(({ index }) => table.rows.some((row) => row[index] !== undefined && row[index] !== ""))

const isInterval = (cell: Cell): cell is IntervalCell => typeof cell === "object"

/** Whole numbers as they are, others with three significant digits, minus sign U+2212: for people; CSV keeps all digits. */
export const significant = (value: number): string => {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < 1e6)) {
    return Object.is(value, -0) ? "0" : String(value).replace("-", "−")
  }
  const size = Math.floor(Math.log10(Math.abs(value)))
  if (size >= 5 || size < -4) return value.toExponential(2).replaceAll("-", "−")
  return shownNumber(value, Math.min(6, Math.max(0, 2 - size)))
}

/** An interval for people: mean, interval, and whether it leaves zero out. */
export const intervalText = (cell: IntervalCell): string => {
  const bounded = cell.seeds > 1 || cell.low !== cell.high
  const bounds = bounded ? ` [${significant(cell.low)}, ${significant(cell.high)}]` : " (one run)"
  return `${significant(cell.mean)}${bounds}${cell.resolved === false ? ", not resolved" : ""}`
}

// ---- CSV

/** One field of RFC 4180: quoted when it has a comma, a quote or a line break, quotes doubled. */
export const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

const csvCells = (column: Column, cell: Cell): readonly string[] => {
  if (column.kind === "interval") {
    return isInterval(cell) ? [cell.mean, cell.low, cell.high, cell.seeds].map(String) : ["", "", "", ""]
  }
  return [cell === undefined ? "" : String(cell)]
}

const csvHeader = (column: Column): readonly string[] =>
  column.kind === "interval"
    ? [`${column.key}_mean`, `${column.key}_low`, `${column.key}_high`, `${column.key}_seeds`]
    : [column.key]

/** The table as CSV with a header line; lines end in a line feed. */
export const tableCsv = (table: Table): string =>
  [
    table.columns.flatMap(csvHeader),
    ...table.rows.map((row) => table.columns.flatMap((column, index) => csvCells(column, row[index])))
  ]
    .map((fields) => `${fields.map(csvField).join(",")}\n`)
    .join("")

// ---- LaTeX

const texCharacters: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "“": "``",
  "”": "''",
  "’": "'",
  "–": "--",
  "—": "---",
  "…": "\\ldots{}",
  "‖": "$\\Vert$"
}

const texMathSigns: Readonly<Record<string, string>> = {
  "−": "-",
  "→": "\\rightarrow",
  "↔": "\\leftrightarrow",
  "⊕": "\\oplus",
  "∧": "\\land",
  "∨": "\\lor",
  "¬": "\\lnot",
  "⊤": "\\top",
  "⊥": "\\bot",
  "≤": "\\le",
  "≥": "\\ge",
  "≠": "\\ne",
  "≻": "\\succ",
  "⊑": "\\sqsubseteq",
  "×": "\\times",
  "·": "\\cdot",
  "±": "\\pm",
  "∞": "\\infty",
  "∈": "\\in",
  "⊆": "\\subseteq",
  "∂": "\\partial",
  Σ: "\\Sigma",
  Δ: "\\Delta",
  α: "\\alpha",
  β: "\\beta",
  γ: "\\gamma",
  δ: "\\delta",
  ε: "\\varepsilon",
  η: "\\eta",
  θ: "\\theta",
  λ: "\\lambda",
  μ: "\\mu",
  π: "\\pi",
  ρ: "\\rho",
  σ: "\\sigma",
  τ: "\\tau",
  "²": "^2",
  ᵢ: "_i",
  ⱼ: "_j"
}

/** Plain text for LaTeX: every special character escaped, known signs as mathematics, others as "?". */
export const texText = (text: string): string =>
  [...text]
    .map((character) => {
      const escaped = texCharacters[character]
      if (escaped !== undefined) return escaped
      const sign = texMathSigns[character]
      if (sign !== undefined) return `$${sign}$`
      return character.codePointAt(0)! < 0x250 ? character : "?"
    })
    .join("")

/** A ratio's side in mathjs syntax (`p_w*(1-p_l)`) as LaTeX mathematics. */
const texRatio = (expression: string): string => {
  const body = expression
    .replaceAll(/[\\{}$&#%~<>]/g, "")
    .replaceAll(
      /\b([A-Za-z]+\d*)_([A-Za-z0-9]+)/g,
      (_, name: string, lowered: string) => `${name.length > 1 ? `\\mathrm{${name}}` : name}_{${lowered}}`
    )
    .replaceAll("*", "\\,")
    .replaceAll(/\^(\d+)/g, "^{$1}")
  return `$${body}$`
}

const texFormula = (text: string): string => {
  const parsed = parseFormula(text)
  return Result.isSuccess(parsed) ? `$${formulaLatex(parsed.success)}$` : texText(text)
}

const texCell = (column: Column, cell: Cell): string => {
  if (cell === undefined) return ""
  if (isInterval(cell)) return texText(intervalText(cell))
  if (typeof cell === "number") return texText(significant(cell))
  const text = String(cell)
  if (text === "") return ""
  if (column.kind === "formula") return texFormula(text)
  if (column.kind === "ratio") return texRatio(text)
  return column.kind === "code" ? `\\texttt{${texText(text)}}` : texText(text)
}

/** Rows beyond which a table runs over pages. */
const longRows = 40

/** Texts longer than this are set as paragraphs, which share the width that the other columns leave. */
const longText = 34

const texAlignment: Partial<Record<Column["kind"], string>> = { number: "r", mark: "c" }

/** Titles over letters stand upright, or the matrix would be as wide as they are. */
const texTitle = (column: Column): string =>
  column.kind === "mark" ? `\\rotatebox{90}{${texText(column.title)}}` : texText(column.title)

const texColumnSpec = (table: Table, kept: readonly Kept[]): string => {
  const isLong = ({ column, index }: Kept) =>
    column.kind !== "interval" && table.rows.some((row) => String(row[index] ?? "").length > longText)
  const long = kept.filter(isLong).length
  const share = (Math.max(0.3, 0.95 - 0.11 * (kept.length - long)) / Math.max(1, long)).toFixed(2)
  return kept.map((one) => (isLong(one) ? `p{${share}\\linewidth}` : (texAlignment[one.column.kind] ?? "l"))).join("")
}

/** The table for LaTeX with the packages booktabs, graphicx for a matrix and longtable for many rows; label included. */
export const tableTex = (table: Table): string => {
  const kept = shownColumns(table, ["page", "file"])
  const spec = texColumnSpec(table, kept)
  const header = `${kept.map(({ column }) => texTitle(column)).join(" & ")} \\\\`
  const body = table.rows.map(
    (row) => `${kept.map(({ column, index }) => texCell(column, row[index])).join(" & ")} \\\\`
  )
  const caption = `\\caption{${texText(`${table.title}. ${table.caption}`)}}\\label{tab:${table.name}}`
  if (table.rows.length > longRows) {
    return [
      `{\\footnotesize\\setlength{\\tabcolsep}{4pt}\\begin{longtable}{@{}${spec}@{}}`,
      `${caption} \\\\`,
      "\\toprule",
      header,
      "\\midrule",
      "\\endfirsthead",
      "\\toprule",
      header,
      "\\midrule",
      "\\endhead",
      ...body,
      "\\bottomrule",
      "\\end{longtable}}",
      ""
    ].join("\n")
  }
  const tight = kept.some(({ column }) => column.kind === "mark") ? "\\setlength{\\tabcolsep}{3pt}" : ""
  const open = [
    "\\begin{table}",
    `\\centering\\footnotesize${tight}`,
    caption,
    `\\begin{tabular}{@{}${spec}@{}}`,
    "\\toprule",
    header,
    "\\midrule"
  ]
  return [...open, ...body, "\\bottomrule", "\\end{tabular}", "\\end{table}", ""].join("\n")
}

// ---- HTML

/** Text for HTML content and double-quoted attributes. */
export const htmlText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** A ratio or formula with `p_w` as a letter and its subscript. */
export const htmlMath = (text: string): string =>
  htmlText(text).replaceAll(/\b([A-Za-z]\d*)_([A-Za-z0-9]+)/g, "<i>$1</i><sub>$2</sub>")

const htmlCell = (column: Column, cell: Cell): string => {
  if (cell === undefined) return ""
  if (isInterval(cell)) return htmlText(intervalText(cell))
  if (typeof cell === "number") return significant(cell)
  const text = String(cell)
  if (column.kind === "formula") return `<span class="math">${htmlText(formulaSigns(text))}</span>`
  if (column.kind === "ratio") return `<span class="math">${htmlMath(ratioSigns(text))}</span>`
  return column.kind === "code" ? `<code>${htmlText(text)}</code>` : htmlText(text)
}

/** A value no longer than this is kept on one line. */
const unbroken = 28

/** The table as HTML: its caption as a paragraph, then a region that scrolls by itself; the first column heads its row. */
export const tableHtml = (table: Table): string => {
  const kept = shownColumns(table, ["file"])
  const align = ({ kind }: Column): string =>
    kind === "number" || kind === "interval" ? ' class="number"' : kind === "mark" ? ' class="mark"' : ""
  const head = kept.map(({ column }) => `<th scope="col"${align(column)}>${htmlText(column.title)}</th>`).join("")
  const body = table.rows
    .map((row) => {
      const cells = kept.map(({ column, index }, position) => {
        const content = htmlCell(column, row[index])
        const short = column.kind === "code" && String(row[index] ?? "").length <= unbroken ? ' class="short"' : ""
        return position === 0 ? `<th scope="row">${content}</th>` : `<td${align(column) || short}>${content}</td>`
      })
      return `<tr>${cells.join("")}</tr>`
    })
    .join("\n")
  const caption = `caption-${table.name}`
  return (
    `<p class="caption" id="${caption}"><strong>${htmlText(table.title)}.</strong> ${htmlText(table.caption)}</p>\n` +
    `<div class="table" tabindex="0" role="region" aria-labelledby="${caption}"><table aria-labelledby="${caption}">` +
    `<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`
  )
}
