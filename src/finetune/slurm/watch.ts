/**
 * @file One job in the queue, seen from the driver: where it stands by its own files first, then by the controller, then by the
 * accounting; when it is over, and whether it is submitted again.
 */

import type { FailedEvent, TrainEvent } from "../events.ts"
import { readStatus } from "../workerStatus.ts"
import { EventTail, exitCodeOf, ownerOf, signOfLife, slurmLog } from "./folder.ts"
import { changed, currentAttempt, type Outcome, readRecord, type SlurmRecord, writeRecord } from "./record.ts"
import type { SlurmPhase } from "./states.ts"
import { isOver, phaseOf } from "./states.ts"
import { ensureSubmitted, type PlacedJob, type SlurmHost } from "./submit.ts"

/** How a job ended. */
export type JobEnd =
  | { readonly _tag: "Finished" }
  /** The worker said why, in its last event. */
  | { readonly _tag: "Failed"; readonly event: FailedEvent }
  | { readonly _tag: "Broken"; readonly outcome: Exclude<Outcome, "finished" | "refused">; readonly message: string }

/** What one look brought. */
export interface Look {
  readonly events: ReadonlyArray<TrainEvent>
  readonly end?: JobEnd
}

/** Exit code of a worker whose job file is wrong. */
const badJob = 2

const done: JobEnd = { _tag: "Finished" }

const outcomeOf: Partial<Record<SlurmPhase, "cancelled" | "timed-out" | "out-of-memory">> = {
  cancelled: "cancelled",
  "timed-out": "timed-out",
  "out-of-memory": "out-of-memory"
}

/** Follows one job from its submission to its end. */
export class SlurmWatch {
  readonly #host: SlurmHost
  readonly #job: PlacedJob
  readonly #scripts: string
  readonly #tail: EventTail
  #sign = ""
  /** By the driver's clock: when the job's files last changed, and when it was first not heard of. */
  #heard = Number.NEGATIVE_INFINITY
  #silentSince: number | undefined
  #overSeen = false
  #shown = ""
  #quiet = 0
  /** Submissions that this driver saw break off. */
  #mishaps = 0

  constructor(host: SlurmHost, job: PlacedJob, scripts: string) {
    this.#host = host
    this.#job = job
    this.#scripts = scripts
    this.#tail = new EventTail(job.folder)
  }

