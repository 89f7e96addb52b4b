/**
 * @file The event file of a job: one JSON line per event, appended before the event is handed on. A resumed job cuts the
 * file back to where its checkpoint stood, so that the final bytes do not tell whether it was interrupted.
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { decodeEvent, eventLine, type TrainEvent } from "./events.ts"

/** Name of the file in a job's output folder. */
export const EVENTS_FILE = "events.jsonl"

/** Events of complete lines; a line that a killed process left unfinished ends the list. */
const readEvents = (text: string): ReadonlyArray<TrainEvent> => {
  const events: Array<TrainEvent> = []
  for (const line of text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1)) {
    const event = decodeEvent(line)
    if (Result.isFailure(event)) break
    events.push(event.success)
  }
  return events
}

/** The events of one job, on disk when it has a folder. */
export class EventLog {
  readonly #file: string | undefined
  #bytes = 0

  /** @throws when the folder cannot be made */
  constructor(folder: string | undefined) {
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    this.#file = join(folder, EVENTS_FILE)
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Everything that an earlier run of this folder left. */
  earlier(): ReadonlyArray<TrainEvent> {
    return this.#file !== undefined && existsSync(this.#file) ? readEvents(readFileSync(this.#file, "utf8")) : []
  }

  /** Keeps the first `bytes` of the file, drops the rest, and returns the events kept. */
  keep(bytes: number): ReadonlyArray<TrainEvent> {
    this.#bytes = bytes
    if (this.#file === undefined) return []
    if (bytes === 0) writeFileSync(this.#file, "")
    else truncateSync(this.#file, bytes)
    return this.earlier()
  }

  /** Appends an event and returns it. */
  append(event: TrainEvent): TrainEvent {
    const line = eventLine(event)
    if (this.#file !== undefined) appendFileSync(this.#file, line)
    this.#bytes += Buffer.byteLength(line)
    return event
  }
}
