/** @file What a check of preference data found, as sentences with advice. */

import type { DataCheck, RefusalId } from "./dataCheck.ts"
import type { Summary, Tally } from "./series.ts"

/** `error`: trainers refuse the data as they are; `warning`: worth a look; `note`: good to know. */
export type Severity = "error" | "warning" | "note"

/** Something found, in how many rows and where first. */
export interface Finding {
  readonly id: string
  readonly severity: Severity
  readonly count: number
  /** Count over the rows it is about. */
  readonly share: number
  readonly lines: ReadonlyArray<number>
  readonly message: string
  readonly advice: string
}

const refusalTexts: Readonly<Record<RefusalId, readonly [message: string, advice: string]>> = {
  "no-json": ["lines that hold no JSON object", "write one object a line; NaN and Infinity are no JSON numbers"],
  "unknown-layout": ["rows of no known layout", "rename the columns to prompt, chosen, rejected"],
  malformed: ["rows with a field that is not what it should be", "mend or drop the rows; the reasons name the fields"],
  "mixed-kinds": ["rows of another kind than the first", "put pairs, unpaired and K-wise rows into files of their own"],
  "empty-answer": ["rows with an empty answer", "drop them: an answer without tokens has no log-probability"],
  "same-answers": ["rows with the same text as chosen and rejected", "drop them: their gradient is that of nothing"],
  "two-scores": ["rows that give the same completion two scores", "keep one score per completion"],
  "no-label": ["unpaired rows without a label", "add label: true for desirable, false for undesirable"]
}

/** A share as a percentage. */
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

const refusalFindings = (check: DataCheck): ReadonlyArray<Finding> =>
  [...check.refusals].map(([id, tally]) => {
    const [message, advice] = refusalTexts[id]
    return {
      ...{ id, severity: "error" as const, count: tally.count, share: tally.count / check.rows },
      ...{ lines: tally.lines, message, advice }
    }
  })

type Draft = Omit<Finding, "count" | "share" | "lines">

/** A finding for a tally that is not empty, and at least `least` of `of` rows. */
const tallied = (tally: Tally, of: number, draft: Draft, least = 0): ReadonlyArray<Finding> =>
  tally.count === 0 || tally.count < least * of
    ? []
    : [{ ...draft, count: tally.count, share: tally.count / of, lines: tally.lines }]

const repetitionFindings = (check: DataCheck): ReadonlyArray<Finding> => [
  ...tallied(check.repeatedRows, check.usable, {
    id: "repeated-rows",
    severity: "warning",
    message: "rows that occurred before, word for word",
    advice: "drop repetitions, above all those that training and held-out data share: they count double"
  }),
  ...tallied(check.contradictions, check.usable, {
    id: "contradictions",
    severity: "warning",
    message: "rows that prefer the opposite of an earlier row",
    advice:
      "drop both or label anew; a loss with label smoothing or a bounded one (robust_dpo, ipo) stands some of them"
  }),
  ...tallied(check.repeatedChosen, check.usable, {
    id: "repeated-chosen",
    severity: "note",
    message: "rows with a chosen answer that an earlier row has",
    advice: "fine for several rejected answers to one prompt; else the model learns few answers by heart"
  }),
  ...tallied(check.repeatedPrompts, check.usable, {
    id: "repeated-prompts",
    severity: "note",
    message: "rows with a prompt that an earlier row has",
    advice: "split training from held-out data by prompt, not by row"
  })
]

const scoreFindings = (check: DataCheck): ReadonlyArray<Finding> => {
  const { rows, ties, inverted } = check.scores
  return [
    ...tallied(inverted, rows, {
      id: "inverted-scores",
      severity: "warning",
      message: "rows that score the rejected answer higher than the chosen one",
      advice: "swap the answers or drop the rows; losses with log(s_w - s_l) have no value there"
    }),
    ...tallied(ties, rows, {
      id: "tied-scores",
      severity: "warning",
      message: "rows that score both answers alike",
      advice: "drop them for losses that read s_w and s_l; reward_augmented leaves them out"
    }),
    ...tallied(check.tiedRankings, check.usable, {
      id: "tied-rankings",
      severity: "warning",
      message: "K-wise rows that score all completions alike",
      advice: "they make no pairs and are left out"
    })
  ]
}

/** Share of pairs with the longer answer chosen, ties as half; a bias where it is off 1/2 by 0.1 and three standard errors. */
const lengthFindings = (check: DataCheck): ReadonlyArray<Finding> => {
  const { chosen, rejected, equal } = check.longer
  const n = chosen + rejected + equal
  if (n === 0) return []
  const share = (chosen + equal / 2) / n
  const off = Math.abs(share - 0.5)
  if (off < Math.max(0.1, 1.5 / Math.sqrt(n))) return []
  const [side, count] = share > 0.5 ? (["longer", chosen] as const) : (["shorter", rejected] as const)
  return [
    {
      ...{ id: "length-bias", severity: "warning", count, share: count / n, lines: [] },
      message: `pairs that prefer the ${side} answer`,
      advice: `sums of log-probabilities learn length from this; compare with a length-normalised loss (simpo), and report lengths`
    }
  ]
}

