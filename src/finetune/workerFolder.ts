/**
 * @file The folder of a job that a process of its own trains: who is at work in it, what it says, and its last words. Files:
 * job.json, events.jsonl, status.json and the checkpoint are the worker's; worker.lock, worker.json (who), worker.out (its
 * events, complete from the first one on) and worker.err belong to the process that is or was last at work.
 */

import { readFileSync } from "node:fs"
import { type FileHandle, open, stat } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** Names of the files in a job's folder. */
export const workerFiles = {
  job: "job.json",
  who: "worker.json",
  out: "worker.out",
  err: "worker.err",
  status: "status.json"
} as const

/** Where a cell of a study that trains has the folder of its job, in the cell's work folder. */
export const JOB_FOLDER = "job"

/** The process at work. `ticks`: when it started, in the kernel's count, so that a reused process id is noticed. */
const Who = Schema.Struct({ pid: Schema.Int, host: Schema.String, ticks: Schema.optionalKey(Schema.String) })
export type Who = typeof Who.Type

const decodeWho = Schema.decodeUnknownResult(Schema.fromJsonString(Who))

/** The text of a file, undefined where there is none. */
export const textIfThere = (file: string): string | undefined =>
  Result.getOrUndefined(Result.try(() => readFileSync(file, "utf8")))

/** Who last worked in the folder, undefined if nobody did. */
export const lastWorker = (folder: string): Who | undefined =>
  Result.getOrUndefined(decodeWho(textIfThere(join(folder, workerFiles.who)) ?? ""))

/** Field 22 of /proc/<pid>/stat, and whether the process has ended and only waits to be asked how. */
const processStat = (pid: number): { readonly ticks: string; readonly ended: boolean } | undefined => {
  const text = textIfThere(`/proc/${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ")
  return fields === undefined ? undefined : { ticks: fields[19]!, ended: fields[0] === "Z" || fields[0] === "X" }
}

/** Whether a process of this machine is still there, and is the same that it was. */
export const isAlive = ({ pid, ticks }: Who): boolean => {
  const known = processStat(pid)
  if (known !== undefined) return !known.ended && (ticks === undefined || ticks === known.ticks)
  const signalled = Result.try({
    try: () => process.kill(pid, 0),
    catch: (error) => (error as NodeJS.ErrnoException).code
  })
  return Result.isSuccess(signalled) || signalled.failure === "EPERM"
}

/** Milliseconds for which another machine's worker may be silent before it is taken for dead. */
const SILENCE = 60_000

/** The process that is at work in the folder, here or on another machine that wrote its status lately. */
export const currentWorker = async (folder: string): Promise<Who | undefined> => {
  const who = lastWorker(folder)
  if (who === undefined) return undefined
  if (who.host === hostname()) return isAlive(who) ? who : undefined
  const touched = await stat(join(folder, workerFiles.status)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0
  )
  return Date.now() - touched < SILENCE ? who : undefined
}

/** Milliseconds between two looks at a file that grows. */
const LOOK = 100

const readFrom = async (file: FileHandle, offset: number): Promise<Buffer> => {
  const parts: Array<Buffer> = []
  for (let at = offset; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536, at)
    if (bytesRead === 0) return Buffer.concat(parts)
    parts.push(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

/**
 * The lines of a file that a process writes, without their ends, each as soon as it is whole; ends when the process has ended
 * and all is read. A last line without an end comes too.
 * @param ended whether the writer is gone; asked before each reading
 */
export async function* followLines(path: string, ended: () => boolean): AsyncGenerator<string, void> {
  const file = await open(path, "r")
  try {
    let offset = 0
    let rest = Buffer.alloc(0)
    for (;;) {
      const last = ended()
      const news = await readFrom(file, offset)
      offset += news.length
      rest = Buffer.concat([rest, news])
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = rest.toString("utf8", 0, end)
        rest = rest.subarray(end + 1)
        yield line
      }
      if (last) {
        if (rest.length > 0) yield rest.toString("utf8")
        return
      }
      if (news.length === 0) await sleep(LOOK)
    }
  } finally {
    await file.close()
  }
}

/** All that the last worker wrote on its standard error; empty where there was none. */
export const jobLog = (folder: string): string => textIfThere(join(folder, workerFiles.err)) ?? ""

/** The last lines that a worker wrote on its standard error, 2,000 characters at most; empty when it wrote none. */
export const lastWords = (folder: string): string => {
  const text = jobLog(folder).trim()
  return text.slice(-2000).split("\n").slice(-12).join("\n")
}
