/** @file Tables for papers: LaTeX with booktabs, every text escaped, formulas as mathematics. */
import * as Result from "effect/Result"
import { parseFormula } from "../../logic/parse.ts"
import { formulaLatex } from "../../logic/print.ts"
import {
  type Cell,
  type Column,
  intervalText,
  isInterval,
  type Kept,
  shownColumns,
  significant,
  type Table
} from "./table.ts"

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

/** Characters of the small type that fit on a line of the article class's default width. */
const lineCharacters = 80

/** A cell as it is read, for its length. */
const shownText = (cell: Cell): string => {
  if (cell === undefined) return ""
  if (isInterval(cell)) return intervalText(cell)
  return typeof cell === "number" ? significant(cell) : String(cell)
}

/** Columns and how wide they come out, in characters: those of long texts become paragraphs in the room that others leave. */
const texColumns = (table: Table, kept: readonly Kept[]): { readonly spec: string; readonly characters: number } => {
  const widths = kept.map(({ column, index }) => {
    const title = column.kind === "mark" ? 1 : column.title.length
    return Math.max(title, ...table.rows.map((row) => shownText(row[index]).length))
  })
  const isLong = (position: number) => kept[position]?.column.kind !== "interval" && (widths[position] ?? 0) > longText
  const fixed = widths.reduce((sum, width, position) => sum + (isLong(position) ? 0 : width + 2), 0)
  const long = kept.filter((_, position) => isLong(position)).length
  const share = Math.max(0.2, (0.97 - fixed / lineCharacters) / Math.max(1, long))
  const spec = kept.map(({ column }, position) =>
    isLong(position) ? `p{${share.toFixed(2)}\\linewidth}` : (texAlignment[column.kind] ?? "l")
  )
  return { spec: spec.join(""), characters: fixed + long * share * lineCharacters }
}

/** The table for LaTeX with the packages booktabs, graphicx for a matrix or a wide table, and longtable for many rows; label included. */
export const tableTex = (table: Table): string => {
  const kept = shownColumns(table, ["page", "file"])
  const { spec, characters } = texColumns(table, kept)
  const wide = characters > 1.05 * lineCharacters
  const header = `${kept.map(({ column }) => texTitle(column)).join(" & ")} \\\\`
  const body = table.rows.map(
    (row) => `${kept.map(({ column, index }) => texCell(column, row[index])).join(" & ")} \\\\`
  )
  const caption = `\\caption{${texText(`${table.title}. ${table.caption}`)}}\\label{tab:${table.name}}`
  if (table.rows.length > longRows) {
    return [
      `{${wide ? "\\scriptsize" : "\\footnotesize"}\\setlength{\\tabcolsep}{${wide ? 3 : 4}pt}\\begin{longtable}{@{}${spec}@{}}`,
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
    ...(wide ? ["\\resizebox{\\linewidth}{!}{%"] : []),
    `\\begin{tabular}{@{}${spec}@{}}`,
    "\\toprule",
    header,
    "\\midrule"
  ]
  return [...open, ...body, "\\bottomrule", `\\end{tabular}${wide ? "}" : ""}`, "\\end{table}", ""].join("\n")
}
