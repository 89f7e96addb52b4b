/** @file A job's folder before it is submitted: `job.json`, with paths that hold on any machine of the cluster. */

import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { writeFileAtomic } from "../atomicFile.ts"
import type { TrainingJob } from "../job.ts"
import { workerJob } from "../TorchEngine.ts"
import { workerFiles } from "../workerFolder.ts"
import type { SlurmSettings } from "./settings.ts"
import type { PlacedJob } from "./submit.ts"

/** The job cannot go to a cluster as it is; `message` is one sentence. */
export class UnfitJob extends Error {
  override readonly name = "UnfitJob"
}

/** A path that is there, absolute; anything else (a hub id) as it is. */
const absolute = (source: string): string => (existsSync(source) ? resolve(source) : source)

const withAbsolutePaths = (job: TrainingJob): TrainingJob => {
  const source = <A>(pairs: A | string): A | string => (typeof pairs === "string" ? absolute(pairs) : pairs)
  const { pairs, heldOutPairs, ...data } = job.data
  return {
    ...job,
    model: absolute(job.model),
    ...(job.reference === undefined ? {} : { reference: absolute(job.reference) }),
    ...(job.referenceCache === undefined ? {} : { referenceCache: resolve(job.referenceCache) }),
    data: {
      ...data,
      pairs: source(pairs),
      ...(heldOutPairs === undefined ? {} : { heldOutPairs: source(heldOutPairs) })
    }
  }
}

/**
 * Writes `job.json` into the job's output folder, unless it is there already, word for word.
 * @throws UnfitJob without an output folder, or when several processes would train without sharing the work
 */
export const placeJob = (job: TrainingJob, settings: SlurmSettings): PlacedJob => {
  if (job.output === undefined) {
    throw new UnfitJob(`job ${job.id}: on a cluster a job needs \`output\`, a folder that all machines see`)
  }
  const processes = job.torch?.processes ?? 1
  const world = settings.nodes * processes
  if (world > 1 && (job.torch?.parallel ?? "none") === "none") {
    throw new UnfitJob(
      `job ${job.id}: ${world} processes (slurm.nodes ${settings.nodes}, torch.processes ${processes}) need torch.parallel ddp or fsdp2, found none`
    )
  }
  const folder = resolve(job.output)
  const text = workerJob(withAbsolutePaths(job), folder)
  const file = join(folder, workerFiles.job)
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileAtomic(file, text)
  return { id: job.id, folder, hash: createHash("sha256").update(text).digest("hex").slice(0, 24), processes }
}
