/**
 * What some tests need beyond Node. `describe.runIf(requires("slurm"))(…)` runs them where it is there. Where it is not, a
 * line says which file did not run and what would make it run, and `npm test` repeats the lines at its end; with
 * LOSSLATTICE_REQUIRE=python,slurm,browser,pdftotext,latex (as in CI) a thing that is lacking is a failure.
 */
import { spawnSync } from "node:child_process"
import { accessSync, appendFileSync, constants, mkdirSync } from "node:fs"
import { delimiter, join, relative } from "node:path"
import * as Result from "effect/Result"
import { expect } from "vitest"
import { findPython } from "../src/finetune/python.ts"

const onPath = (command: string): string | undefined =>
  [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

const lackingCommands = (commands: ReadonlyArray<string>): string | undefined => {
  const missing = commands.filter((command) => onPath(command) === undefined)
  return missing.length === 0 ? undefined : `there is no ${missing.join(", ")}`
}

const lackingLatex = (files: ReadonlyArray<string>): string | undefined => {
  const missing = files.filter((file) => spawnSync("kpsewhich", [file]).status !== 0)
  return missing.length === 0 ? undefined : `LaTeX has no ${missing.join(", ")}`
}

/** The browser for tests: LOSSLATTICE_BROWSER, or a Chromium on the path. */
export const browser = (): string | undefined =>
  process.env.LOSSLATTICE_BROWSER ?? ["chromium", "chromium-browser", "google-chrome"].map(onPath).find((path) => path)

/** Why each is lacking, undefined if it is there; and how to get it. */
const requirements = {
  python: {
    lacking: () => {
      const python = findPython()
      return Result.isFailure(python) ? python.failure.message : undefined
    },
    remedy: "npm run setup:torch"
  },
  slurm: {
    lacking: () => lackingCommands(["slurmctld", "slurmd", "sbatch", "munged"]),
    remedy: "Debian's packages slurm-wlm and munge"
  },
  browser: {
    lacking: () => (browser() === undefined ? "there is no Chromium" : undefined),
    remedy: "Debian's package chromium"
  },
  pdftotext: {
    lacking: () => lackingCommands(["pdftotext"]),
    remedy: "Debian's package poppler-utils"
  },
  latex: {
    lacking: () => lackingCommands(["pdflatex"]) ?? lackingLatex(["booktabs.sty", "pdflscape.sty", "lmodern.sty"]),
    remedy: "Debian's packages texlive-latex-base, texlive-latex-recommended and lmodern"
  }
} as const
export type Requirement = keyof typeof requirements

/** Where lines about tests that did not run are gathered, one JSON object a line; read by scripts/test.mjs. */
const report = join(import.meta.dirname, "..", ".cache", "not-run.jsonl")

/**
 * Whether the tests of this file that need these things can run here.
 * @throws Error when one is lacking that LOSSLATTICE_REQUIRE names
 */
export const requires = (...names: ReadonlyArray<Requirement>): boolean => {
  const demanded = (process.env.LOSSLATTICE_REQUIRE ?? "").split(",")
  let complete = true
  for (const name of names) {
    const { lacking, remedy } = requirements[name]
    const why = lacking()
    if (why === undefined) continue
    if (demanded.includes(name)) throw new Error(`LOSSLATTICE_REQUIRE names ${name}, but ${why}`)
    complete = false
    const file = relative(join(import.meta.dirname, ".."), expect.getState().testPath ?? "a test")
    mkdirSync(join(report, ".."), { recursive: true })
    appendFileSync(report, `${JSON.stringify({ file, needs: name, why, remedy })}\n`)
    process.stderr.write(`not run: tests of ${file} that need ${name}: ${why} (${remedy})\n`)
  }
  return complete
}
