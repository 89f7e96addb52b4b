import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { cacheFolder, findPython, pythonFolder, torchFolder, workerEnvironment } from "../../src/finetune/python.ts"
import { temporaryFolder } from "./tiny.ts"

const folder = temporaryFolder()
afterAll(() => folder.remove())

/** A program in Python's place that prints `text` and ends with `code`. */
const impostor = (name: string, text: string, code = 0): string => {
  const path = join(folder.path, name)
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit ${code}\n`)
  chmodSync(path, 0o755)
  return path
}

const complete = { python: "3.12.1", torch: "2.15.0", transformers: "5.24.0", safetensors: "0.8.0", numpy: "2.4.6" }

const refusal = (env: Record<string, string>): string => {
  const found = findPython(env)
  return Result.isFailure(found) ? found.failure.message : ""
}

describe("the worker's Python", () => {
  it("is the one that LOSSLATTICE_PYTHON names, with its versions", () => {
    const command = impostor("good", JSON.stringify(complete))
    const found = Result.getOrThrow(findPython({ LOSSLATTICE_PYTHON: command }))
    expect(found).toEqual({ command, source: "LOSSLATTICE_PYTHON", versions: complete })
  })

  it.each([
    ["old", JSON.stringify({ ...complete, python: "3.10.9" }), 0, "is Python 3.10.9; 3.11 or newer is needed"],
    ["bare", JSON.stringify({ python: "3.12.1", numpy: "2" }), 0, "lacks torch, transformers, safetensors"],
    ["silent", "", 0, "is no Python 3.11 or newer that works"],
    ["broken", "", 3, "is no Python 3.11 or newer that works"]
  ])("is refused when it is %s, by name and reason", (name, text, code, reason) => {
    const command = impostor(name, text, code)
    expect(refusal({ LOSSLATTICE_PYTHON: command })).toBe(`LOSSLATTICE_PYTHON names ${command}, which ${reason}`)
  })

  it("is refused when there is no such program", () => {
    expect(refusal({ LOSSLATTICE_PYTHON: "/nowhere/python" })).toContain("/nowhere/python, which cannot be started")
  })

  it("is otherwise the environment that was set up, once its stamp is written", () => {
    const env = { LOSSLATTICE_CACHE: join(folder.path, "cache") }
    expect(refusal(env)).toContain("PyTorch is not set up: run `npm run setup:torch`")
    const bin = join(torchFolder(env), "bin")
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, "python"), "")
    expect(refusal(env)).not.toBe("")
    writeFileSync(join(bin, "..", "losslattice-setup.json"), JSON.stringify({ versions: complete }))
    expect(Result.getOrThrow(findPython(env))).toEqual({
      command: join(bin, "python"),
      source: "setup:torch",
      versions: complete
    })
  })

  it("is kept outside the clone", () => {
    expect(cacheFolder({ LOSSLATTICE_CACHE: "/a" })).toBe("/a")
    expect(cacheFolder({ XDG_CACHE_HOME: "/b" })).toBe("/b/losslattice")
    expect(cacheFolder({})).toMatch(/\/\.cache\/losslattice$/)
    expect(torchFolder({ LOSSLATTICE_CACHE: "/a" })).toMatch(/^\/a\/torch-[0-9a-f]{16}$/)
  })

  it("finds the worker's package first, and the caller's own after it", () => {
    expect(workerEnvironment({}).PYTHONPATH).toBe(pythonFolder)
    expect(workerEnvironment({ PYTHONPATH: "/mine", A: "1" })).toMatchObject({
      PYTHONPATH: `${pythonFolder}:/mine`,
      A: "1"
    })
  })
})
