// Makes the virtual environment that executes the notebooks (a client of Jupyter kernels, some megabytes), beside the worker's and in the same
// way: outside the clone, under the hash of the locked packages, under a lock that dies with its holder.
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { basePython, cacheFolder, LOCKED, makeEnvironment, pipOf, run, SetupError, say } from "../setup-torch.mjs"

const here = fileURLToPath(import.meta.url)
const lockFile = join(dirname(here), "requirements.lock")

const environmentFolder = () => {
  const hash = createHash("sha256").update(readFileSync(lockFile)).digest("hex").slice(0, 16)
  return join(cacheFolder(), `notebooks-${hash}`)
}

const pythonOf = (folder) => join(folder, "bin", "python")
const stampOf = (folder) => join(folder, "losslattice-setup")
const isReady = (folder) => existsSync(stampOf(folder)) && existsSync(pythonOf(folder))

const install = (folder) => {
  const base = basePython()
  makeEnvironment(base, folder)
  const [program, ...pip] = pipOf(base, pythonOf(folder))
  const options = ["-q", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
  if (!run(program, [...pip, "install", ...options, "--only-binary=:all:", "-r", lockFile])) {
    throw new SetupError("pip could not install what executes the notebooks; its words are above")
  }
  writeFileSync(stampOf(folder), "")
}

/**
 * Makes the environment if it is not there. Returns its Python.
 * @throws SetupError when there is no Python 3.11, or pip fails
 */
export const notebookPython = () => {
  const folder = environmentFolder()
  if (!isReady(folder)) {
    mkdirSync(cacheFolder(), { recursive: true })
    if (!run(basePython(), ["-c", LOCKED, `${folder}.lock`, process.execPath, here, "--locked"])) {
      throw new SetupError("the environment of the notebooks could not be made; see above")
    }
  }
  return pythonOf(folder)
}

if (process.argv[1] === here && process.argv[2] === "--locked" && !isReady(environmentFolder())) {
  say(`installing a client of Jupyter kernels into ${environmentFolder()} (once)`)
  try {
    install(environmentFolder())
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
