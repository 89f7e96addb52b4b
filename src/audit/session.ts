/** The Python process that calls the user's code: one a target, requests and answers as JSON lines over its pipes. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Ask, readAnswer, type TargetInfo } from "./protocol.ts"
import type { Target } from "./target.ts"

/** The process could not be had, or gave up. `isInput`: the target is what is wrong, and the message is Python's sentence. */
export class SessionError extends Data.TaggedError("SessionError")<{
  readonly message: string
  readonly isInput: boolean
}> {}

/** A live process: what it found at the target, and how to ask it. */
export interface Session {
  readonly info: TargetInfo
  readonly ask: Ask
  /** Turns the process to another target; fails with a {@link SessionError} when it cannot be had. */
  readonly turnTo: (target: Target) => Promise<TargetInfo>
}

/** A Python that has torch (and trl, for a trainer), and the variables under which it finds the worker's package. */
export interface Interpreter {
  readonly command: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const sentenceOf = (stderr: string): string => stderr.trim().split("\n").at(-1) ?? ""

/** One line of JSON a request, one a reply; a process that ends takes its last words into the error. */
const conversation = (child: ChildProcessWithoutNullStreams, python: string) => {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const words: Array<string> = []
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words.push(text)
    if (words.length > 200) words.shift()
  })
  // A process that has gone is found out when its answer is read.
  child.stdin.on("error", () => undefined)
  const ended = new Promise<number | string>((resolve) => {
    child.on("error", (error) => resolve(error.message))
    child.on("close", (code) => resolve(code ?? "killed"))
  })
  return async (request: unknown): Promise<unknown> => {
    if (request !== undefined) child.stdin.write(`${JSON.stringify(request)}\n`)
    const line = await lines.next()
    if (line.done !== true) return JSON.parse(line.value) as unknown
    const code = await ended
    const said = sentenceOf(words.join(""))
    throw new SessionError({
      isInput: code === 2,
      message: code === 2 ? said : `${python} ended (${code})${said === "" ? "" : `: ${said}`}`
    })
  }
}

const asSessionError = (error: unknown): SessionError =>
  error instanceof SessionError ? error : new SessionError({ isInput: false, message: String(error) })

/** Starts the process for a target; it ends with the scope. */
export const openSession = (
  target: Target,
  { command, env }: Interpreter
): Effect.Effect<Session, SessionError, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "losslattice-audit-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
    )
    const file = join(folder, "spec.json")
    writeFileSync(file, JSON.stringify({ version: 1, target }))
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(command, ["-m", "losslattice_worker", "audit", file], {
          env: { ...env, HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false" }
        })
      ),
      (running) => Effect.sync(() => void running.kill())
    )
    const say = conversation(child, command)
    const info = yield* Effect.tryPromise({ try: () => say(undefined), catch: asSessionError })
    return {
      info: info as TargetInfo,
      ask: async (request) => {
        const { calls } = (await say(request)) as { readonly calls: ReadonlyArray<unknown> }
        return calls.map(readAnswer)
      },
      turnTo: async (other) => {
        const found = (await say({ target: other })) as TargetInfo & { readonly failure?: string }
        if (found.failure !== undefined) throw new SessionError({ isInput: true, message: found.failure })
        return found
      }
    }
  })
