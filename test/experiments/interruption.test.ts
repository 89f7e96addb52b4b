/** A run that is killed, interrupted, or met by a second one: nothing finished is lost, and the bytes come out the same. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { makeFolder } from "../../src/experiments/files.ts"
import { acquireLock } from "../../src/experiments/lock.ts"
import { cancelRun, runLog, runStatus } from "../../src/experiments/monitor.ts"
import { runStudyOf, type StudyOptions } from "../../src/experiments/study.ts"
import { inNode, lastingFiles, resultInNode, temporaryFolder, toyStudy, writeInto } from "./toy/harness.ts"
import { toyKind } from "./toy/study.ts"

const entry = fileURLToPath(new URL("./toy/main.ts", import.meta.url))
const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const slow = [`numbers: [${numbers.join(", ")}]`, "milliseconds: 60"]

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const startChild = (file: string, out: string): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const child = spawn(process.execPath, [entry, file, out], { stdio: ["ignore", "pipe", "pipe"] })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, stdout, stderr }) as Ended)
  return { child, ended }
}

const finishedCells = (out: string): number => globSync(".cache/cells/*/*.json", { cwd: out }).length

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe("kill -9", () => {
  it("at any moment, then the same command: every finished cell is kept, the bytes are those of an undisturbed run", async () => {
    const study = toyStudy(slow)
    const undisturbed = await study.run({ out: join(study.folder, "undisturbed") })
    for (const cells of [1, 4, 9]) {
      const { child, ended } = startChild(study.file, study.out)
      await until(() => finishedCells(study.out) >= cells)
      child.kill("SIGKILL")
      expect((await ended).signal).toBe("SIGKILL")
    }
    const kept = finishedCells(study.out)
    const folder = globSync("toy/*", { cwd: study.out }).map((name) => join(study.out, name))[0]!
    const state = await inNode(runStatus(folder))
    expect(state.status).toBe("interrupted")
    // What a writer killed half-way leaves behind.
    writeInto(folder, ".writing-0badc0de-squares.jsonl", "{half")
    const last = await study.run()
    expect(last.folder).toBe(folder)
    expect(last.manifest.status).toBe("finished")
    expect(last.marks.filter((mark) => mark.startsWith("square")).length).toBe(numbers.length - kept)
    expect(lastingFiles(last.folder)).toEqual(lastingFiles(undisturbed.folder))
  })

  it("between a stage and the next keeps the stage", async () => {
    const study = toyStudy()
    const whole = await study.run()
    // The state after a kill right behind the first stage: its record is there, the later ones are not.
    const manifest = { ...whole.manifest, status: "running", stages: whole.manifest.stages.slice(0, 1) }
    writeFileSync(join(whole.folder, "manifest.json"), JSON.stringify(manifest))
    const again = await study.run()
    expect(again.statuses).toEqual({ squares: "cached", total: "restored", text: "restored" })
  })
})

