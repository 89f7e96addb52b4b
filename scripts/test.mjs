// Sets up, checks types and style, then runs every test: vitest, and pytest for the worker where there is a Python.
// `npm test -- test/logic` runs a part, `npm test -- python/tests` the worker's. What could not run for want of Python,
// Slurm, a browser or LaTeX is listed at the end; with LOSSLATTICE_REQUIRE=python,slurm,browser,pdftotext,latex it fails instead.
import { spawnSync } from "node:child_process"
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { runAll } from "./child.mjs"
import { root, setUp } from "./setup.mjs"
import { findBasePython, setUpTorch } from "./setup-torch.mjs"
import { forgetResults, results } from "./testCounts.mjs"

const isForPython = (argument) => argument.startsWith("python/")
const only = process.argv.slice(2)
const pytestOnly = only.filter(isForPython)
const vitestOnly = only.filter((argument) => !isForPython(argument))
const runsPytest = only.length === 0 || pytestOnly.length > 0
const runsVitest = only.length === 0 || vitestOnly.length > 0
const demanded = (process.env.LOSSLATTICE_REQUIRE ?? "").split(",")

/** Runs the worker's tests. Returns the exit code. */
const pytest = (python) => {
  const folder = join(root, "python")
  const files = pytestOnly.map((file) => file.replace(/^python\//, ""))
  const options = ["-q", `--junitxml=${results.pytest}`]
  const ended = spawnSync(python, ["-m", "pytest", ...options, ...files], {
    cwd: folder,
    env: { ...process.env, HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: "inherit"
  })
  return ended.status ?? 1
}

/** The Python to test with, undefined where there is none; why is noted. */
const pythonForTests = () => {
  const there = process.env.LOSSLATTICE_PYTHON || findBasePython() !== undefined
  const python = there ? setUpTorch() : undefined
  if (python === undefined) {
    const why = there ? "PyTorch could not be set up" : "there is no Python 3.11 or newer"
    const line = { file: "python/tests", needs: "python", why, remedy: "npm run setup:torch" }
    appendFileSync(results.notRun, `${JSON.stringify(line)}\n`)
  }
  return python
}

const listNotRun = () => {
  if (!existsSync(results.notRun)) return
  const lines = readFileSync(results.notRun, "utf8").trim().split("\n")
  for (const { file, needs, why, remedy } of [...new Set(lines)].map((line) => JSON.parse(line))) {
    process.stderr.write(`not run: tests of ${file} that need ${needs}: ${why} (${remedy})\n`)
  }
}

setUp()
mkdirSync(dirname(results.vitest), { recursive: true })
forgetResults()
const python = runsPytest ? pythonForTests() : undefined
if (runsPytest && (python !== undefined || demanded.includes("python"))) writeFileSync(results.wanted, "")
const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${results.vitest}`,
  ...vitestOnly
]
const checked = await runAll([
  [["node_modules/typescript/bin/tsc", "--noEmit"]],
  [["node_modules/typescript/bin/tsc", "--noEmit", "-p", "src/explorer"]],
  [["node_modules/@biomejs/biome/bin/biome", "check", "."]]
])
const codes = [checked]
if (checked === 0) {
  if (runsVitest) codes.push(await runAll([[vitest]]))
  if (python !== undefined) codes.push(pytest(python))
  else if (runsPytest && demanded.includes("python")) codes.push(1)
}
listNotRun()
process.exitCode = codes.find((code) => code !== 0) ?? 0
