/** @file What a job's folder tells about a job that runs elsewhere: the worker's status, the script's end, the events so far. */

import { statSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { EVENTS_FILE } from "../EventLog.ts"
import { decodeEvent, type TrainEvent } from "../events.ts"
import { textIfThere } from "../workerFolder.ts"
import { SLURM_FOLDER } from "./script.ts"

/** A text that changes whenever the job says something: sizes and times of its files. */
export const signOfLife = (folder: string): string =>
  ["status.json", EVENTS_FILE]
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
    .map((found) => (found === undefined ? "-" : `${found.size}/${found.mtimeMs}`))
    .join(" ")

/** Number of the Slurm job that took an attempt; undefined if none did. */
export const ownerOf = (folder: string, attempt: number): string | undefined =>
  textIfThere(join(folder, SLURM_FOLDER, `attempt-${attempt}.owner`))?.trim() || undefined

/** Exit code that an attempt's script left; undefined when it has not ended by itself. */
export const exitCodeOf = (folder: string, attempt: number): number | undefined => {
  const text = textIfThere(join(folder, SLURM_FOLDER, `attempt-${attempt}.exit`))
  const [, code] = /^\d+ \d+ (\d+)\n$/.exec(text ?? "") ?? []
  return code === undefined ? undefined : Number(code)
}

/** The log of a Slurm job, by the number of the owner: what the script and the worker wrote. */
export const slurmLog = (folder: string, owner: string): string =>
  textIfThere(join(folder, SLURM_FOLDER, `${owner}.log`)) ?? ""

/** New events of a job. `again`: the file tells another story than before, and `events` begins at its first line. */
export interface NewEvents {
  readonly events: ReadonlyArray<TrainEvent>
  readonly again: boolean
}

const nothing: NewEvents = { events: [], again: false }

/** The text up to its last complete line; with `open`, without a last event that ends a run. */
const settledText = (text: string, open: boolean): string => {
  const complete = text.slice(0, text.lastIndexOf("\n") + 1)
  const last = complete.slice(complete.lastIndexOf("\n", complete.length - 2) + 1)
  return open && /"event":"(finished|failed)"/.test(last) ? complete.slice(0, -last.length) : complete
}

/**
 * Follows a job's event file. A job that goes on from a checkpoint cuts its file back and writes the same lines again:
 * nothing is told twice. Should they differ (hardware that does not repeat itself), everything is told again from `started`.
 */
export class EventTail {
  readonly #file: string
  #told = ""
  /** The last event told. */
  last: TrainEvent | undefined

  constructor(folder: string) {
    this.#file = join(folder, EVENTS_FILE)
  }

  /**
   * What has come since the last call.
   * @param open whether the run still goes on: a last event `finished` or `failed` may then be that of an earlier run in this
   * folder, which the worker is about to cut off, and is held back
   * @throws Error for a complete line that is no event
   */
  next(open: boolean): NewEvents {
    const text = settledText(textIfThere(this.#file) ?? "", open)
    if (this.#told.startsWith(text)) return nothing
    const again = !text.startsWith(this.#told)
    const events = this.#decode(again ? text : text.slice(this.#told.length))
    this.#told = text
    this.last = events.at(-1)
    return { events, again }
  }

  #decode(text: string): ReadonlyArray<TrainEvent> {
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const event = decodeEvent(line)
        if (Result.isFailure(event)) throw new Error(`${this.#file}: ${event.failure.message}`)
        return event.success
      })
  }
}
