/** @file Asks the PyTorch worker something that is no training: a spec in, JSON lines out (`sample`, `score`, `data`). */

import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { findPython, workerEnvironment } from "./python.ts"

/** The worker's commands that answer at once. */
export type WorkerCommand = "sample" | "score" | "data" | "tiny-model"

/**
 * The worker gave no answer. `unavailable`: there is no Python for it; `input`: it refuses the spec, `message` says what is wrong
 * with it; `failed`: it broke.
 */
export class WorkerCommandError extends Data.TaggedError("WorkerCommandError")<{
  readonly kind: "unavailable" | "input" | "failed"
  readonly message: string
}> {}

/** Exit code of the worker for input that has to be mended. */
const EXIT_BAD_INPUT = 2

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const run = (python: string, args: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(python, args, { env: workerEnvironment(), stdio: ["ignore", "pipe", "pipe"] })
    const out: Array<Buffer> = []
    let err = ""
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk))
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err = (err + text).slice(-20_000)
    })
    child.on("error", (error) => resolve({ code: null, out: "", err: error.message }))
    child.on("close", (code) => resolve({ code, out: Buffer.concat(out).toString("utf8"), err }))
  })

/** The last line, without the worker's name in front. */
const lastWords = (text: string): string =>
  (text.trim().split("\n").at(-1) ?? "").replace(/^losslattice_worker[^:]*: /, "")

const linesOf = (text: string): Result.Result<ReadonlyArray<unknown>, string> => {
  try {
    return Result.succeed(
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as unknown)
    )
  } catch {
    return Result.fail("the worker answered with something else than JSON lines")
  }
}

/**
 * Runs `python -m losslattice_worker COMMAND SPEC` and returns the lines of its answer.
 * @param spec the command's spec, without its version
 */
export const runWorkerCommand = async (
  command: WorkerCommand,
  spec: object
): Promise<Result.Result<ReadonlyArray<unknown>, WorkerCommandError>> => {
  const fail = (kind: WorkerCommandError["kind"], message: string) =>
    Result.fail(new WorkerCommandError({ kind, message }))
  const python = findPython()
  if (Result.isFailure(python)) return fail("unavailable", python.failure.message)
  const folder = mkdtempSync(join(tmpdir(), "losslattice-worker-"))
  try {
    const file = join(folder, "spec.json")
    writeFileSync(file, JSON.stringify({ version: 1, ...spec }))
    const { code, out, err } = await run(python.success.command, ["-m", "losslattice_worker", command, file])
    const words = lastWords(err).replace(`${file}: `, "")
    if (code === EXIT_BAD_INPUT) return fail("input", words)
    if (code !== 0) return fail("failed", `the worker's ${command} ended with ${code ?? "an error"}: ${words}`)
    return Result.mapError(linesOf(out), (message) => new WorkerCommandError({ kind: "failed", message }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
