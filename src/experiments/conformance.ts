/**
 * @file What audits found of trainers' losses: it comes with the program in assets/conformance.jsonl, written with
 * docs/conformance.md by `npm run conformance`, which runs the trainers themselves.
 */
import { readFile } from "node:fs/promises"
import * as Schema from "effect/Schema"
import { rowsFromJsonLines } from "./records.ts"

/** Whether the trainer's code is the loss; `agrees to float32`: it is, computing in float32 whatever it is given. */
export const conformanceVerdicts = ["agrees", "agrees to float32", "differs", "raises"] as const

/** One way to configure a trainer, held against one loss: `records/conformance.jsonl`. */
export const ConformanceRecord = Schema.Struct({
  project: Schema.NonEmptyString,
  trainer: Schema.NonEmptyString,
  /** What `losslattice audit` takes: `trl:dpo?loss_type=ipo`. */
  code: Schema.NonEmptyString,
  /** The LOSS that it is held against. */
  loss: Schema.NonEmptyString,
  verdict: Schema.Literals(conformanceVerdicts),
  /** Numbers compared, values and derivatives, and how many of them differ; absent where no call went through. */
  compared: Schema.optionalKey(Schema.Int),
  differing: Schema.optionalKey(Schema.Int),
  /** The audit's guess at the cause, or the error. */
  found: Schema.optionalKey(Schema.String),
  /** What reading the code told. */
  because: Schema.optionalKey(Schema.String),
  /** Versions of the project and of PyTorch, and the day on which they were run. */
  version: Schema.NonEmptyString,
  torch: Schema.NonEmptyString,
  checked: Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}$/))
})

/** {@link ConformanceRecord}, decoded. */
export interface ConformanceRow extends Schema.Schema.Type<typeof ConformanceRecord> {}

/** The file that comes with the program. */
export const conformanceFile = new URL("../../assets/conformance.jsonl", import.meta.url)

const decodeRows = Schema.decodeUnknownSync(Schema.Array(ConformanceRecord))

/** Its rows. @throws Error for a file that holds something else */
export const readConformance = async (): Promise<ReadonlyArray<ConformanceRow>> =>
  decodeRows(rowsFromJsonLines(await readFile(conformanceFile, "utf8")))
