/**
 * @file One process per run folder. The lock is a file made exclusively, with the process in it; it is stale when that process
 * is gone (same host), or has not touched it for a minute (another host).
 */
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { RunFolderError, RunLocked } from "./errors.ts"
import { folderError, readIfThere } from "./files.ts"

/** Who holds a lock. `ticks`: when the process started, in the kernel's count, so that a reused process id is noticed. */
const LockHolder = Schema.Struct({
  pid: Schema.Int,
  host: Schema.String,
  started: Schema.String,
  token: Schema.String,
  ticks: Schema.optionalKey(Schema.String)
})
export type LockHolder = typeof LockHolder.Type

const decodeHolder = Schema.decodeUnknownResult(Schema.fromJsonString(LockHolder))

/** A holder on another machine that has not shown itself for so long is taken for dead. */
const silence = 60_000
const heartbeat = "5 seconds"

/** An empty lock that is older (ms) was left by a process that died while making it. */
const birth = 1000

const lockFile = (folder: string): string => join(folder, "run.lock")

/** Field 22 of /proc/<pid>/stat; undefined where there is no such thing. */
const startTicks = (pid: number): string | undefined => {
  const text = Result.try(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
  if (Result.isFailure(text)) return undefined
  return text.success.slice(text.success.lastIndexOf(")") + 2).split(" ")[19]
}

const isAlive = (holder: LockHolder): boolean => {
  const signalled = Result.try({
    try: () => process.kill(holder.pid, 0),
    catch: (error) => (error as NodeJS.ErrnoException).code
  })
  if (Result.isFailure(signalled) && signalled.failure === "ESRCH") return false
  const ticks = startTicks(holder.pid)
  return holder.ticks === undefined || ticks === undefined || holder.ticks === ticks
}

/** Milliseconds since a lock was last touched. */
const silentFor = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const info = yield* Effect.option(fs.stat(lockFile(folder)))
  const touched = Option.getOrUndefined(Option.flatMap(info, ({ mtime }) => mtime))?.getTime() ?? 0
  return (yield* Clock.currentTimeMillis) - touched
})

/** The live holder of a folder's lock, if there is one. */
export const lockHolder = Effect.fnUntraced(function* (folder: string) {
  const content = yield* readIfThere(lockFile(folder))
  if (content === undefined) return undefined
  const holder = decodeHolder(new TextDecoder().decode(content))
  if (Result.isFailure(holder)) return undefined
  if (holder.success.host === hostname()) return isAlive(holder.success) ? holder.success : undefined
  return (yield* silentFor(folder)) < silence ? holder.success : undefined
})

/** Moves a stale lock away; puts it back when it turns out to be a fresh one that another process made meanwhile. */
const removeStale = Effect.fnUntraced(function* (folder: string, seen: string) {
  const fs = yield* FileSystem.FileSystem
  const aside = join(folder, `run.lock.stale-${randomUUID().slice(0, 8)}`)
  const moved = yield* Effect.result(fs.rename(lockFile(folder), aside))
  if (Result.isFailure(moved)) return
  const content = yield* readIfThere(aside)
  if (content !== undefined && new TextDecoder().decode(content) !== seen) {
    yield* Effect.ignore(fs.link(aside, lockFile(folder)))
  }
  yield* fs.remove(aside, { force: true })
})

const tryLock = Effect.fnUntraced(function* (folder: string, own: LockHolder) {
  const fs = yield* FileSystem.FileSystem
  const made = yield* Effect.result(fs.writeFileString(lockFile(folder), JSON.stringify(own), { flag: "wx" }))
  if (Result.isSuccess(made)) return true
  if (made.failure.reason._tag !== "AlreadyExists") return yield* Effect.fail(made.failure)
  const content = yield* readIfThere(lockFile(folder))
  if (content === undefined) return false
  const holder = yield* lockHolder(folder)
  if (holder) return yield* new RunLocked({ folder, pid: holder.pid, host: holder.host, started: holder.started })
  // A lock is empty until its maker has written it, which takes long on a busy machine.
  if (content.length > 0 || (yield* silentFor(folder)) > birth)
    yield* removeStale(folder, new TextDecoder().decode(content))
  return false
})

/**
 * Holds the folder's lock until the scope closes; a stale lock is taken over. Fails with {@link RunLocked} while another
 * process, or another run in this one, holds it.
 */
export const acquireLock = Effect.fn("acquireLock")(
  function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    const ticks = startTicks(process.pid)
    const own: LockHolder = {
      pid: process.pid,
      host: hostname(),
      started: new Date(yield* Clock.currentTimeMillis).toISOString(),
      token: randomUUID(),
      ...(ticks === undefined ? {} : { ticks })
    }
    const attempt = Effect.flatMap(tryLock(folder, own), (done) =>
      done
        ? Effect.void
        : Effect.fail(new RunFolderError({ folder, reason: "its lock changes hands all the time", exitCode: 1 }))
    )
    const take = Effect.retry(attempt, {
      times: 60,
      schedule: Schedule.spaced("20 millis"),
      while: (error) => error._tag === "RunFolderError"
    })
    const release = Effect.gen(function* () {
      const content = yield* readIfThere(lockFile(folder))
      const holder = content === undefined ? undefined : decodeHolder(new TextDecoder().decode(content))
      if (holder && Result.isSuccess(holder) && holder.success.token === own.token)
        yield* fs.remove(lockFile(folder), { force: true })
    })
    yield* Effect.acquireRelease(take, () => Effect.ignore(release))
    const touch = Effect.flatMap(Clock.currentTimeMillis, (now) => fs.utimes(lockFile(folder), now / 1000, now / 1000))
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(touch), Schedule.spaced(heartbeat)))
  },
  (effect, folder) => Effect.catchTag(effect, "PlatformError", (error) => Effect.fail(folderError(folder, error)))
)
