/** @file Where and how jobs are submitted: the engine's options, and what they stand for when they are left out. */

import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import * as Result from "effect/Result"
import { findPython, pythonFolder } from "../python.ts"
import { makeSlurm, type Slurm } from "./commands.ts"
import { SLURM_FOLDER, slurmScript } from "./script.ts"
import { decodeSlurmSettings, type SlurmSettings } from "./settings.ts"
import type { SlurmHost } from "./submit.ts"

/** Options of the engine that are not the job's. */
export interface SlurmOptions {
  /** Default: one node, no GPU, the cluster's own limits. */
  readonly settings?: SlurmSettings
  /** Folder, on the cluster's shared file system, where the scripts are kept; default: `slurm` in each job's own folder. */
  readonly scripts?: string
  /** Python on the cluster's machines, where the settings name none; default: that of the engine `torch` here. */
  readonly python?: string
  /** Folder that holds the worker's package; default: this package's own. */
  readonly packages?: string
  /** Default: the commands on this machine's path. */
  readonly slurm?: Slurm
  /** Gets what is no event: numbers of jobs, waiting reasons, submissions that are made again. Default: nobody. */
  readonly say?: (message: string) => void
  /** Milliseconds within which jobs that are trained at once are gathered into one array; default 200. */
  readonly gather?: number
}

/** There is no Python to name in a script. */
export class NoPython extends Error {
  override readonly name = "NoPython"
}

const standardSettings = Result.getOrThrow(decodeSlurmSettings({}))

const pythonOf = ({ settings, python }: SlurmOptions): string => {
  const named = settings?.python ?? python
  if (named !== undefined) return named
  const found = findPython()
  if (Result.isSuccess(found)) return found.success.command
  throw new NoPython(`${found.failure.message}; or name the cluster's own in finetune.slurm.python`)
}

/** The world that the options stand for. @throws NoPython */
export const slurmHost = (options: SlurmOptions): SlurmHost => ({
  slurm: options.slurm ?? makeSlurm(),
  settings: options.settings ?? standardSettings,
  python: pythonOf(options),
  packages: options.packages ?? pythonFolder,
  now: Date.now,
  sleep: wait,
  say: options.say ?? (() => undefined)
})

/** Where the scripts of a job go. */
export const scriptsFolder = ({ scripts }: SlurmOptions, jobFolder: string): string =>
  scripts ?? join(jobFolder, SLURM_FOLDER)

/**
 * The script of jobs that share their number of processes, as it would be submitted, under the name `dry-run`.
 * @param folders the jobs' folders; one at least   @throws NoPython
 */
export const dryScript = (options: SlurmOptions, folders: ReadonlyArray<string>, processes: number): string => {
  const { settings, python, packages } = slurmHost(options)
  const tasks = folders.map((folder) => ({ folder, attempt: 1 }))
  const folder = scriptsFolder(options, folders[0]!)
  return slurmScript({ name: "dry-run", tasks, folder, settings, processes, python, packages })
}
