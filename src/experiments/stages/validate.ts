/** @file Stage validate: verdicts of properties on losses, with certificates and counterexamples. One cell a loss. */
import { NAMED } from "../../logic/lattice.ts"
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"
import { derivedLosses } from "./derivedLosses.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/validate")

/** Losses are those listed (`lattice`: the sixteen), and with `derived` those that the derive stage found. */
export const validateStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "validate",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ validate }) => (validate ? { config: validate, upstream: ["derive"] } : undefined),
  cells: async (context) => {
    const { validate } = context.config
    if (validate === undefined) return []
    const listed = validate.losses.flatMap((loss) => (loss === "lattice" ? NAMED.map(({ id }) => id) : [loss]))
    const losses = [...new Set([...listed, ...(validate.derived ? await derivedLosses(context) : [])])]
    const { properties, runs, seed, expected } = validate
    return losses.map((loss) => ({
      id: `validate/${loss}`,
      spec: { loss, runs, seed, expected: expected[loss] ?? {}, ...(properties === "all" ? {} : { properties }) }
    }))
  },
  collect: async (_context, results) => recordFiles("validate", doneValues(results).flat() as ReadonlyArray<Row>)
}
