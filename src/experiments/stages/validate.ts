/** @file Stage validate: verdicts of properties on losses, with certificates and counterexamples. One cell a loss. */
import { canonicalPropertyId } from "../../properties/registry.ts"
import type { Verdict } from "../../properties/verdict.ts"
import { validatedLosses } from "../lossName.ts"
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"
import { derivedLosses } from "./derivedLosses.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/validate")

/** Verdicts under the ids by which results list properties. */
const byId = (expected: Readonly<Record<string, Verdict>>): Readonly<Record<string, Verdict>> =>
  Object.fromEntries(Object.entries(expected).map(([name, verdict]) => [canonicalPropertyId(name) ?? name, verdict]))

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
    const listed = validatedLosses(validate.losses)
    const losses = [...new Set([...listed, ...(validate.derived ? await derivedLosses(context) : [])])]
    const { properties, runs, seed, expected } = validate
    return losses.map((loss) => ({
      id: `validate/${loss}`,
      spec: { loss, runs, seed, expected: byId(expected[loss] ?? {}), ...(properties === "all" ? {} : { properties }) }
    }))
  },
  collect: async (_context, results) => recordFiles("validate", doneValues(results).flat() as ReadonlyArray<Row>)
}
