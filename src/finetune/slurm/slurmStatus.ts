/** @file What `doctor` says about Slurm. */

import { type RunCommand, runCommand } from "./commands.ts"

/** Whether jobs can be submitted from here: to what, or why not. */
export interface SlurmStatus {
  readonly id: "slurm"
  readonly available: boolean
  readonly reason?: string
  readonly device?: string
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? ""

/** Asks the controller for its version and partitions. Never fails: what is missing is the reason. */
export const slurmStatus = async (run: RunCommand = runCommand): Promise<SlurmStatus> => {
  const missing = (reason: string): SlurmStatus => ({ id: "slurm", available: false, reason })
  const version = await run("sbatch", ["--version"])
  if (version.code === undefined) return missing("there is no sbatch on the path")
  if (version.code !== 0) return missing(`sbatch is there, and says: ${lastLine(version.stderr)}`)
  const asked = await run("sinfo", ["-h", "-o", "%R %D %G"])
  if (asked.code !== 0) return missing(`${version.stdout.trim()}: ${lastLine(asked.stderr)}`)
  const partitions = asked.stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [name, count, gres] = line.trim().split(/\s+/)
      return `${name}: ${count} ${count === "1" ? "node" : "nodes"}${gres === "(null)" ? "" : ` with ${gres}`}`
    })
  return { id: "slurm", available: true, device: `${version.stdout.trim()}; ${partitions.join("; ")}` }
}
