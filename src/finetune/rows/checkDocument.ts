/** @file The document of `data check --json` (docs/data.md). */

import type { DataCheck, RefusedRow } from "./dataCheck.ts"
import type { RowFormat } from "./files.ts"
import { type Finding, findingsOf, type TokenLengths } from "./findings.ts"
import { type Summary, summarise } from "./series.ts"

const summaries = (check: DataCheck): Readonly<Record<string, Summary>> => {
  const entries = Object.entries(check.lengths).map(([name, series]) => [name, summarise(series)] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, Summary] => entry[1] !== undefined))
}

/** The document of `data check --json`. */
export interface CheckDocument {
  readonly version: 1
  readonly file: string
  readonly format: RowFormat
  readonly usable: boolean
  readonly rows: number
  readonly usableRows: number
  readonly kinds: Readonly<Record<string, number>>
  readonly layouts: Readonly<Record<string, number>>
  readonly columns: Readonly<Record<string, number>>
  readonly refused: number
  readonly errors: ReadonlyArray<RefusedRow>
  readonly findings: ReadonlyArray<Finding>
  readonly characters: Readonly<Record<string, Summary>>
  readonly sharedPrefix?: { readonly characters: Summary; readonly share: Summary }
  readonly lengthBias?: {
    readonly chosenLonger: number
    readonly rejectedLonger: number
    readonly equal: number
    readonly difference: Summary
  }
  readonly duplicates: {
    readonly rows: number
    readonly prompts: number
    readonly chosen: number
    readonly contradictions: number
  }
  readonly scores?: {
    readonly rows: number
    readonly margin: Summary
    readonly ties: number
    readonly inverted: number
  }
  readonly labels?: { readonly desirable: number; readonly undesirable: number }
  readonly completions?: Summary
  readonly gold?: number
  readonly model?: {
    readonly source: string
    readonly context: number | null
    readonly tokens: Readonly<Record<string, Summary>>
    readonly overContext: number
    readonly specialInside: number
  }
}

const optionalParts = (check: DataCheck): Partial<CheckDocument> => {
  const [shared, share] = [summarise(check.shared.characters), summarise(check.shared.share)]
  const [difference, margin] = [summarise(check.longer.difference), summarise(check.scores.margins)]
  const completions = summarise(check.completions)
  const { chosen, rejected, equal } = check.longer
  const { rows, ties, inverted } = check.scores
  return {
    ...(shared && share ? { sharedPrefix: { characters: shared, share } } : {}),
    ...(difference ? { lengthBias: { chosenLonger: chosen, rejectedLonger: rejected, equal, difference } } : {}),
    ...(margin ? { scores: { rows, margin, ties: ties.count, inverted: inverted.count } } : {}),
    ...(check.kinds.has("unpaired") ? { labels: check.labels } : {}),
    ...(completions ? { completions } : {}),
    ...(check.gold.count > 0 ? { gold: check.gold.count } : {})
  }
}

/** The document of a check, with a model's token lengths where they were asked for. */
export const checkDocument = (
  file: string,
  format: RowFormat,
  check: DataCheck,
  model?: { readonly source: string; readonly lengths: TokenLengths }
): CheckDocument => {
  const findings = findingsOf(check, model?.lengths)
  const layouts = Object.fromEntries([...check.layouts].filter(([, count]) => count > 0))
  return {
    version: 1,
    ...{ file, format, usable: findings.every(({ severity }) => severity !== "error") },
    ...{ rows: check.rows, usableRows: check.usable, kinds: Object.fromEntries(check.kinds), layouts },
    columns: Object.fromEntries(check.columns),
    ...{ refused: check.refused, errors: check.refusedRows, findings, characters: summaries(check) },
    duplicates: {
      rows: check.repeatedRows.count,
      prompts: check.repeatedPrompts.count,
      chosen: check.repeatedChosen.count,
      contradictions: check.contradictions.count
    },
    ...optionalParts(check),
    ...(model === undefined
      ? {}
      : {
          model: {
            source: model.source,
            context: model.lengths.context,
            tokens: model.lengths.tokens,
            overContext: model.lengths.over_context,
            specialInside: model.lengths.special_inside
          }
        })
  }
}
