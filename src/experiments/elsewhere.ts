/**
 * @file Runs that were made elsewhere, on machines that most readers do not have, and whose rows come with the program: one file of
 * JSON lines a run, `assets/studies/<name>.jsonl`, written by scripts/elsewhere.ts. Its first line says where the rows are from.
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Schema from "effect/Schema"
import type { RecordNumber } from "./figures/records.ts"

/** The runs that come with the program. */
export const elsewhereRuns = ["llm-sentiment-gpu"] as const
export type ElsewhereRun = (typeof elsewhereRuns)[number]

/** The file of a run's rows. */
export const elsewhereFile = (name: ElsewhereRun): string =>
  join(fileURLToPath(new URL("../../assets/studies/", import.meta.url)), `${name}.jsonl`)

const SourceFields = Schema.Struct({
  kind: Schema.Literal("source"),
  /** Name of the study that was run. */
  origin: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  model: Schema.NonEmptyString,
  /** On what, and how, in words. */
  machine: Schema.NonEmptyString,
  configHash: Schema.NonEmptyString,
  program: Schema.NonEmptyString,
  commit: Schema.NonEmptyString,
  /** Jobs that the run has, and those that it lacks of its configuration. */
  jobs: Schema.Int,
  missingJobs: Schema.Int
})

/** Where the rows of a run are from. `source`: its name in {@link elsewhereRuns}. */
export interface ElsewhereSourceRow extends Schema.Schema.Type<typeof SourceFields> {
  readonly source: string
}

/** One logged step or evaluation, as records/finetune.jsonl has them: some of its columns, five significant digits. */
export interface ElsewhereStepRow {
  readonly kind: "step" | "evaluation"
  readonly source: string
  readonly loss: string
  readonly ceWeight: number
  readonly seed: number
  readonly step: number
  readonly "logps_per_token/chosen"?: RecordNumber
  readonly "logps_per_token/rejected"?: RecordNumber
  readonly [metric: string]: string | number | undefined
}

/** `records/elsewhere.jsonl`. */
export type ElsewhereRow = ElsewhereSourceRow | ElsewhereStepRow

/** What the first line of a file has to be. */
export const decodeSource = Schema.decodeUnknownSync(SourceFields)
