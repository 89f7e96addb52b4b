/** @file A job in the queue as `losslattice status`, `cancel` and `logs` see it, whoever drives it. */

import { makeSlurm, type Slurm } from "./commands.ts"
import { exitCodeOf, ownerOf, slurmLog } from "./folder.ts"
import { changed, currentAttempt, readRecord, writeRecord } from "./record.ts"
import { isOver, phaseOf } from "./states.ts"

/** Where the queue has a job. */
export interface QueuePlace {
  /** Its number, or its name while the number is not known. */
  readonly id: string
  /** Slurm's words: state, and the reason of its waiting or its node. */
  readonly queue: string
  /** Whether it goes on, waiting or running; undefined when Slurm does not answer. */
  readonly alive: boolean | undefined
  readonly running: boolean
}

/** The last submission of the job in a folder; undefined when the folder has none. */
export const queuePlace = async (folder: string, slurm: Slurm = makeSlurm()): Promise<QueuePlace | undefined> => {
  const record = readRecord(folder)
  if (record === undefined) return undefined
  const { id, name, cluster, outcome } = currentAttempt(record)
  const over = outcome ?? (exitCodeOf(folder, record.attempts.length) === undefined ? undefined : "ended")
  if (over !== undefined) return { id: id ?? name, queue: over, alive: false, running: false }
  if (id === undefined) return { id: name, queue: "being submitted", alive: true, running: false }
  const answer = await slurm.job(id, cluster)
  if (answer._tag === "Silent") return { id, queue: `no answer: ${answer.message}`, alive: undefined, running: false }
  if (answer._tag === "Unknown") return { id, queue: "no longer known", alive: false, running: false }
  const { state, reason, nodes } = answer.job
  const phase = phaseOf(state)
  const more = phase === "waiting" ? reason : nodes
  const queue = more === undefined || more === "None" ? state : `${state} (${more})`
  return { id, queue, alive: !isOver(phase), running: phase === "running" }
}

/**
 * Takes a job out of the queue; a worker that runs writes a checkpoint first, as far as the cluster gives it time. The next run
 * submits it anew. @returns its number; undefined when it is in no queue   @throws Error with Slurm's words when that refuses
 */
export const cancelInQueue = async (folder: string, slurm: Slurm = makeSlurm()): Promise<string | undefined> => {
  const place = await queuePlace(folder, slurm)
  const record = readRecord(folder)
  if (place === undefined || record === undefined || place.alive === false) return undefined
  const { id, cluster } = currentAttempt(record)
  if (id === undefined) return undefined
  const refusal = await slurm.cancel([id], cluster)
  if (refusal !== undefined) throw new Error(`scancel ${id}: ${refusal}`)
  writeRecord(folder, changed(record, { outcome: "cancelled" }))
  return id
}

/** What the last submission's script and worker wrote; empty before it ran. Undefined when the folder has no submission. */
export const queueLog = (folder: string): string | undefined => {
  const record = readRecord(folder)
  if (record === undefined) return undefined
  const owner = ownerOf(folder, record.attempts.length)
  return owner === undefined ? "" : slurmLog(folder, owner)
}