describe("an interruption", () => {
  it("by cancel keeps finished cells, says so in the manifest and lets the folder go", async () => {
    const study = toyStudy([`numbers: [${numbers.join(", ")}]`, "milliseconds: 150"])
    const { ended } = startChild(study.file, study.out)
    await until(() => finishedCells(study.out) >= 2)
    const folder = globSync("toy/*", { cwd: study.out }).map((name) => join(study.out, name))[0]!
    const during = await inNode(runStatus(folder))
    expect(during.status).toBe("running")
    expect(during.holder?.host).toBe(hostname())
    expect(during.current).toMatchObject({ stage: "squares", cells: numbers.length })
    expect(during.current!.done).toBeGreaterThanOrEqual(2)
    const followed = inNode(Stream.runCollect(runLog(folder, { follow: true })))
    expect((await inNode(cancelRun(folder))).pid).toBe(during.holder!.pid)
    expect((await ended).code).toBe(130)
    const after = await inNode(runStatus(folder))
    expect(after.status).toBe("interrupted")
    expect(after.holder).toBeUndefined()
    expect([...(await followed)].at(-1)).toContain('"run-ended","status":"interrupted"')
    const kept = finishedCells(study.out)
    expect(kept).toBeGreaterThanOrEqual(2)
    expect(kept).toBeLessThan(numbers.length)
    const resumed = await study.run()
    expect(resumed.marks.filter((mark) => mark.startsWith("square")).length).toBe(numbers.length - kept)
  })

  it("of the fiber ends its threads and its lock", async () => {
    const study = toyStudy(["numbers: [1, 2, 3]", "milliseconds: 60000"])
    const interrupted = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(runStudyOf(toyKind, study.options()))
      yield* Effect.sleep("400 millis")
      yield* Fiber.interrupt(fiber)
    })
    await inNode(interrupted)
    const quick = await study.run({ overrides: ["milliseconds=0"] })
    expect(quick.manifest.status).toBe("finished")
    const folder = globSync("toy/*/manifest.json", { cwd: study.out }).map((name) =>
      readFileSync(join(study.out, name), "utf8")
    )
    expect(folder.filter((text) => text.includes('"interrupted"')).length).toBe(1)
  })

  it("cannot be asked of a folder where nothing runs, or that is no run", async () => {
    const study = toyStudy()
    const { folder } = await study.run()
    expect(await resultInNode(cancelRun(folder))).toMatchObject({
      failure: { exitCode: 2, reason: "no process is running this study" }
    })
    expect(await resultInNode(runStatus(study.folder))).toMatchObject({ failure: { exitCode: 2 } })
    expect(await resultInNode(Stream.runCollect(runLog(study.folder, { follow: false })))).toMatchObject({
      failure: { exitCode: 2 }
    })
  })
})

describe("the lock", () => {
  it("refuses a second process in the same folder, naming the first", async () => {
    // The first does not end by itself before the second has started, however busy the machine is.
    const study = toyStudy(["numbers: [1]", "milliseconds: 600000"])
    const first = startChild(study.file, study.out)
    await until(() => globSync("toy/*/log.jsonl", { cwd: study.out }).length > 0)
    const second = await startChild(study.file, study.out).ended
    expect(second.code).toBe(2)
    expect(second.stderr).toContain(`process ${first.child.pid} on ${hostname()}`)
    first.child.kill("SIGTERM")
    expect((await first.ended).code).toBe(130)
    expect(globSync("toy/*/run.lock", { cwd: study.out })).toEqual([])
  })

  const holding = (folder: string) => Effect.scoped(Effect.as(acquireLock(folder), "held"))

  it("refuses a second run of the same process, and is free again afterwards", async () => {
    const folder = temporaryFolder()
    const both = Effect.scoped(Effect.andThen(acquireLock(folder), Effect.result(holding(folder))))
    expect(Result.isFailure(await inNode(both))).toBe(true)
    expect(await inNode(holding(folder))).toBe("held")
    expect(globSync("*", { cwd: folder })).toEqual([])
  })

  const left = { pid: 2 ** 22 + 1, host: hostname(), started: "2026-01-01T00:00:00.000Z", token: "left" }
  const sign = JSON.stringify

  it.each([
    ["of a dead process", sign(left)],
    ["of another process under a reused id", sign({ ...left, pid: process.pid, ticks: "1" })],
    ["that is no lock at all", "{"],
    ["that is empty", ""]
  ])("%s is taken over", async (_case, content) => {
    const folder = temporaryFolder()
    writeInto(folder, "run.lock", content)
    expect(await inNode(holding(folder))).toBe("held")
    expect(globSync("*", { cwd: folder })).toEqual([])
  })

  it("is waited for while its maker has not written it yet", async () => {
    const folder = temporaryFolder()
    const lock = writeInto(folder, "run.lock", "")
    const taken = resultInNode(Effect.scoped(acquireLock(folder)))
    await new Promise((resolve) => setTimeout(resolve, 150))
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), started: "now", token: "t" }))
    expect(await taken).toMatchObject({ failure: { _tag: "RunLocked", pid: process.pid } })
    writeFileSync(lock, "")
    utimesSync(lock, 1, 1)
    await inNode(Effect.scoped(acquireLock(folder)))
  })

  it("of another host holds while that host gives signs of life, not for ever", async () => {
    const folder = temporaryFolder()
    const file = writeInto(folder, "run.lock", sign({ ...left, host: "another-host", pid: 1 }))
    const fresh = await resultInNode(holding(folder))
    expect(fresh).toMatchObject({ failure: { _tag: "RunLocked", host: "another-host" } })
    utimesSync(file, new Date(0), new Date(0))
    expect(await inNode(holding(folder))).toBe("held")
  })
})

