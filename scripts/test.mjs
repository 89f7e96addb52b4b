// Sets up, checks types and style, then runs every test. `npm test -- test/logic` runs a part.
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { runAll } from "./child.mjs"
import { root, setUp } from "./setup.mjs"

setUp()
mkdirSync(join(root, ".cache"), { recursive: true })
const results = join(root, ".cache", "test-results.json")
const only = process.argv.slice(2)
const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${results}`,
  ...only
]
process.exitCode = await runAll([
  [["node_modules/typescript/bin/tsc", "--noEmit"]],
  [["node_modules/@biomejs/biome/bin/biome", "check", "."]],
  [vitest]
])
