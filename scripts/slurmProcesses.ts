/** @file The processes of a test cluster, found by their pid files and in /proc. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"

/** The process that a pid file names; undefined without one. */
export const pidIn = (file: string): number | undefined => {
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : Number.NaN
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

/** Whether a process is there. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Sends a signal, to nobody if the process has gone. */
export const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone.
  }
}

interface Listed {
  readonly pid: number
  readonly parent: number
  readonly args: string
}

/** A file of /proc; empty when the process has gone meanwhile. */
const told = (pid: string, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8")
  } catch {
    return ""
  }
}

const processes = (): ReadonlyArray<Listed> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({
      pid: Number(pid),
      parent: Number(/^PPid:\s*(\d+)/m.exec(told(pid, "status"))?.[1] ?? 0),
      args: told(pid, "cmdline").replaceAll("\0", " ")
    }))

/** A process and all that descend from it. */
const family = (root: number, all: ReadonlyArray<Listed>): ReadonlyArray<number> => [
  root,
  ...all.filter(({ parent }) => parent === root).flatMap(({ pid }) => family(pid, all))
]

/** Whether a process has a file open. */
const hasOpen = (pid: number, file: string): boolean => {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file)
  } catch {
    // It, or the file, is gone.
    return false
  }
}

/** The step daemons of a node, which have its log open, with what they started. */
export const stepsOf = (folder: string, node: string): ReadonlyArray<number> => {
  const all = processes()
  return all
    .filter(({ args }) => args.startsWith("slurmstepd:"))
    .filter(({ pid }) => hasOpen(pid, join(folder, `slurmd-${node}.log`)))
    .flatMap(({ pid }) => family(pid, all))
}