describe("two studies at once that share cells", () => {
  it("do each cell once: one does it, the other waits and takes the result", async () => {
    const study = toyStudy(["numbers: [1, 2, 3, 4]", "milliseconds: 50"])
    const trace = join(study.folder, "both.txt")
    process.env.TOY_TRACE = trace
    const runs = ["study=one", "study=two"].map((name) =>
      inNode(runStudyOf(toyKind, study.options({ overrides: [name] })))
    )
    const [one, two] = await Promise.all(runs)
    const squares = readFileSync(trace, "utf8")
      .split("\n")
      .filter((mark) => mark.startsWith("square"))
    expect(squares.sort()).toEqual(["square 1", "square 2", "square 3", "square 4"])
    expect(two!.folder).not.toBe(one!.folder)
    expect(readFileSync(join(two!.folder, "text.txt"))).toEqual(readFileSync(join(one!.folder, "text.txt")))
  })
})

describe("a folder that cannot be made", () => {
  it("is refused with its name, because a file is above it or in its place", async () => {
    const study = toyStudy()
    const file = writeInto(study.folder, "file", "")
    for (const out of [file, join(file, "below")]) {
      const refused = await resultInNode(runStudyOf(toyKind, study.options({ out })))
      expect(refused).toMatchObject({ failure: { _tag: "RunFolderError", exitCode: 2 } })
      expect(Result.isFailure(refused) && refused.failure.message).toContain(out)
    }
    mkdirSync(join(study.folder, "folder"))
    await inNode(makeFolder(join(study.folder, "folder", "a", "b")))
  })

  it.runIf(process.platform === "linux")("is refused where the kernel makes no folders", async () => {
    const refused = await resultInNode(makeFolder("/proc/losslattice/toy"))
    expect(refused).toMatchObject({ failure: { _tag: "RunFolderError", exitCode: 2 } })
    expect(Result.isFailure(refused) && refused.failure.message).toMatch(/cannot be made there|may not be written/)
  })
})

describe("a disk that is full", () => {
  /** The real file system, on which files whose path matches are cut short for want of space. */
  const runOnFullDisk = (options: StudyOptions, full: RegExp) =>
    resultInNode(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const cutShort = (path: string) =>
          Effect.andThen(
            fs.writeFileString(path, "{"),
            Effect.fail(
              PlatformError.systemError({
                _tag: "Unknown",
                module: "FileSystem",
                method: "writeFile",
                pathOrDescriptor: path,
                cause: Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" })
              })
            )
          )
        return yield* runStudyOf(toyKind, options).pipe(
          Effect.provideService(FileSystem.FileSystem, {
            ...fs,
            writeFile: (path, data, more) => (full.test(path) ? cutShort(path) : fs.writeFile(path, data, more)),
            writeFileString: (path, data, more) =>
              full.test(path) ? cutShort(path) : fs.writeFileString(path, data, more)
          })
        )
      })
    )

  it.each([
    ["before anything is done", /config\.yaml$/, /no space is left/],
    ["at a cell", /\.cache\/writing\//, /squares: no space is left on the disk/],
    ["at a stage's records", /total\.parquet$/, /stage total: no space is left on the disk/],
    ["at the manifest", /manifest\.json$/, /no space is left/]
  ])("%s is said, leaves no half files, and loses nothing", async (_when, full, message) => {
    const study = toyStudy()
    const undisturbed = await study.run({ out: join(study.folder, "undisturbed") })
    const failed = await runOnFullDisk(study.options(), full)
    expect(failed).toMatchObject({ failure: { exitCode: 1 } })
    expect(Result.isFailure(failed) && failed.failure.message).toMatch(message)
    expect(globSync(["**/.writing-*", ".cache/writing/*"], { cwd: study.out })).toEqual([])
    const last = await study.run()
    expect(last.manifest.status).toBe("finished")
    expect(lastingFiles(last.folder)).toEqual(lastingFiles(undisturbed.folder))
  })
})
