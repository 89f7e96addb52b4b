// Breaks the project on purpose, one place at a time, in a copy, and requires the tests to notice.
// Each mutant names the text it replaces, so that one that no longer applies is an error, not a pass.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runNode } from "./child.mjs"
import { root, setUp } from "./setup.mjs"

const mutants = JSON.parse(readFileSync(join(root, "scripts", "mutants.json"), "utf8"))

const copyProject = () => {
  const copy = mkdtempSync(join(tmpdir(), "losslattice-mutant-"))
  const left = new Set(["node_modules", ".git", "runs", "dist", ".cache"])
  cpSync(root, copy, {
    recursive: true,
    filter: (source) =>
      !left.has(
        source
          .slice(root.length)
          .split("/")
          .find((part) => part !== "")
      )
  })
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))
  return copy
}

const applyMutant = (copy, { file, find, replace }) => {
  const path = join(copy, file)
  const text = readFileSync(path, "utf8")
  if (text.split(find).length !== 2)
    throw new Error(`${file}: the text to break occurs ${text.split(find).length - 1} times, expected once: ${find}`)
  writeFileSync(
    path,
    text.replace(find, () => replace)
  )
}

setUp()
const wanted = process.argv.slice(2)
let survived = 0
for (const mutant of mutants) {
  if (wanted.length > 0 && !wanted.includes(mutant.id)) continue
  const copy = copyProject()
  try {
    applyMutant(copy, mutant)
    const code = await runNode(
      ["node_modules/vitest/vitest.mjs", "run", "--bail=1", "--reporter=dot", ...mutant.tests],
      {
        cwd: copy,
        stdio: ["ignore", "ignore", "ignore"]
      }
    )
    const killed = code !== 0
    if (!killed) survived++
    process.stdout.write(`${killed ? "killed  " : "SURVIVED"}  ${mutant.id}: ${mutant.what}\n`)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
process.stdout.write(survived === 0 ? "every mutant was noticed\n" : `${survived} mutants were not noticed\n`)
process.exitCode = survived === 0 ? 0 : 1
