/**
 * @file `slurm.json` in a job's folder: every submission of the job, written before it happens and again when its number is
 * known, so that whoever finds the folder finds the job in the queue and never puts it there twice.
 */

import { linkSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { writeFileAtomic } from "../atomicFile.ts"

/** Name of the file in a job's output folder. */
export const SLURM_FILE = "slurm.json"

/** How a submission ended, as far as the driver saw it. */
export const outcomes = [
  "finished",
  "failed",
  "invalid",
  "cancelled",
  "timed-out",
  "out-of-memory",
  "interrupted",
  "lost",
  "refused"
] as const
export type Outcome = (typeof outcomes)[number]

/** One submission. */
export const Attempt = Schema.Struct({
  /** Name in the queue, unique. */
  name: Schema.NonEmptyString,
  /** The script, absolute. */
  script: Schema.NonEmptyString,
  /** Place in its array; a job of its own without. */
  index: Schema.optionalKey(Schema.Int),
  /** When it was about to be submitted, ISO 8601. */
  asked: Schema.String,
  /** Number in the queue, with the index after `_`; unknown while, or if ever, sbatch has not answered. */
  id: Schema.optionalKey(Schema.NonEmptyString),
  cluster: Schema.optionalKey(Schema.NonEmptyString),
  outcome: Schema.optionalKey(Schema.Literals(outcomes)),
  detail: Schema.optionalKey(Schema.String)
})
export type Attempt = typeof Attempt.Type

/** The file: the hash of the job that the folder is for, and its submissions in order. */
export const SlurmRecord = Schema.Struct({
  version: Schema.Literal(1),
  job: Schema.NonEmptyString,
  attempts: Schema.NonEmptyArray(Attempt)
})
export type SlurmRecord = typeof SlurmRecord.Type

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(SlurmRecord), { errors: "all" })
const textOf = (record: SlurmRecord): string => `${JSON.stringify(record, null, 1)}\n`

/** The record of a folder; undefined without one. @throws Error, naming the file, when it is damaged */
export const readRecord = (folder: string): SlurmRecord | undefined => {
  const file = join(folder, SLURM_FILE)
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch {
    return undefined
  }
  const record = decode(text)
  if (Result.isFailure(record)) throw new Error(`${file}: ${record.failure.message}`)
  return record.success
}

/** Replaces the record, whole. */
export const writeRecord = (folder: string, record: SlurmRecord): void =>
  writeFileAtomic(join(folder, SLURM_FILE), textOf(record))

/** Writes the first record of a folder. @returns false, with nothing changed, when somebody else has written one */
export const createRecord = (folder: string, record: SlurmRecord): boolean => {
  const own = join(folder, `${SLURM_FILE}.${process.pid}.${record.attempts[0].name}`)
  writeFileAtomic(own, textOf(record))
  try {
    linkSync(own, join(folder, SLURM_FILE))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** The submission that counts: the last. */
export const currentAttempt = (record: SlurmRecord): Attempt => record.attempts.at(-1)!

/** The record with its last submission changed. */
export const changed = (record: SlurmRecord, changes: Partial<Attempt>): SlurmRecord => {
  const [first, ...rest] = record.attempts
  const last = { ...currentAttempt(record), ...changes }
  return { ...record, attempts: rest.length === 0 ? [last] : [first, ...rest.slice(0, -1), last] }
}

/** The record with one more submission. */
export const extended = (record: SlurmRecord, attempt: Attempt): SlurmRecord => ({
  ...record,
  attempts: [...record.attempts, attempt] as unknown as SlurmRecord["attempts"]
})
