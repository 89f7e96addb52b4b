/** @file Runs the benchmarks, one process each, and writes their figures to bench/results. `npm run bench -- cli` runs one. */
import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const benches = ["kernel", "cli", "landscape", "bandit", "training", "finetune", "explorer", "explorerViews"]
const folder = fileURLToPath(new URL("results/", import.meta.url))
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !benches.includes(name))
if (unknown !== undefined) {
  process.stderr.write(`bench: unknown benchmark "${unknown}"; there are ${benches.join(", ")}\n`)
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
for (const name of asked.length > 0 ? asked : benches) {
  process.stderr.write(`bench: ${name}\n`)
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [file], {
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26
  })
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(`${folder}${name}.json`, stdout)
  process.stdout.write(stdout)
}
