/** @file Table: the sixteen losses of the lattice beside their relative twins, exact verdicts in both readings. */
import type { Records, TwinRow } from "../figures/records.ts"
import { letters } from "./outcomes.ts"
import type { Column, Table } from "./table.ts"

/** Properties with a verdict in both readings, by their heads. */
const compared = [
  ["chosen-safe", "chosen-safe"],
  ["rejected-safe", "rejected-safe"],
  ["chosen-led", "chosen-led"],
  ["level-invariant", "level-invariant"],
  ["reference-invariant", "reference-invariant"],
  ["escapes-on-policies", "escapes"]
] as const

/** Both letters of a property, starred where they differ: `P|R*`. */
const pairText = ({ verdicts }: TwinRow, property: string): string => {
  const verdict = verdicts[property]
  if (verdict === undefined) return ""
  const mark = verdict.absolute === verdict.relative ? "" : "*"
  return `${letters[verdict.absolute]}|${letters[verdict.relative]}${mark}`
}

/** The sixteen with their relative twins. */
export const twinsTable = (records: Records): Table => ({
  name: "twins",
  title: "The losses of the lattice and their relative twins",
  caption:
    "Each loss read absolutely, literals weighing (p, 1 - p), and relatively, (p, r) with r the reference's probability of the" +
    " same answer. Verdicts are absolute|relative, * where they differ: P proved, R refuted, both exactly. At the start policy" +
    " and reference agree: exp(ρ) of the twin and its derivatives by the chosen and the rejected log-probability there, for answers of any length." +
    " The limits are those of ρ as the policy's probabilities vanish, the reference fixed, and the twin's as the reference" +
    " vanishes. One β: β ρ and odds to the power β are one family.",
  columns: [
    { key: "name", title: "loss", kind: "text" },
    { key: "published", title: "twin published as", kind: "codes", only: "page" },
    { key: "terms", title: "twin a term of", kind: "codes", only: "page" },
    { key: "absolute_numerator", title: "absolute numerator", kind: "ratio", only: "page" },
    { key: "absolute_denominator", title: "absolute denominator", kind: "ratio", only: "page" },
    { key: "relative_numerator", title: "relative numerator", kind: "ratio" },
    { key: "relative_denominator", title: "relative denominator", kind: "ratio" },
    { key: "start_ratio", title: "start: exp ρ", kind: "text", only: "page" },
    { key: "start_aw", title: "start: by chosen", kind: "text" },
    { key: "start_al", title: "by rejected", kind: "text" },
    ...compared.map(([key, title]): Column => ({ key, title, kind: "mark" })),
    { key: "one_beta", title: "one β", kind: "mark" },
    { key: "limit_absolute", title: "limit, absolute", kind: "ratio", only: "page" },
    { key: "limit_relative", title: "limit, relative", kind: "ratio", only: "page" },
    { key: "limit_reference", title: "limit, reference", kind: "ratio", only: "page" }
  ],
  rows: records.twins.map((row) => [
    row.name,
    row.published.map((text) => text.replaceAll(" ", "")).join(" "),
    row.terms.map((text) => text.replaceAll(" ", "")).join(" "),
    row.absolute.numerator,
    row.absolute.denominator,
    row.relative.numerator,
    row.relative.denominator,
    row.start.ratio,
    row.start.aw,
    row.start.al,
    ...compared.map(([property]) => pairText(row, property)),
    letters[row.oneBetaFamily],
    row.limit.absolute,
    row.limit.relative,
    row.limit.reference
  ])
})
