/** @file Stage select: which losses are finetuned, from verdicts and bandit outcomes. */
import type { Json } from "../canonical.ts"
import type { ValidateRow } from "../figures/records.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import type { SelectConfig } from "../sections.ts"
import { type Outcome, selectLosses } from "../selection.ts"
import { derivedLosses } from "./derivedLosses.ts"

type BanditRecord = Readonly<Record<string, Json>>

/** Final outcomes of the ranking's study; a number that is not finite, or a run that stopped, is no outcome. */
const outcomesOf = (rows: ReadonlyArray<BanditRecord>, rank: SelectConfig["rank"]): ReadonlyArray<Outcome> =>
  rows
    .filter(
      (row) =>
        row.final === true &&
        row.environment === rank.study &&
        row.reference === rank.reference &&
        row.ceWeight === rank.ceWeight
    )
    .map((row) => {
      const value = row[rank.metric]
      const usable = typeof value === "number" && row.failure === undefined
      return { loss: String(row.loss), value: usable ? value : undefined }
    })

/** Candidates are the losses of the ranking's bandit study and those always included. */
export const selectStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "select",
  sources: [import.meta.url],
  inputs: ({ select }) => (select ? { config: select, upstream: ["derive", "validate", "bandit"] } : undefined),
  run: async (context) => {
    const { select } = context.config
    if (select === undefined) return []
    const outcomes = outcomesOf(await context.rows("bandit"), select.rank)
    const { rank, ...rule } = select
    const candidates = [...new Set([...outcomes.map(({ loss }) => loss), ...select.alwaysInclude])]
    const verdicts = (await context.rows("validate")) as unknown as ReadonlyArray<ValidateRow>
    const derived = new Set(await derivedLosses(context))
    const rows = selectLosses(
      { ...rule, metric: rank.metric, direction: rank.direction },
      candidates,
      derived,
      outcomes,
      verdicts
    )
    return recordFiles(
      "select",
      rows.map((row) => ({ ...row }))
    )
  }
}
