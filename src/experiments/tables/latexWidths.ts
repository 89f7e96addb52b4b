/**
 * @file How wide a table's cells come out in LaTeX, in em of the type that it is set in (10 characters of running text are about 4.5
 * em). Estimates from the widths of Latin Modern, rounded up: they decide where lines break, and a table's type and direction.
 */
import { formulaSigns, ratioSigns } from "../figures/drawing/notation.ts"
import { type Cell, type Column, intervalText, isInterval, significant } from "./table.ts"

/** Characters by their width in hundredths of an em. */
const widths: readonly (readonly [number, string])[] = [
  [29, "ijl.,:;'’!|[] "],
  [36, "ftrsI-()ι"],
  [45, "cez?J"],
  [52, 'agokvxy0123456789/"“”α–*'],
  [57, "bdhnpquβγδζηθκλμνξπρστυφχψω"],
  [66, "EFLSZ"],
  [76, "wABCDGHKNOPQRTUVXY∧∨¬ΓΔΘΛΠΣΦΨΩ⊤⊥"],
  [85, "mM%&"],
  [102, "W−=+<>→↔⊕—…≤≥∞≈"]
]

const widthOf: ReadonlyMap<string, number> = new Map(
  widths.flatMap(([hundredths, characters]) =>
    [...characters].map((character) => [character, hundredths / 100] as const)
  )
)

/** Width of a running text, em. */
export const textWidth = (text: string): number =>
  [...text].reduce((sum, character) => sum + (widthOf.get(character) ?? 0.62), 0)

/** All characters of the typewriter face are as wide. */
const codeWidth = 0.515

/** A cell as it is read, and the parts of it that no line break may part. */
interface Measured {
  readonly natural: number
  readonly least: number
}

const measured = (natural: number, pieces: readonly number[]): Measured => ({
  natural,
  least: pieces.length === 0 ? natural : Math.max(...pieces)
})

const words = (text: string): readonly string[] => text.split(/ |(?<=[-/])/)

/** Letters below the line are three quarters as large; a sign of an operation has air around it. */
const mathWidth = (text: string): number => {
  const small = [...text.matchAll(/_([A-Za-z0-9]+)/g)].reduce((sum, [, letters = ""]) => sum + letters.length, 0)
  return textWidth(text.replaceAll("_", "")) - 0.12 * small + 0.15 * (text.match(/[−+∧∨→]/g) ?? []).length
}

/** `M(w)` is set as `M(y_w)`. */
const formulaWidth = (text: string): number =>
  mathWidth(formulaSigns(text)) + 0.42 * (text.match(/\b(?:M|Ref)\d*\(/g) ?? []).length

/** Width of a cell in one line, and of its widest part. */
export const cellWidth = ({ kind }: Column, cell: Cell): Measured => {
  if (cell === undefined) return measured(0, [])
  if (isInterval(cell)) {
    const text = intervalText(cell)
    return measured(textWidth(text), text.split(/ (?=[[(n])/).map(textWidth))
  }
  const text = typeof cell === "number" ? significant(cell) : String(cell)
  if (kind === "number" || kind === "mark" || kind === "arxiv") return measured(textWidth(text), [])
  if (kind === "code" || kind === "codes") {
    const pieces = text.split(/(?<=[_?&=/:,;+*()[\]-])| /)
    return measured(
      text.length * codeWidth,
      pieces.map((piece) => piece.length * codeWidth)
    )
  }
  if (kind === "formula") return measured(formulaWidth(text), text.split(/ (?=and |or |xor |->|<->)/).map(formulaWidth))
  if (kind === "ratio") {
    const shown = ratioSigns(text)
    return measured(mathWidth(shown), shown.split(/ (?=[−+])|(?<=\)\/)(?=\()/).map(mathWidth))
  }
  return measured(textWidth(text), words(text).map(textWidth))
}

/** A title in lines no wider than `width` where its words allow it. */
export const titleLines = (title: string, width: number): readonly string[] => {
  const lines: string[] = []
  for (const word of title.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && textWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
