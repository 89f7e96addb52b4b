/** @file Stage claims: what the study claims about its bandits, decided on their records. */
import { decideClaims } from "../claims/decide.ts"
import type { BanditRow } from "../figures/records.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"

/** Part of every study with claims. A claim that does not stand is no failure of the stage: the run says so at its end. */
export const claimsStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "claims",
  sources: [import.meta.url],
  inputs: ({ claims = [] }) => (claims.length > 0 ? { config: claims as never, upstream: ["bandit"] } : undefined),
  run: async ({ config, rows }) => {
    const decided = decideClaims(config.claims ?? [], (await rows("bandit")) as unknown as ReadonlyArray<BanditRow>)
    return recordFiles(
      "claims",
      decided.map((row) => ({ ...row }))
    )
  }
}
