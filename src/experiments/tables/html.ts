/** @file Tables for the report, and the escaping of everything else in it. */
import { formulaSigns, ratioSigns } from "../figures/drawing/notation.ts"
import { type Cell, type Column, intervalText, isInterval, shownColumns, significant, type Table } from "./table.ts"

/** Text for HTML content and double-quoted attributes. */
export const htmlText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** A ratio or formula with `p_w` as a letter and its subscript. */
export const htmlMath = (text: string): string =>
  htmlText(text).replaceAll(/\b([A-Za-z]\d*)_([A-Za-z0-9]+)/g, "<i>$1</i><sub>$2</sub>")

/** Names shown of a list before the rest is folded away: the largest class of equal losses has two dozen members. */
const shownNames = 3

const htmlCodes = (names: readonly string[]): string => {
  const list = (some: readonly string[]) => `<code>${some.map(htmlText).join("</code> <code>")}</code>`
  if (names.length <= shownNames + 1) return list(names)
  const [first, rest] = [names.slice(0, shownNames), names.slice(shownNames)]
  return `${list(first)} <details><summary>and ${rest.length} more</summary>${list(rest)}</details>`
}

const htmlCell = (column: Column, cell: Cell): string => {
  if (cell === undefined) return ""
  if (isInterval(cell)) return htmlText(intervalText(cell))
  if (typeof cell === "number") return significant(cell)
  const text = String(cell)
  if (text === "") return ""
  if (column.kind === "codes") return htmlCodes(text.split(" "))
  if (column.kind === "formula") return `<span class="math">${htmlText(formulaSigns(text))}</span>`
  if (column.kind === "ratio") return `<span class="math">${htmlMath(ratioSigns(text))}</span>`
  if (column.kind === "arxiv") return `<a href="https://arxiv.org/abs/${encodeURI(text)}">${htmlText(text)}</a>`
  return column.kind === "code" ? `<code>${htmlText(text)}</code>` : htmlText(text)
}

/** A name no longer than this is kept on one line; a column with a longer text than this is given room for it. */
const unbroken = 28
const needsRoom = 36

/** The table as HTML: its caption as a paragraph, then a region that scrolls by itself; the first column heads its row. */
export const tableHtml = (table: Table): string => {
  const kept = shownColumns(table, ["file"])
  const align = ({ kind }: Column): string =>
    kind === "number" || kind === "interval" ? ' class="number"' : kind === "mark" ? ' class="mark"' : ""
  const head = kept.map(({ column }) => `<th scope="col"${align(column)}>${htmlText(column.title)}</th>`).join("")
  const long = new Set(
    kept
      .filter(
        ({ column, index }) =>
          (column.kind === "text" || column.kind === "codes") &&
          table.rows.some((row) => String(row[index] ?? "").length > needsRoom)
      )
      .map(({ index }) => index)
  )
  const room = (column: Column, index: number, value: string): string =>
    long.has(index) ? ' class="long"' : column.kind === "code" && value.length <= unbroken ? ' class="short"' : ""
  const body = table.rows
    .map((row) => {
      const cells = kept.map(({ column, index }, position) => {
        const content = htmlCell(column, row[index])
        const short = room(column, index, String(row[index] ?? ""))
        return position === 0
          ? `<th scope="row"${short}>${content}</th>`
          : `<td${align(column) || short}>${content}</td>`
      })
      return `<tr>${cells.join("")}</tr>`
    })
    .join("\n")
  const caption = `caption-${table.name}`
  return (
    `<p class="caption" id="${caption}"><strong>${htmlText(table.title)}.</strong> ${htmlText(table.caption)}</p>\n` +
    `<div class="table" tabindex="0" role="region" aria-labelledby="${caption}"><table aria-labelledby="${caption}">` +
    `<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>` +
    (table.notes ?? []).map((note) => `\n<p class="note">${htmlMath(note)}</p>`).join("")
  )
}
