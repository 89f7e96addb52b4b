/**
 * @file The Python that runs the worker: the one that the variable LOSSLATTICE_PYTHON names, or the virtual environment that
 * `npm run setup:torch` made outside the clone, under the hash of the locked packages.
 */

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/**
 * Folder of the worker's package: what Python's path needs. Joined, and not `new URL("…", import.meta.url)`: so named it would be
 * part of this module's version with all it holds, tests and Python's byte code too; engines that run the worker count its code.
 */
export const pythonFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "python")

/** Folder of the worker's code. */
export const workerFolder = join(pythonFolder, "losslattice_worker")

/** The list of the packages that the worker was made with. */
export const packageLock = join(pythonFolder, "requirements.lock")

type Environment = Readonly<Record<string, string | undefined>>

/** What the worker needs to import before it can say anything itself. */
const requiredPackages = ["torch", "transformers", "safetensors", "numpy"] as const

/** Name of the stamp that `npm run setup:torch` writes when everything is in place. */
const STAMP = "losslattice-setup.json"

/** A Python that has what the worker needs. */
export interface Interpreter {
  readonly command: string
  readonly source: "LOSSLATTICE_PYTHON" | "setup:torch"
  /** Versions of Python and of the packages it has. */
  readonly versions: Readonly<Record<string, string>>
}

/** There is no such Python; `message` is one sentence on what to do. */
export class PythonUnavailable extends Data.TaggedError("PythonUnavailable")<{ readonly message: string }> {}

/** Where things are kept between runs: LOSSLATTICE_CACHE, or `losslattice` in XDG_CACHE_HOME or in `~/.cache`. */
export const cacheFolder = (env: Environment = process.env): string =>
  env.LOSSLATTICE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "losslattice")

/** The virtual environment of the locked packages, whether it is there or not. */
export const torchFolder = (env: Environment = process.env): string => {
  const lock = readFileSync(packageLock)
  return join(cacheFolder(env), `torch-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`)
}

const probe = `
import importlib.metadata as m, json, platform
found = {"python": platform.python_version()}
for name in ${JSON.stringify(requiredPackages)}:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))`

/** Asks an interpreter for its versions; the failure says what is wrong with it. */
const versionsOf = (command: string): Result.Result<Readonly<Record<string, string>>, string> => {
  const asked = spawnSync(command, ["-c", probe], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  if (asked.error !== undefined) return Result.fail(`cannot be started (${asked.error.message})`)
  if (asked.status !== 0) return Result.fail("is no Python 3.11 or newer that works")
  try {
    const versions = JSON.parse(asked.stdout) as Readonly<Record<string, string>>
    const [major, minor] = versions.python!.split(".").map(Number)
    if (major! < 3 || (major === 3 && minor! < 11)) {
      return Result.fail(`is Python ${versions.python}; 3.11 or newer is needed`)
    }
    const missing = requiredPackages.filter((name) => versions[name] === undefined)
    return missing.length > 0 ? Result.fail(`lacks ${missing.join(", ")}`) : Result.succeed(versions)
  } catch {
    return Result.fail("is no Python 3.11 or newer that works")
  }
}

const named = (command: string): Result.Result<Interpreter, PythonUnavailable> => {
  const versions = versionsOf(command)
  return Result.isSuccess(versions)
    ? Result.succeed({ command, source: "LOSSLATTICE_PYTHON", versions: versions.success })
    : Result.fail(new PythonUnavailable({ message: `LOSSLATTICE_PYTHON names ${command}, which ${versions.failure}` }))
}

const setUp = (env: Environment): Result.Result<Interpreter, PythonUnavailable> => {
  const folder = torchFolder(env)
  try {
    const { versions } = JSON.parse(readFileSync(join(folder, STAMP), "utf8")) as Pick<Interpreter, "versions">
    const command = join(folder, "bin", "python")
    if (existsSync(command)) return Result.succeed({ command, source: "setup:torch", versions })
  } catch {
    // Not there, or left unfinished: the same to who looks for it.
  }
  const message =
    "PyTorch is not set up: run `npm run setup:torch`, or name a Python that has it in the variable LOSSLATTICE_PYTHON"
  return Result.fail(new PythonUnavailable({ message }))
}

const found = new Map<string, Result.Result<Interpreter, PythonUnavailable>>()

/** The Python to use, asked once per process and environment; does not install anything. */
export const findPython = (env: Environment = process.env): Result.Result<Interpreter, PythonUnavailable> => {
  const command = env.LOSSLATTICE_PYTHON
  const key = JSON.stringify([command, cacheFolder(env)])
  const known = found.get(key)
  if (known !== undefined && Result.isSuccess(known)) return known
  const interpreter = command ? named(command) : setUp(env)
  found.set(key, interpreter)
  return interpreter
}

/** The variables of a worker's process: its package comes first on Python's path, and its output is not held back. */
export const workerEnvironment = (env: Environment = process.env): Environment => ({
  ...env,
  PYTHONPATH: [pythonFolder, env.PYTHONPATH].filter((path) => path).join(delimiter),
  PYTHONUNBUFFERED: "1"
})
