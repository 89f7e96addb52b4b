/** @file Stage confirmations: the predictions, each confirmed, refuted or untested by the finetuning of the study. */
import { confirmLines } from "../bridge/confirm.ts"
import type { PredictionLine } from "../bridge/prediction.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"

/** Part of studies that predict and finetune. */
export const confirmationsStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "confirmations",
  sources: [import.meta.url],
  inputs: ({ predictions, bandit, finetune }) =>
    predictions && bandit && finetune ? { config: {}, upstream: ["predictions", "finetune"] } : undefined,
  run: async ({ rows }) => {
    const lines = (await rows("predictions")) as unknown as ReadonlyArray<PredictionLine>
    return recordFiles(
      "confirmations",
      confirmLines(lines, await rows("finetune")).map((line) => ({ ...line }))
    )
  }
}
