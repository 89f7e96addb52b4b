/**
 * @file Formulas as readers know them: the signs of logic for the words and ASCII operators of the records, real minus
 * signs, and subscripts set as small letters below the line.
 */

import { textWidth } from "./fonts.ts"
import type { Label } from "./scene.ts"
import { fontSize } from "./theme.ts"

const signs: readonly (readonly [RegExp, string])[] = [
  [/<->/g, "↔"],
  [/->/g, "→"],
  [/\bimplies\b/g, "→"],
  [/\bxor\b/g, "⊕"],
  [/\s*(?:&&?|\band\b)\s*/g, " ∧ "],
  [/\s*(?:\|\|?|\bor\b)\s*/g, " ∨ "],
  [/(?:!|\bnot\b)\s*/g, "¬"],
  [/\btrue\b/g, "⊤"],
  [/\bfalse\b/g, "⊥"]
]

/** A formula of the records (`M(l) -> not M(w)`) in the signs of logic (`M(l) → ¬M(w)`). */
export const formulaSigns = (formula: string): string =>
  signs
    .reduce((text, [pattern, sign]) => text.replaceAll(pattern, sign), formula)
    .replaceAll(/\s+/g, " ")
    .trim()

/** A ratio's side (`p_w*(1-p_l)`) with a minus sign (U+2212), thin products and no stars: `p_w(1 − p_l)`. */
export const ratioSigns = (expression: string): string =>
  expression
    .replaceAll(/\s*-\s*/g, " − ")
    .replaceAll(/\s*\+\s*/g, " + ")
    .replaceAll(/\s*\*\s*/g, " ")
    .replaceAll(/([\w)])\s+\(/g, "$1(")
    .replaceAll(/(^|[(])\s+−\s+/g, "$1−")
    .trim()

/** A number for text and labels: `digits` after the point, U+2212 for minus, no negative zero. */
export const number = (value: number, digits = 2): string => {
  const text = value.toFixed(digits)
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−")
}

interface Piece {
  readonly text: string
  readonly size: number
  readonly drop: number
  readonly width: number
}

const pieces = (text: string, size: number, weight: "normal" | "bold"): readonly Piece[] =>
  text
    .split(/(_[A-Za-z0-9]+)/)
    .filter((part) => part !== "")
    .map((part) => {
      const lowered = part.startsWith("_")
      const shown = lowered ? part.slice(1) : part
      const partSize = lowered ? Math.round(size * 7.5) / 10 : size
      const drop = lowered ? Math.round(size * 2.8) / 10 : 0
      // A text of spaces alone has width, too; measured with stops because a mark's text is trimmed.
      const width = textWidth(`.${shown}.`, partSize, weight) - textWidth("..", partSize, weight)
      return { text: shown, size: partSize, drop, width }
    })

/** Width of {@link richLabels}, pixels. */
export const richWidth = (text: string, size: number = fontSize.label, weight: "normal" | "bold" = "normal"): number =>
  pieces(text, size, weight).reduce((sum, piece) => sum + piece.width, 0)

/** A line in which `p_w` shows a lowered small `w`: several labels, side by side, aligned as one at (x, y). */
export const richLabels = (label: Omit<Label, "angle" | "kind">): readonly Label[] => {
  const size = label.size ?? fontSize.label
  const weight = label.weight ?? "normal"
  const parts = pieces(label.text, size, weight)
  const total = richWidth(label.text, size, weight)
  let x = label.x - (label.align === "center" ? total / 2 : label.align === "right" ? total : 0)
  return parts.flatMap((piece) => {
    const one: Label = {
      ...label,
      kind: "label",
      text: piece.text.trim(),
      size: piece.size,
      x: Math.round((x + leading(piece, weight)) * 100) / 100,
      y: label.y + piece.drop,
      align: "left"
    }
    x += piece.width
    return one.text === "" ? [] : [one]
  })
}

/** Width of the spaces before a piece's first letter: vega trims texts, so the label itself has to move. */
const leading = (piece: Piece, weight: "normal" | "bold"): number => {
  const indent = piece.text.length - piece.text.trimStart().length
  if (indent === 0) return 0
  return textWidth(`.${" ".repeat(indent)}.`, piece.size, weight) - textWidth("..", piece.size, weight)
}

/** The text in the largest size up to `size` in which it is no wider than `width`; below 7 pixels its end is cut with "…". */
export const fitted = (
  text: string,
  width: number,
  size: number,
  weight: "normal" | "bold" = "normal"
): { readonly text: string; readonly size: number } => {
  const least = 7
  for (let tried = size; tried >= least; tried -= 0.5) {
    if (textWidth(text, tried, weight) <= width) return { text, size: tried }
  }
  let kept = text.length
  while (kept > 1 && textWidth(`${text.slice(0, kept)}…`, least, weight) > width) kept--
  return { text: `${text.slice(0, kept)}…`, size: least }
}
