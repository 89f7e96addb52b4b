/**
 * @file Where the jobs of engines with processes of their own stand, read from the files in their folders, whoever drives them.
 */

import { hostname } from "node:os"
import { cancelInQueue, queueLog, queuePlace } from "./slurm/jobState.ts"
import { currentWorker, isAlive, jobLog, lastWords, lastWorker, type Who } from "./workerFolder.ts"
import { stopWorker } from "./workerProcess.ts"
import { type JobStatus, readStatus } from "./workerStatus.ts"

/** A job as `losslattice status` shows it. */
export interface JobState {
  readonly folder: string
  /** `waiting`: no worker has been there. `lost`: its worker is gone without a word; the next run goes on from its checkpoint. */
  readonly state: JobStatus["state"] | "waiting" | "lost"
  readonly step: number
  readonly steps?: number
  readonly host?: string
  readonly pid?: number
  readonly restart?: number
  readonly message?: string
  /** Number in a cluster's queue, and the queue's word for where it is. */
  readonly queue?: string
}

const isOver = (state: JobStatus["state"]): boolean => state !== "starting" && state !== "running"

/** Last line of what a lost worker wrote on its standard error. */
const lastLine = (folder: string): { readonly message?: string } => {
  const line = lastWords(folder).split("\n").at(-1)
  return line ? { message: line } : {}
}

/**
 * The state of the job in a folder.
 * @param alive whether the worker is there, for jobs that somebody else knows about (a cluster's queue); by default the process
 * is asked for on this machine, and on others the age of the status file
 */
export const jobState = async (folder: string, alive?: boolean): Promise<JobState> => {
  const worker = await currentWorker(folder)
  const there = alive ?? worker !== undefined
  const status = readStatus(folder)
  if (status === undefined) {
    const who = worker ?? lastWorker(folder)
    const place = who === undefined ? {} : { pid: who.pid, host: who.host }
    if (there) return { folder, state: "starting", step: 0, ...place }
    return who === undefined
      ? { folder, state: "waiting", step: 0 }
      : { folder, state: "lost", step: 0, ...place, ...lastLine(folder) }
  }
  const { state, step, steps, host, pid, restart, message } = status
  const common = { folder, step, steps, host, pid, restart }
  if (there && worker !== undefined && worker.pid !== pid && isOver(state))
    return { ...common, state: "starting", pid: worker.pid }
  if (!there && !isOver(state)) return { ...common, state: "lost", ...lastLine(folder) }
  return { ...common, state, ...(message === undefined ? {} : { message }) }
}

/** The state of the job in a folder, wherever it is trained; the queue is asked for jobs of a cluster. */
export const anyJobState = async (folder: string): Promise<JobState> => {
  const place = await queuePlace(folder)
  if (place === undefined) return jobState(folder)
  const state = await jobState(folder, place.alive ?? true)
  // What is left of the worker's last stretch says nothing while the job waits for its next one.
  const waits = place.alive === true && !place.running && state.state !== "finished"
  return { ...state, ...(waits ? { state: "waiting" } : {}), queue: `Slurm job ${place.id}: ${place.queue}` }
}

/** What the worker of a job wrote on its standard error, and on a cluster its script too. */
export const anyJobLog = (folder: string): string => queueLog(folder) ?? jobLog(folder)

/**
 * Stops the job of a folder, with a checkpoint: a worker on this machine, or a job in a cluster's queue. Returns whether there
 * was one. @throws Error with the queue's words when that refuses
 */
export const stopAnyJob = async (folder: string): Promise<boolean> =>
  (await cancelInQueue(folder)) !== undefined || (await stopJob(folder)) !== undefined

/** Stops the worker of a folder on this machine, with a checkpoint. Returns it, or undefined where none was at work. */
export const stopJob = async (folder: string): Promise<Who | undefined> => {
  const who = await currentWorker(folder)
  if (who === undefined || who.host !== hostname()) return undefined
  await stopWorker({ folder, who, ended: () => !isAlive(who), exit: () => undefined })
  return who
}
