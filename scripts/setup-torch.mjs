// `npm run setup:torch`: makes the worker's virtual environment, outside the clone, under the hash of the locked packages.
// Does nothing when it is there. Runs on any Node from 18 on. With LOSSLATTICE_PYTHON set, that Python is checked instead.
//
// A virtual environment cannot be moved, so it is built in its place, under a lock that dies with its holder, and counts as
// being there once its stamp is written. PyTorch's builds for Linux load the CUDA libraries even where there is no GPU;
// only triton and the CUDA bindings can be left out then (1 GB on disk), and are added when a GPU is there later.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(import.meta.url)
const pythonFolder = join(dirname(here), "..", "python")
const lockFile = join(pythonFolder, "requirements.lock")
const STAMP = "losslattice-setup.json"
const OLDEST = [3, 11]
/** Packages that only a GPU uses. */
const GPU_ONLY = /^(triton|cuda-bindings|cuda-pathfinder)==/

export const cacheFolder = () =>
  process.env.LOSSLATTICE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "losslattice")

/** Where the environment of the locked packages is or will be; src/finetune/python.ts looks there. */
export const torchFolder = () => {
  const hash = createHash("sha256").update(readFileSync(lockFile)).digest("hex").slice(0, 16)
  return join(cacheFolder(), `torch-${hash}`)
}

export const say = (text) => process.stderr.write(`losslattice: ${text}\n`)

export class SetupError extends Error {}

/** Runs quietly and returns what it printed, or undefined if it failed. */
export const ask = (command, args) => {
  const asked = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  return asked.status === 0 ? asked.stdout.trim() : undefined
}

/** Runs with its output on stderr. Returns whether it succeeded. */
export const run = (command, args) => spawnSync(command, args, { stdio: ["ignore", 2, 2] }).status === 0

