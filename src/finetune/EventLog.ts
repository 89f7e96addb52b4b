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

interface Read {
  readonly events: ReadonlyArray<TrainEvent>
  /** Whether every line is complete and an event. */
  readonly whole: boolean
}

/** The events up to the first line that is none: one that a killed process left unfinished, or a damaged one. */
const readEvents = (text: string): Read => {
  const events: Array<TrainEvent> = []
  const lines = text.split("\n")
  const rest = lines.pop()
  for (const line of lines) {
    const event = decodeEvent(line)
    if (Result.isFailure(event)) return { events, whole: false }
    events.push(event.success)
  }
  return { events, whole: rest === "" }
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

  #read(): string {
    return this.#file !== undefined && existsSync(this.#file) ? readFileSync(this.#file, "utf8") : ""
  }

  /** Everything that an earlier run of this folder left; undefined when the file holds something else than events. */
  earlier(): ReadonlyArray<TrainEvent> | undefined {
    const text = this.#read()
    const { events } = readEvents(text)
    const unfinished = text.startsWith("{") && !text.includes("\n")
    return text === "" || events.length > 0 || unfinished ? events : undefined
  }

  /**
   * Keeps the first `bytes` of the file, drops the rest, and returns the events kept; undefined, with nothing changed, when
   * those bytes are not there or not whole events: lost with the machine's power, or damaged.
   */
  keep(bytes: number): ReadonlyArray<TrainEvent> | undefined {
    const text = Buffer.from(this.#read()).subarray(0, bytes)
    const { events, whole } = readEvents(text.toString("utf8"))
    if (text.length < bytes || !whole) return undefined
    this.#bytes = bytes
    if (this.#file !== undefined) {
      if (bytes === 0) writeFileSync(this.#file, "")
      else truncateSync(this.#file, bytes)
    }
    return events
  }

  /** Appends an event and returns it. */
  append(event: TrainEvent): TrainEvent {
    const line = eventLine(event)
    if (this.#file !== undefined) appendFileSync(this.#file, line)
    this.#bytes += Buffer.byteLength(line)
    return event
  }
}
