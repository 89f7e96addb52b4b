/** @file What `doctor` says about Slurm. */

import { type RunCommand, runCommand } from "./commands.ts"

/** Whether jobs can be submitted from here: to what, or why not. */
export interface SlurmStatus {
  readonly id: "slurm"
  readonly available: boolean
  readonly reason?: string
  readonly device?: string
}

/** Asks the controller for its version and partitions. Never fails: what is missing is the reason. */
export const slurmStatus = async (run: RunCommand = runCommand): Promise<SlurmStatus> => {
  const version = await run("sbatch", ["--version"])
  if (version.code !== 0) return { id: "slurm", available: false, reason: "there is no sbatch on the path" }
  const asked = await run("sinfo", ["-h", "-o", "%R %D %G"])
  if (asked.code !== 0) {
    const message = asked.stderr.trim().split("\n").at(-1)
    return { id: "slurm", available: false, reason: `${version.stdout.trim()}: ${message}` }
  }
  const partitions = asked.stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [name, count, gres] = line.trim().split(/\s+/)
      return `${name}: ${count} ${count === "1" ? "node" : "nodes"}${gres === "(null)" ? "" : ` with ${gres}`}`
    })
  return { id: "slurm", available: true, device: `${version.stdout.trim()}; ${partitions.join("; ")}` }
}