const versionOf = (command) =>
  ask(command, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"])?.split(".").map(Number)

/** The first Python on the path that is new enough, undefined if there is none. */
export const findBasePython = () =>
  ["python3", "python3.13", "python3.12", "python3.11", "python"].find((command) => {
    const version = versionOf(command)
    return version && (version[0] > OLDEST[0] || (version[0] === OLDEST[0] && version[1] >= OLDEST[1]))
  })

export const basePython = () => {
  const base = findBasePython()
  if (base === undefined) throw new SetupError(`there is no Python ${OLDEST.join(".")} or newer on the path`)
  return base
}

const hasGpu = () =>
  existsSync("/proc/driver/nvidia/version") ||
  readdirSync("/dev").some((name) => /^nvidia\d+$/.test(name)) ||
  ask("nvidia-smi", ["-L"]) !== undefined

const readStamp = (folder) => {
  try {
    const stamp = JSON.parse(readFileSync(join(folder, STAMP), "utf8"))
    return existsSync(join(folder, "bin", "python")) ? stamp : undefined
  } catch {
    return undefined
  }
}

/** Makes an empty environment. Debian's python3 comes without ensurepip; then virtualenv, uv or the system's pip help out. */
export const makeEnvironment = (base, folder) => {
  const ways = [
    [
      [base, "-c", "import ensurepip"],
      [base, "-m", "venv", folder]
    ],
    [
      [base, "-m", "virtualenv", "--version"],
      [base, "-m", "virtualenv", "-q", folder]
    ],
    [
      ["uv", "--version"],
      ["uv", "venv", "-q", "--seed", "--python", base, folder]
    ],
    [
      [base, "-m", "pip", "--version"],
      [base, "-m", "venv", "--without-pip", folder]
    ]
  ]
  for (const [[program, ...test], [maker, ...make]] of ways) {
    rmSync(folder, { recursive: true, force: true })
    if (ask(program, test) !== undefined && run(maker, make)) return
  }
  throw new SetupError(
    `${base} can make no virtual environment: install python3-venv (Debian, Ubuntu), virtualenv or uv, then run this again`
  )
}

/** How to call pip for the environment: its own, or the system's. */
export const pipOf = (base, python) =>
  ask(python, ["-m", "pip", "--version"]) === undefined
    ? [base, "-m", "pip", "--python", python]
    : [python, "-m", "pip"]

/** The locked packages that this machine uses, as a file for pip. */
const writeRequirements = (folder, gpu) => {
  const entries = readFileSync(lockFile, "utf8")
    .trim()
    .split(/\n(?=\S)/)
  const file = join(folder, "requirements.txt")
  writeFileSync(file, `${entries.filter((entry) => gpu || !GPU_ONLY.test(entry)).join("\n")}\n`)
  return file
}

const CHECK = `
import importlib.metadata as m, json, platform, torch, transformers, safetensors, numpy
names = ["torch", "transformers", "safetensors", "numpy"]
print(json.dumps({"python": platform.python_version(), **{name: m.version(name) for name in names}}))`

/** Imports what the worker needs and returns the versions. */
const check = (python) => {
  const versions = ask(python, ["-c", CHECK])
  if (versions === undefined) {
    run(python, ["-c", CHECK])
    throw new SetupError(`${python} cannot import the worker's packages; its words are above`)
  }
  return JSON.parse(versions.split("\n").at(-1))
}

const install = (base, folder, gpu) => {
  // One that lacks only what a GPU needs may be in use.
  if (readStamp(folder) === undefined) makeEnvironment(base, folder)
  const python = join(folder, "bin", "python")
  const [program, ...pip] = pipOf(base, python)
  const options = ["-q", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
  const requirements = writeRequirements(folder, gpu)
  if (!run(program, [...pip, "install", ...options, "--only-binary=:all:", "-r", requirements])) {
    throw new SetupError("pip could not install the locked packages; its words are above")
  }
  const stamp = join(folder, STAMP)
  writeFileSync(`${stamp}.tmp`, `${JSON.stringify({ gpu, versions: check(python) })}\n`)
  renameSync(`${stamp}.tmp`, stamp)
}

/** Becomes the given program while holding a lock on a file: it is free again when the program and its children ended. */
export const LOCKED = `
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o666)
try: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("losslattice: waiting for another set-up", file=sys.stderr, flush=True)
    fcntl.flock(handle, fcntl.LOCK_EX)
os.set_inheritable(handle, True)
os.execvp(sys.argv[2], sys.argv[2:])`

const isReady = (folder, gpu) => {
  const stamp = readStamp(folder)
  return stamp !== undefined && (stamp.gpu || !gpu)
}

/**
 * Makes the environment if it is not there. Returns its Python, or undefined after saying what is in the way.
 */
export const setUpTorch = () => {
  try {
    const named = process.env.LOSSLATTICE_PYTHON
    if (named) {
      check(named)
      return named
    }
    const folder = torchFolder()
    const gpu = hasGpu()
    if (!isReady(folder, gpu)) {
      const base = basePython()
      mkdirSync(cacheFolder(), { recursive: true })
      const again = [process.execPath, here, "--locked"]
      if (!run(base, ["-c", LOCKED, `${folder}.lock`, ...again])) return undefined
    }
    return join(folder, "bin", "python")
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    return undefined
  }
}

/** The part that runs under the lock. */
const setUpLocked = () => {
  const folder = torchFolder()
  const gpu = hasGpu()
  if (isReady(folder, gpu)) return
  say(`installing PyTorch into ${folder} (once, some gigabytes)`)
  const start = Date.now()
  try {
    install(basePython(), folder, gpu)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exit(1)
  }
  say(`PyTorch is set up (${Math.round((Date.now() - start) / 1000)} s)`)
}

if (process.argv[1] === here) {
  if (process.argv[2] === "--locked") setUpLocked()
  else if (process.argv[2] === "--where") process.stdout.write(`${torchFolder()}\n`)
  else {
    const python = setUpTorch()
    if (python === undefined) process.exit(1)
    process.stdout.write(`${python}\n`)
  }
}
