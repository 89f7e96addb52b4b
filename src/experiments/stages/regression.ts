/** @file Stage regression: what predicts the outcomes of the bandit studies. One cell a regression. */
import type { Json } from "../canonical.ts"
import type { Row } from "../records.ts"
import { regressionTasks } from "../regressionStudy.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/regression")

/** The analyses of `regression`, each a cell for every environment, outcome and point of comparison. */
export const regressionStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "regression",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ regression, bandit }) =>
    regression && bandit
      ? {
          config: { regression: regression as unknown as Json, studies: Object.keys(bandit.studies) },
          upstream: ["bandit"]
        }
      : undefined,
  cells: async ({ config, recordsFile, outputHash }) =>
    regressionTasks(config.regression ?? {}, config.bandit?.studies ?? {}).map((task) => ({
      id: `regression/${task.name}/${task.environment}/${task.outcome}${task.at === "end" ? "" : `/kl=${task.at}`}`,
      spec: { task: task as unknown as Json, records: outputHash("bandit") ?? null },
      resources: { records: recordsFile("bandit") ?? null }
    })),
  collect: async (_context, results) => recordFiles("regression", doneValues(results).flat() as ReadonlyArray<Row>)
}
