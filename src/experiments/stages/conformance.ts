/** @file Stage conformance: trainers' losses beside the catalogue's, as the program brings them, where `catalogue.conformance` asks. */
import { readConformance } from "../conformance.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"

/** Nothing is run: the rows say with which versions, and when, the trainers were. */
export const conformanceStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "conformance",
  sources: [import.meta.url],
  inputs: ({ catalogue }) => (catalogue?.conformance ? { config: {}, upstream: [] } : undefined),
  run: async () =>
    recordFiles(
      "conformance",
      (await readConformance()).map((row) => ({ ...row }))
    )
}
