/** Questions to the PyTorch worker: its lines come back, what it refuses is said in its words, and without Python one is told. */
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, afterEach, describe, expect, it, vi } from "vitest"
import { runWorkerCommand } from "../../src/finetune/workerCommand.ts"
import { temporaryFolder } from "./tiny.ts"

const folder = temporaryFolder()
afterAll(() => folder.remove())
afterEach(() => vi.unstubAllEnvs())

const versions = '{"python":"3.11.0","torch":"2","transformers":"5","safetensors":"0","numpy":"2"}'

/** A stand-in for Python that answers the question for versions, and does the rest as the shell lines say. */
const standIn = (name: string, lines: string): void => {
  const file = join(folder.path, name)
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = -c ]; then echo '${versions}'; exit 0; fi\n${lines}\n`)
  chmodSync(file, 0o755)
  vi.stubEnv("LOSSLATTICE_PYTHON", file)
}

const failureOf = async (spec: object = {}) => {
  const answer = await runWorkerCommand("sample", spec)
  if (Result.isSuccess(answer)) throw new Error("expected a failure")
  return { kind: answer.failure.kind, message: answer.failure.message }
}

describe("a worker command", () => {
  it("gets its spec as a file with the version and gives its lines", async () => {
    standIn("echo", 'cat "$4"; echo; echo \'{"command": "\'$3\'"}\'')
    expect(await runWorkerCommand("score", { model: "m" })).toEqual(
      Result.succeed([{ version: 1, model: "m" }, { command: "score" }])
    )
  })

  it("says what the worker refuses, without its name and the file of the spec", async () => {
    standIn("refuse", 'echo "losslattice_worker sample: $4: seed: expected an integer" >&2; exit 2')
    expect(await failureOf()).toEqual({ kind: "input", message: "seed: expected an integer" })
  })

  it("tells a broken worker and an answer that is none from a refusal", async () => {
    standIn("break", "echo first >&2; echo last >&2; exit 9")
    expect(await failureOf()).toEqual({ kind: "failed", message: "the worker's sample ended with 9: last" })
    standIn("babble", "echo hello")
    expect((await failureOf()).message).toBe("the worker answered with something else than JSON lines")
  })

  it("says how to get a Python where there is none", async () => {
    vi.stubEnv("LOSSLATTICE_PYTHON", "")
    vi.stubEnv("LOSSLATTICE_CACHE", folder.path)
    const { kind, message } = await failureOf()
    expect(kind).toBe("unavailable")
    expect(message).toMatch(/npm run setup:torch/)
  })
})
