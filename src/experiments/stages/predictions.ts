/** @file Stage predictions: what finetuning with the selected losses will do, written before it runs. */
import { predictLosses } from "../bridge/predict.ts"
import { predictionsFormat, predictionsText, predictionsVersion } from "../bridge/prediction.ts"
import type { Json } from "../canonical.ts"
import { programVersion } from "../programVersion.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"

type Record_ = Readonly<Record<string, Json>>

/** Rows of the bandit studies asked, of the plain condition: no reference added, no cross-entropy term. */
const plainRows = (rows: ReadonlyArray<Record_>, studies: ReadonlyArray<string> | undefined): ReadonlyArray<Record_> =>
  rows.filter(
    (row) =>
      row.reference === false &&
      row.ceWeight === 0 &&
      (studies === undefined || studies.includes(String(row.environment)))
  )

/** Records `predictions`, and the same as `predictions.json` for `losslattice confirm`. */
export const predictionsStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "predictions",
  sources: [import.meta.url],
  inputs: ({ predictions, bandit, seeds }) =>
    predictions && bandit
      ? {
          config: { predictions: predictions as unknown as Json, studies: bandit.studies as unknown as Json, seeds },
          upstream: ["bandit", "select"]
        }
      : undefined,
  run: async (context) => {
    const { predictions, bandit, seeds } = context.config
    const selected = (await context.rows("select"))
      .filter((row) => row.selected === true)
      .map((row) => String(row.loss))
    const rows = plainRows(await context.rows("bandit"), predictions?.environments)
    const lines = predictLosses(selected, rows)
    const studies = Object.entries(bandit?.studies ?? {}).filter(
      ([name]) => predictions?.environments?.includes(name) ?? true
    )
    const [first, ...others] = selected
    return [
      ...recordFiles(
        "predictions",
        lines.map((line) => ({ ...line }))
      ),
      ...(first === undefined
        ? []
        : [
            {
              path: "predictions.json",
              content: predictionsText({
                format: predictionsFormat,
                version: predictionsVersion,
                program: programVersion,
                losses: [first, ...others],
                worlds: Object.fromEntries(studies) as unknown as Readonly<Record<string, Json>>,
                seeds,
                lines
              })
            }
          ])
    ]
  }
}
