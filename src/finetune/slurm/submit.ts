/**
 * @file Putting jobs into the queue, each once, whoever asks and whatever dies in between.
 *
 * Order of things: the job's folder and `job.json`; the script; `slurm.json` with the submission's name; sbatch; `slurm.json`
 * with the number. A driver that finds a name without a number looks for the name in the queue, then for the mark that the
 * script leaves in the folder when it starts; only when neither is there, and the time in which a dying driver's sbatch could
 * still arrive has passed, it submits again. Should both arrive all the same, the script lets one of them train.
 */

import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { writeFileAtomic } from "../atomicFile.ts"
import type { Slurm, SlurmJob } from "./commands.ts"
import { ownerOf } from "./folder.ts"
import {
  type Attempt,
  changed,
  createRecord,
  currentAttempt,
  extended,
  readRecord,
  type SlurmRecord,
  writeRecord
} from "./record.ts"
import { slurmScript } from "./script.ts"
import type { SlurmSettings } from "./settings.ts"

/** A job whose folder is ready. */
export interface PlacedJob {
  /** The job's own id, for people. */
  readonly id: string
  /** Its output folder, absolute, with `job.json` in it. */
  readonly folder: string
  /** Hash of `job.json`. */
  readonly hash: string
  /** Processes on each node. */
  readonly processes: number
}

/** What submitting and watching need of the world. */
export interface SlurmHost {
  readonly slurm: Slurm
  readonly settings: SlurmSettings
  /** Python, where the settings have none. */
  readonly python: string
  /** Folder that holds the worker's package. */
  readonly packages: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Tells people something that is not an event. */
  readonly say: (message: string) => void
}

/** sbatch refused: a wrong partition, account or limit. */
export class SubmissionRefused extends Error {
  override readonly name = "SubmissionRefused"
}

/** The folder is another job's, which is in the queue. */
export class FolderTaken extends Error {
  override readonly name = "FolderTaken"
}

const slug = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").slice(0, 40)

/** A new name for the queue: what it is for people, and 12 random digits. */
export const submissionName = (jobs: ReadonlyArray<PlacedJob>): string => {
  const shown = jobs.length === 1 ? slug(jobs[0]!.id) : `losslattice-${jobs.length}`
  return `${shown}-${randomBytes(6).toString("hex")}`
}

/** What one job of a submission is: a first one, one more, or one whose name never arrived. */
interface Wanted {
  readonly job: PlacedJob
  readonly record: SlurmRecord | undefined
  /** From 1. */
  readonly attempt: number
}

/** The queue's row of a submission: that with its place in the array, or the job of its own. */
const rowOf = (attempt: Attempt, rows: ReadonlyArray<SlurmJob>): SlurmJob | undefined =>
  rows.find(({ id }) =>
    attempt.index === undefined ? !id.includes("_") : id.endsWith(`_${attempt.index}`) || !id.includes("_")
  )

const settle = (job: PlacedJob, record: SlurmRecord, id: string): undefined => {
  writeRecord(job.folder, changed(record, { id }))
  return undefined
}

/**
 * Finds out whether a submission without a number arrived, and writes the number down; waits while it may still arrive.
 * @returns what to submit when it did not
 */
const recover = async (host: SlurmHost, job: PlacedJob, record: SlurmRecord): Promise<Wanted | undefined> => {
  const attempt = currentAttempt(record)
  for (;;) {
    const owner = ownerOf(job.folder, record.attempts.length)
    if (owner !== undefined) return settle(job, record, owner)
    const rows = await host.slurm.named(attempt.name, attempt.cluster ?? host.settings.cluster)
    const row = rows && rowOf(attempt, rows)
    if (row !== undefined) return settle(job, record, row.id)
    const waited = (host.now() - Date.parse(attempt.asked)) / 1000
    if (rows !== undefined && waited > host.settings.grace) return { job, record, attempt: record.attempts.length }
    await host.sleep(Math.max(200, Math.min(5, host.settings.poll) * 1000))
  }
}

