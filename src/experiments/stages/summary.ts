/** @file Stage summary: outcomes with intervals, claims resolved or not. `summary` is about finetuning, `bandit-summary` about bandits. */
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { summariseBandits, summariseFinetuning } from "../summary.ts"

/** Part of every study that trains something. */
export const summaryStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "summary",
  sources: [import.meta.url],
  inputs: ({ bandit, finetune, baseline }) =>
    bandit || finetune
      ? {
          config: { baseline: baseline ?? null, prompts: finetune?.data.evaluationPrompts ?? 0 },
          upstream: ["bandit", "finetune"]
        }
      : undefined,
  run: async ({ config, rows }) => {
    const { baseline, finetune } = config
    const prompts = finetune?.data.evaluationPrompts ?? 0
    const ofFinetuning = summariseFinetuning(await rows("finetune"), prompts, baseline)
    const ofBandits = summariseBandits(await rows("bandit"), baseline)
    return [
      ...recordFiles(
        "summary",
        ofFinetuning.map((claim) => ({ ...claim }))
      ),
      ...recordFiles(
        "bandit-summary",
        ofBandits.map((claim) => ({ ...claim }))
      )
    ]
  }
}
