/** @file `losslattice explore`: the page over the landscape and run folders, served on this machine or written for hosting. */
import { spawn } from "node:child_process"
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { runFoldersNamed } from "../../experiments/runFolders.ts"
import { builtPage, type Site, siteOf } from "../explore/page.ts"
import { openRunData } from "../explore/runData.ts"
import { serve } from "../explore/server.ts"
import { isOccupied, writeSite } from "../explore/writeSite.ts"
import { type CliFailure, fromStudy, InputError, WorkError } from "../failure.ts"
import { systemReason } from "../files.ts"

interface ExploreInput {
  readonly words: ReadonlyArray<string>
  readonly runs: string
  readonly port: number
  readonly noOpen: boolean
  readonly build: Option.Option<string>
  readonly force: boolean
}

const wrong = (message: string): InputError => new InputError({ message })

/** Whether a folder was a run folder before it was damaged: something that only runs have is in it. */
const wasRun = (folder: string): boolean =>
  existsSync(folder) &&
  statSync(folder).isDirectory() &&
  readdirSync(folder).some((name) => ["records", "manifest.json", "config.yaml", "log.jsonl"].includes(name))

/** The run folders that a name stands for. A broken one is shown as far as it can be read, so its manifest may be missing. */
const foldersNamed = (root: string, name: string) => {
  const broken = [name, join(root, name)].find(wasRun)
  return broken === undefined ? fromStudy(runFoldersNamed(root, name)) : Effect.succeed([broken])
}

const openSite = (input: ExploreInput) =>
  Effect.gen(function* () {
    const page = builtPage()
    if (page === undefined) return yield* wrong("the page has not been built: npm run build makes it")
    const folders = (yield* Effect.forEach(input.words, (name) => foldersNamed(input.runs, name))).flat()
    const data = yield* Effect.promise(() => openRunData([...new Set(folders)]))
    for (const { id, problem } of data.entries) {
      if (problem !== undefined) yield* Console.error(`losslattice: ${id}: ${problem}`)
    }
    return siteOf(page, data)
  })

const build = (site: Site, folder: string, force: boolean): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const occupied = yield* Effect.try({
      try: () => isOccupied(folder),
      catch: (error) =>
        wrong(
          `--build ${folder}: ${(error as NodeJS.ErrnoException).code === "ENOTDIR" ? "is no folder" : systemReason(error)}`
        )
    })
    if (occupied && !force) {
      return yield* wrong(
        `--build ${folder}: there is something in it; name another folder, or give --force to write into it`
      )
    }
    yield* Effect.tryPromise({
      try: () => writeSite(site, folder),
      catch: (error) => new WorkError({ message: `${folder}: cannot be written: ${systemReason(error)}` })
    })
    yield* Console.log(join(folder, "index.html"))
  })

/** Shows the address in the system's browser; where there is none, the printed address is enough. */
const openBrowser = (url: string): void => {
  const [command, ...args] = { darwin: ["open"], win32: ["cmd", "/c", "start", ""] }[process.platform as "darwin"] ?? [
    "xdg-open"
  ]
  const child = spawn(command!, [...args, url], { stdio: "ignore", detached: true })
  child.on("error", () => undefined)
  child.unref()
}

const serveSite = (site: Site, { port, noOpen }: ExploreInput): Effect.Effect<never, CliFailure> =>
  Effect.gen(function* () {
    const { url } = yield* Effect.tryPromise({
      try: () => serve(site, port),
      catch: (error) =>
        (error as NodeJS.ErrnoException).code === "EADDRINUSE"
          ? wrong(`--port ${port}: another program listens there; give another, or 0 for any that is free`)
          : wrong(`--port ${port}: ${systemReason(error)}`)
    })
    yield* Console.log(url)
    yield* Console.error("Ctrl-C ends it")
    if (!noOpen) openBrowser(url)
    return yield* Effect.never
  })

/** Runs `explore`. */
export const run = (input: ExploreInput): Effect.Effect<void, CliFailure, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (input.port < 0 || input.port > 65535) {
      return yield* wrong(`--port: expected 0 to 65535, found ${input.port}`)
    }
    const site = yield* openSite(input)
    return yield* Option.isSome(input.build) ? build(site, input.build.value, input.force) : serveSite(site, input)
  })