/** Whether a job has to be submitted, and as which attempt. @throws FolderTaken */
const wanted = async (host: SlurmHost, job: PlacedJob): Promise<Wanted | undefined> => {
  const record = readRecord(job.folder)
  if (record === undefined) return { job, record, attempt: 1 }
  const attempt = currentAttempt(record)
  if (attempt.outcome === "finished" && record.job === job.hash) return undefined
  if (attempt.outcome !== undefined) return { job, record, attempt: record.attempts.length + 1 }
  if (record.job !== job.hash) {
    throw new FolderTaken(
      `${job.folder} is the folder of another job, Slurm job ${attempt.id ?? attempt.name}; cancel that one first`
    )
  }
  return attempt.id === undefined ? recover(host, job, record) : undefined
}

/** Writes down that a job is about to be submitted. @returns false when another driver was faster */
const announce = ({ job, record, attempt }: Wanted, asked: Attempt): boolean => {
  if (record === undefined) return createRecord(job.folder, { version: 1, job: job.hash, attempts: [asked] })
  const renewed: SlurmRecord =
    attempt > record.attempts.length
      ? extended(record, asked)
      : { ...record, attempts: [...record.attempts.slice(0, -1), asked] as unknown as SlurmRecord["attempts"] }
  writeRecord(job.folder, { ...renewed, job: job.hash })
  return true
}

/** One script for jobs of one shape; those that another driver has taken meanwhile are left to it. */
const submitTogether = async (host: SlurmHost, list: ReadonlyArray<Wanted>, scripts: string): Promise<void> => {
  const name = submissionName(list.map(({ job }) => job))
  const script = join(scripts, `${name}.sbatch`)
  const asked = new Date(host.now()).toISOString()
  const tasks = list.map(({ job, attempt }) => ({ folder: job.folder, attempt }))
  const { settings, python, packages } = host
  const { processes } = list[0]!.job
  writeFileAtomic(script, slurmScript({ name, tasks, folder: dirname(script), settings, processes, python, packages }))
  const array = list.length > 1
  const ours = list.filter((one, index) => announce(one, { name, script, asked, ...(array ? { index } : {}) }))
  if (ours.length < list.length && array) throw new FolderTaken(`another driver is submitting jobs of ${scripts}`)
  if (ours.length === 0) return
  const end = await host.slurm.submit(basename(script), dirname(script))
  if (end._tag === "Unanswered") {
    host.say(`sbatch: ${end.message}`)
    return
  }
  ours.forEach(({ job }) => {
    const record = readRecord(job.folder)!
    if (end._tag === "Refused") writeRecord(job.folder, changed(record, { outcome: "refused", detail: end.message }))
    else {
      const { index } = currentAttempt(record)
      const id = index === undefined ? end.id : `${end.id}_${index}`
      writeRecord(job.folder, changed(record, { id, ...(end.cluster === undefined ? {} : { cluster: end.cluster }) }))
    }
  })
  if (end._tag === "Refused") throw new SubmissionRefused(`sbatch refused ${script}: ${end.message}`)
  host.say(`Slurm job ${end.id}: ${list.length} ${list.length === 1 ? "job" : "jobs"}, ${script}`)
}

/** Groups of at most `most` with equal `key`. */
const groups = <A>(list: ReadonlyArray<A>, key: (item: A) => number, most: number): ReadonlyArray<ReadonlyArray<A>> => {
  const found = new Map<number, Array<Array<A>>>()
  for (const item of list) {
    const parts = found.get(key(item)) ?? [[]]
    if (parts.at(-1)!.length >= most) parts.push([])
    parts.at(-1)!.push(item)
    found.set(key(item), parts)
  }
  return [...found.values()].flat()
}

/**
 * Sees to it that every job is in the queue, or was: those that are not go together, as one array for each number of processes.
 * Returns when every job has its number.
 * @param scripts folder for their scripts, which stay there
 * @throws SubmissionRefused, FolderTaken, Error for a damaged record
 */
export const ensureSubmitted = async (
  host: SlurmHost,
  jobs: ReadonlyArray<PlacedJob>,
  scripts: string
): Promise<void> => {
  for (let open = jobs; open.length > 0; ) {
    const list = (await Promise.all(open.map((job) => wanted(host, job)))).filter((one) => one !== undefined)
    if (list.length === 0) return
    mkdirSync(scripts, { recursive: true })
    const most = list.length === 1 ? 1 : Math.max(1, (await host.slurm.maxArraySize()) - 1)
    for (const group of groups(list, ({ job }) => job.processes, most)) await submitTogether(host, group, scripts)
    // A second round finds the number of what sbatch did not answer, or another driver submitted.
    open = list.map(({ job }) => job)
  }
}
