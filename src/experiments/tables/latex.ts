/** @file Tables for papers: LaTeX with booktabs, every text escaped, formulas as mathematics. */
import { type Layout, layoutOf, type SetColumn } from "./latexLayout.ts"
import { texCode, texFormula, texProse, texRatio, texText } from "./latexText.ts"
import { type Cell, intervalText, isInterval, shownColumns, significant, type Table } from "./table.ts"

/** What the tables of a run need. */
export const texPackages = ["array", "booktabs", "graphicx", "longtable", "pdflscape"] as const

const needs = `% Needs \\usepackage[T1]{fontenc} and \\usepackage{${texPackages.join(",")}}.`

/** A line may end before the interval and not within it. */
const texInterval = (text: string): string => texText(text).replaceAll(/(?<=[[(][^\])]*) /g, "~")

const texCell = ({ column: { kind }, isParagraph }: SetColumn, cell: Cell): string => {
  if (cell === undefined) return ""
  if (isInterval(cell)) return texInterval(intervalText(cell))
  if (typeof cell === "number") return texText(significant(cell))
  const text = String(cell)
  if (text === "") return ""
  if (kind === "formula") return texFormula(text)
  if (kind === "ratio") return isParagraph ? texRatio(text).replaceAll(")/(", ")/\\allowbreak{}(") : texRatio(text)
  if (kind === "codes")
    return text
      .split(" ")
      .map((name) => texCode(name, isParagraph))
      .join(" ")
  if (kind === "code") return texCode(text, isParagraph)
  return isParagraph ? texProse(text).replaceAll("/", "/\\allowbreak{}") : texProse(text)
}

/** What stands after `\\` or a rule, where a bracket or a star would be read as an option, blanks before it or not. */
const afterBreak = (text: string): string => text.replace(/^(?= *[[*])/, "{}")

/** A title, in lines of which the last stands on the row; over letters it stands upright, or a matrix would be as wide as they are. */
const texTitle = ({ column, title }: SetColumn): string => {
  if (column.kind === "mark") return `\\rotatebox{90}{${texProse(column.title)}}`
  const lines = title.map((line) => afterBreak(texProse(line)))
  const side = column.kind === "number" ? "r" : "l"
  return lines.length < 2 ? lines.join("") : `\\begin{tabular}[b]{@{}${side}@{}}${lines.join("\\\\")}\\end{tabular}`
}

const texRow = (cells: readonly string[]): string => `${afterBreak(cells.join(" & "))} \\\\`

/** Notes under the rule. */
const texNotes = ({ notes = [] }: Table): readonly string[] =>
  notes.length === 0
    ? []
    : [
        `\\par\\smallskip\\noindent\\begin{minipage}{\\linewidth}\\raggedright ${notes.map(texProse).join("\\par\n")}\\end{minipage}`
      ]

const longTable = (table: Table, { columns, turned }: Layout, parts: TableParts): readonly string[] => [
  ...(turned ? ["\\begin{landscape}"] : []),
  `{${parts.type}\\setlength{\\LTcapwidth}{\\linewidth}\\begin{longtable}{@{}${columns.map(({ spec }) => spec).join("")}@{}}`,
  `${parts.caption} \\\\`,
  "\\toprule",
  parts.header,
  "\\midrule",
  "\\endfirsthead",
  "\\toprule",
  parts.header,
  "\\midrule",
  "\\endhead",
  ...parts.body,
  "\\bottomrule",
  "\\end{longtable}",
  ...texNotes(table),
  "}",
  ...(turned ? ["\\end{landscape}"] : [])
]

const floatingTable = (table: Table, { columns }: Layout, parts: TableParts): readonly string[] => [
  "\\begin{table}[tbp]",
  `\\centering${parts.type}\\setlength{\\abovecaptionskip}{0pt}\\setlength{\\belowcaptionskip}{6pt}`,
  parts.caption,
  `\\begin{tabular}{@{}${columns.map(({ spec }) => spec).join("")}@{}}`,
  "\\toprule",
  parts.header,
  "\\midrule",
  ...parts.body,
  "\\bottomrule",
  "\\end{tabular}",
  ...texNotes(table),
  "\\end{table}"
]

/** What both forms have. */
interface TableParts {
  readonly type: string
  readonly caption: string
  readonly header: string
  readonly body: readonly string[]
}

/**
 * The table for LaTeX with {@link texPackages} and the font encoding T1: floating where it fits on a page, over pages where it does
 * not, on turned pages where it is too wide; `\label{tab:<name>}`.
 */
export const tableTex = (table: Table): string => {
  const layout = layoutOf(table, shownColumns(table, ["page", "file"]))
  const { columns, type } = layout
  const parts: TableParts = {
    // Rows of several lines are told apart by a little air.
    type: `\\${type.command}\\setlength{\\tabcolsep}{${type.gap}pt}${columns.some(({ isParagraph }) => isParagraph) ? "\\setlength{\\extrarowheight}{1.5pt}" : ""}`,
    caption: `\\caption[{${texProse(table.title)}}]{${texProse(`${table.title}. ${table.caption}`)}}\\label{tab:${table.name}}`,
    header: texRow(columns.map(texTitle)),
    body: table.rows.map((row) => texRow(columns.map((column) => texCell(column, row[column.index]))))
  }
  return [needs, ...(layout.long ? longTable : floatingTable)(table, layout, parts), ""].join("\n")
}

/** A document by itself that shows the tables of these names, from files beside it. */
export const previewTex = (names: readonly string[]): string =>
  [
    "% All tables of the run. It compiles by itself: pdflatex all.tex, thrice, until page numbers and widths stand.",
    "\\documentclass[10pt]{article}",
    "\\usepackage[T1]{fontenc}",
    "\\usepackage{lmodern}",
    "\\usepackage[a4paper,textwidth=5.5in,textheight=9in]{geometry}",
    `\\usepackage{${texPackages.join(",")}}`,
    "\\input{glyphtounicode}",
    // The letter, where the list has the sign of a difference.
    "\\pdfglyphtounicode{Delta}{0394}",
    "\\pdfgentounicode=1",
    "\\begin{document}",
    "\\listoftables",
    ...names.map((name) => `\\clearpage\n\\input{${name}.tex}`),
    "\\end{document}",
    ""
  ].join("\n")