/** Similar answers: where most of the shorter answer is shared, raising one raises the other, and both may fall. */
const similarityFindings = (check: DataCheck): ReadonlyArray<Finding> => {
  const shares = check.shared.share.sorted()
  const alike = shares.length - shares.findIndex((share) => share >= 0.5)
  if (shares.length === 0 || shares.at(-1)! < 0.5 || alike < 0.1 * shares.length) return []
  return [
    {
      ...{ id: "shared-beginnings", severity: "warning", count: alike, share: alike / shares.length, lines: [] },
      message: "pairs that begin alike over at least half of the shorter answer",
      advice:
        "similar answers displace the chosen one's probability (Razin et al. 2024, arXiv 2410.08847): watch logps/chosen, " +
        "filter the most similar pairs, or add a CE term"
    }
  ]
}

const labelFindings = (check: DataCheck): ReadonlyArray<Finding> => {
  const { desirable, undesirable } = check.labels
  const n = desirable + undesirable
  const fewer = Math.min(desirable, undesirable)
  if (n === 0 || fewer >= 0.2 * n) return []
  const message = `${desirable < undesirable ? "desirable" : "undesirable"} rows among the unpaired ones`
  const advice = "losses of unpaired data need both sides; the smaller one is used again until they match"
  const severity = fewer === 0 ? "error" : "warning"
  return [{ id: "one-sided-labels", severity, count: fewer, share: fewer / n, lines: [], message, advice }]
}

const emptyFindings = (check: DataCheck): ReadonlyArray<Finding> =>
  check.rows > 0
    ? []
    : [
        {
          ...{ id: "no-rows", severity: "error", count: 0, share: 0, lines: [] },
          message: "no rows at all",
          advice: "check that the right file was written"
        }
      ]

const severities: ReadonlyArray<Severity> = ["error", "warning", "note"]

const bySeverity = (a: Finding, b: Finding): number => severities.indexOf(a.severity) - severities.indexOf(b.severity)

const findingsOfRows = (check: DataCheck): ReadonlyArray<Finding> => [
  ...emptyFindings(check),
  ...refusalFindings(check),
  ...labelFindings(check),
  ...repetitionFindings(check),
  ...scoreFindings(check),
  ...lengthFindings(check),
  ...similarityFindings(check)
]

/** Token lengths of a model, as the PyTorch worker says them. */
export interface TokenLengths {
  readonly context: number | null
  readonly tokens: Readonly<Record<string, Summary>>
  readonly over_context: number
  readonly special_inside: number
  readonly problem_count: number
  readonly problems: ReadonlyArray<{ readonly line: number; readonly reason: string }>
}

const tokenFindings = (check: DataCheck, tokens: TokenLengths): ReadonlyArray<Finding> => {
  const known = new Set(check.refusedRows.map(({ line }) => line))
  const fresh = tokens.problems.filter(({ line }) => !known.has(line))
  const count = Math.max(0, tokens.problem_count - check.refused)
  const lines = fresh.slice(0, 5).map(({ line }) => line)
  const found: Array<Finding> = []
  if (count > 0) {
    found.push({
      ...{ id: "no-tokens", severity: "error", count, share: count / check.rows, lines },
      message: `rows that do not become tokens of this model${fresh[0] === undefined ? "" : `: ${fresh[0].reason}`}`,
      advice: "mend or drop the rows, or give another chat template"
    })
  }
  if (tokens.over_context > 0) {
    found.push({
      ...{ id: "too-long", severity: "error", count: tokens.over_context, share: tokens.over_context / check.usable },
      ...{ lines: [], message: `rows that need more than the model's ${tokens.context} positions` },
      advice: "set torch.truncation to drop or prompt-start, or take a model of more context"
    })
  }
  if (tokens.special_inside > 0) {
    found.push({
      ...{ id: "special-inside", severity: "note", count: tokens.special_inside },
      ...{ share: tokens.special_inside / check.usable, lines: [] },
      message: "rows with an end-of-text token before the end of an answer",
      advice: "templates may put it there; in plain text it was spelt out"
    })
  }
  return found
}

/** All findings, errors first, notes last; with a model's token lengths also what does not fit the model. */
export const findingsOf = (check: DataCheck, tokens?: TokenLengths): ReadonlyArray<Finding> =>
  [...findingsOfRows(check), ...(tokens === undefined ? [] : tokenFindings(check, tokens))].sort(bySeverity)
