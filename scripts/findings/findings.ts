/**
 * Writes docs/findings.md: runs every command of the page (two at a time), keeps the answers under runs/findings, fills in the
 * text and copies the figures of the landscape study beside it. `npm run findings`.
 */
import { execFile } from "node:child_process"
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Answers, Json } from "./cite.ts"
import { commandLine, commands } from "./commands.ts"
import { findingsPage } from "./page.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bin = join(root, "bin", "losslattice.mjs")
const records = join(root, "runs", "findings")
const figures = ["dominance-order", "dominance-matrix"]

const losslattice = async (args: ReadonlyArray<string>): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args], { cwd: root, maxBuffer: 2 ** 28 })
  return stdout
}

const answer = async (name: string): Promise<readonly [string, Json]> => {
  const command = commands[name]!
  console.error(commandLine(command))
  const text = await losslattice([...command.args, "--json"])
  writeFileSync(join(records, `${name}.json`), text)
  return [name, JSON.parse(text) as Json]
}

const answers = async (): Promise<Answers> => {
  const waiting = Object.keys(commands)
  const found: Record<string, Json> = {}
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) found[name] = (await answer(name))[1]
  }
  await Promise.all([worker(), worker()])
  return found
}

mkdirSync(records, { recursive: true })
const page = findingsPage(await answers())
const run = (await losslattice(["run", "configs/landscape.yaml"])).trim().split("\n").at(-1)!
const folder = join(root, "docs", "findings")
mkdirSync(folder, { recursive: true })
for (const figure of figures) copyFileSync(join(root, run, "figures", `${figure}.svg`), join(folder, `${figure}.svg`))
writeFileSync(join(root, "docs", "findings.md"), page)
console.error("wrote docs/findings.md")