  /** Milliseconds until the next look: the settings' first interval, doubled with every look that brought nothing. */
  get pause(): number {
    const { poll, pollMost } = this.#host.settings
    return Math.min(poll * 2 ** Math.min(this.#quiet, 20), Math.max(poll, pollMost)) * 1000
  }

  /** Looks once; submits the job when it is not in the queue, again when it has to be. */
  async look(): Promise<Look> {
    const before = this.#tail.last
    if (before === undefined && this.#finishedBefore()) return { events: this.#tail.next(false).events, end: done }
    await ensureSubmitted(this.#host, [this.#job], this.#scripts)
    const record = readRecord(this.#job.folder)!
    const look = await this.#state(record)
    this.#quiet = look.events.length > 0 ? 0 : this.#quiet + 1
    return look
  }

  /** Whether this very job has been finished by an earlier driver's submission. */
  #finishedBefore(): boolean {
    const record = readRecord(this.#job.folder)
    return record?.job === this.#job.hash && currentAttempt(record).outcome === "finished"
  }

  async #state(record: SlurmRecord): Promise<Look> {
    const { folder } = this.#job
    const code = exitCodeOf(folder, record.attempts.length)
    if (code !== undefined) return this.#ended(record, code)
    const { events } = this.#tail.next(true)
    if (this.#isHeard()) return { events }
    const attempt = currentAttempt(record)
    const { slurm } = this.#host
    const controller = await slurm.job(attempt.id!, attempt.cluster)
    const answer = controller._tag === "Unknown" ? await slurm.accounted(attempt.id!, attempt.cluster) : controller
    if (answer._tag === "Silent") {
      this.#show(`Slurm does not answer: ${answer.message}`)
      return { events }
    }
    if (answer._tag === "Unknown") return { events, ...(await this.#unheard(record)) }
    this.#silentSince = undefined
    const phase = phaseOf(answer.job.state)
    const { id, state, reason } = answer.job
    this.#show(`Slurm job ${id}: ${state}${reason === undefined || reason === "None" ? "" : ` (${reason})`}`)
    if (!isOver(phase)) {
      this.#overSeen = false
      return { events }
    }
    // The files of another machine may come later than the controller's word.
    if (!this.#overSeen) {
      this.#overSeen = true
      return { events }
    }
    const last = await this.#over(record, phase, answer.job.exit)
    return { events: [...events, ...last.events], ...(last.end ? { end: last.end } : {}) }
  }

  /** Whether the worker has been heard of lately, so that Slurm need not be asked. */
  #isHeard(): boolean {
    const { folder } = this.#job
    const sign = signOfLife(folder)
    const now = this.#host.now()
    // Before the first look nobody knows how old the files are.
    if (sign !== this.#sign && this.#sign !== "") this.#heard = now
    this.#sign = sign
    const state = readStatus(folder)?.state
    const lately = now - this.#heard < Math.min(30, this.#host.settings.grace / 4) * 1000
    return lately && (state === "starting" || state === "running")
  }

  #show(message: string): void {
    if (message !== this.#shown) this.#host.say(message)
    this.#shown = message
  }

  async #unheard(record: SlurmRecord): Promise<Pick<Look, "end">> {
    const now = this.#host.now()
    this.#silentSince ??= now
    const silent = (now - Math.max(this.#silentSince, this.#heard)) / 1000
    if (silent < this.#host.settings.grace) return {}
    const look = this.#finish(record)
    if (look !== undefined) return look.end ? { end: look.end } : {}
    const message = `Slurm no longer knows job ${currentAttempt(record).id}, and it left no end`
    return this.#again(record, "lost", message)
  }

  /** The end that the worker's own last event is, if this attempt ever ran. */
  #finish(record: SlurmRecord): Look | undefined {
    if (ownerOf(this.#job.folder, record.attempts.length) === undefined) return undefined
    const { events } = this.#tail.next(false)
    const { last } = this.#tail
    if (last?.event === "finished") return { events, end: this.#close(record, "finished", done) }
    if (last?.event === "failed") {
      return { events, end: this.#close(record, "failed", { _tag: "Failed", event: last }, last.message) }
    }
    return events.length > 0 ? { events } : undefined
  }

  /** The script has ended by itself, with this code. */
  async #ended(record: SlurmRecord, code: number): Promise<Look> {
    const finish = this.#finish(record)
    if (finish?.end !== undefined) return finish
    const events = finish?.events ?? []
    const owner = ownerOf(this.#job.folder, record.attempts.length)
    const lines = owner === undefined ? [] : slurmLog(this.#job.folder, owner).trim().split("\n").slice(-5)
    const message = `Slurm job ${owner}: the worker ended with code ${code} and no last event; its log ends: ${lines.join(" / ")}`
    if (code === 0 || code === badJob) {
      const outcome = code === badJob ? "invalid" : "failed"
      return { events, end: this.#close(record, outcome, { _tag: "Broken", outcome, message }, message) }
    }
    return { events, ...(await this.#again(record, "interrupted", message)) }
  }

  /** Slurm says that it is over, and the script left no code. */
  async #over(record: SlurmRecord, phase: SlurmPhase, exit: string | undefined): Promise<Look> {
    const finish = this.#finish(record)
    if (finish?.end !== undefined) return finish
    const events = finish?.events ?? []
    const { id } = currentAttempt(record)
    const owner = ownerOf(this.#job.folder, record.attempts.length)
    if (phase === "completed" && owner !== undefined && owner !== id) {
      // Two submissions of one attempt arrived: the other one trains.
      writeRecord(this.#job.folder, changed(record, { id: owner }))
      this.#overSeen = false
      return { events }
    }
    const outcome = outcomeOf[phase]
    const message = `Slurm job ${id} ended as ${phase}${exit === undefined ? "" : `, exit code ${exit}`}`
    if (outcome !== undefined) {
      const end: JobEnd = { _tag: "Broken", outcome, message }
      return { events, end: this.#close(record, outcome, end, message) }
    }
    return { events, ...(await this.#again(record, "interrupted", message)) }
  }

  /** Submits the job once more, unless it has been often enough. */
  async #again(record: SlurmRecord, outcome: "interrupted" | "lost", message: string): Promise<Pick<Look, "end">> {
    const { settings, slurm } = this.#host
    const end: JobEnd = { _tag: "Broken", outcome, message: `${message} (submission ${record.attempts.length})` }
    this.#close(record, outcome, end, message)
    if (this.#mishaps++ >= settings.retries) return { end }
    // Whatever may be left of it must not train beside its successor.
    const { id, cluster } = currentAttempt(record)
    if (id !== undefined) await slurm.cancel([id], cluster)
    this.#host.say(`${message}; submitted again`)
    this.#silentSince = undefined
    this.#overSeen = false
    await ensureSubmitted(this.#host, [this.#job], this.#scripts)
    return {}
  }

  #close(record: SlurmRecord, outcome: Outcome, end: JobEnd, detail?: string): JobEnd {
    writeRecord(this.#job.folder, changed(record, { outcome, ...(detail === undefined ? {} : { detail }) }))
    return end
  }
}
