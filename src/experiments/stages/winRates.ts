/** @file Stage win-rates: who answers better than the baseline's model. */
import { rowsFromJsonLines } from "../records.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { winRates } from "../winRates.ts"

/** Part of studies that finetune and have a baseline. */
export const winRatesStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "win-rates",
  sources: [import.meta.url],
  inputs: ({ finetune, baseline }) =>
    finetune && baseline !== undefined ? { config: { baseline }, upstream: ["finetune"] } : undefined,
  run: async ({ config, readText }) => {
    const rewards = rowsFromJsonLines(await readText("finetune", "records/rewards.jsonl"))
    return recordFiles(
      "win-rates",
      winRates(rewards, config.baseline).map((row) => ({ ...row }))
    )
  }
}
