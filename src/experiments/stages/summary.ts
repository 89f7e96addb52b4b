/**
 * @file Stage summary: outcomes with intervals, claims resolved or not. `summary` and `win-rates` are about finetuning,
 * `bandit-summary` about bandits.
 */
import { rowsFromJsonLines } from "../records.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { summariseBandits, summariseFinetuning } from "../summary.ts"
import { winRates } from "../winRates.ts"

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
  run: async ({ config, rows, readText }) => {
    const { baseline, finetune } = config
    const prompts = finetune?.data.evaluationPrompts ?? 0
    const ofFinetuning = summariseFinetuning(await rows("finetune"), prompts, baseline)
    const rewards = finetune ? rowsFromJsonLines(await readText("finetune", "records/rewards.jsonl")) : []
    const ofBandits = summariseBandits(await rows("bandit"), baseline)
    return [
      ...recordFiles(
        "summary",
        ofFinetuning.map((claim) => ({ ...claim }))
      ),
      ...recordFiles(
        "win-rates",
        winRates(rewards, baseline).map((row) => ({ ...row }))
      ),
      ...recordFiles(
        "bandit-summary",
        ofBandits.map((claim) => ({ ...claim }))
      )
    ]
  }
}
