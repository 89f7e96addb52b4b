/** @file Jobs that several callers hand in at the same moment, put into the queue as one array. */

import { setTimeout as wait } from "node:timers/promises"
import { ensureSubmitted, type PlacedJob, type SlurmHost } from "./submit.ts"

interface Gathering {
  readonly jobs: Array<PlacedJob>
  readonly submitted: Promise<void>
}

/** Those that are open, by where their scripts go and what is in them. */
const gatherings = new Map<string, Gathering>()

/**
 * {@link ensureSubmitted} for a job together with all that come within `gather` milliseconds of each other.
 * @throws what that throws, to each of them
 */
export const submitGathered = (host: SlurmHost, job: PlacedJob, scripts: string, gather: number): Promise<void> => {
  const key = JSON.stringify([scripts, host.settings, host.python, host.packages])
  const open = gatherings.get(key)
  if (open !== undefined) {
    open.jobs.push(job)
    return open.submitted
  }
  const jobs = [job]
  const settle = async (): Promise<void> => {
    for (let known = 0; known < jobs.length; ) {
      known = jobs.length
      await wait(gather)
    }
    gatherings.delete(key)
    await ensureSubmitted(host, jobs, scripts)
  }
  const submitted = settle()
  gatherings.set(key, { jobs, submitted })
  return submitted
}
