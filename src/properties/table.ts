/** Cases as text: fractions with small denominators, and a table with aligned columns that a person can read. */
import type { ArmRow, Description } from "./verdict.ts"

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** `numerator/denominator` in lowest terms: (2, 6) → "1/3", (4, 2) → "2". @throws RangeError unless both are integers, the second positive */
export const fractionText = (numerator: number, denominator: number): string => {
  if (!Number.isInteger(numerator) || !Number.isInteger(denominator) || denominator < 1) {
    throw new RangeError(
      `fractionText: expected integers with a positive denominator, got ${numerator} and ${denominator}`
    )
  }
  const divisor = greatestCommonDivisor(Math.abs(numerator), denominator)
  return denominator === divisor ? String(numerator / divisor) : `${numerator / divisor}/${denominator / divisor}`
}

/** A number with four significant digits and an explicit sign when it is a change: 0.25 → "+0.25". */
export const changeText = (value: number): string => {
  const text = numberText(value)
  return value > 0 ? `+${text}` : text
}

/** A number with four significant digits, without trailing zeros; infinities and NaN by name. */
export const numberText = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value)

const cell = (value: string | number | undefined): string =>
  value === undefined ? "" : typeof value === "number" ? numberText(value) : value

/** Rows as an aligned table, a header line first; columns are the keys in order of first occurrence. */
export const tableText = (rows: ReadonlyArray<ArmRow>): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))]
  const widths = columns.map((_, k) => Math.max(...lines.map((line) => line[k]!.length)))
  return lines
    .map((line) =>
      line
        .map((text, k) => text.padEnd(widths[k]!))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** The whole case as text: the arms, the numbers, the paragraph. */
export const descriptionText = (description: Description): string => {
  const facts = Object.entries(description.facts).map(([name, value]) => `${name} = ${cell(value)}`)
  return [
    ...(description.arms.length > 0 ? [tableText(description.arms)] : []),
    ...(facts.length > 0 ? [facts.join(", ")] : []),
    description.explanation
  ].join("\n")
}
