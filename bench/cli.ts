/**
 * @file Whole-process times of the built command line with a warm compile cache, in seconds: `explain` of every catalogue
 * loss, `landscape` for two propositions, beside `node -e 0`, which nothing can beat.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { catalogueIds } from "../src/loss/catalogue/index.ts"
import { machine, spread } from "./machine.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = fileURLToPath(new URL("../bin/losslattice.mjs", import.meta.url))
if (!existsSync(new URL("../dist/cli/bin.js", import.meta.url)))
  throw new Error("bench/cli.ts: build first, npm run build")

const seconds = (args: ReadonlyArray<string>): number => {
  const begun = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, LOSSLATTICE_DIST: "1" }
  })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`)
  return (performance.now() - begun) / 1000
}

const repeated = (args: ReadonlyArray<string>, times: number) =>
  spread(Array.from({ length: times }, () => seconds(args)))

// One run warms the compile cache.
seconds([bin, "explain", "dpo", "--json"])
seconds([bin, "landscape", "--json"])
const explain = catalogueIds.map((id) => ({ id, ...repeated([bin, "explain", id, "--json"], 3) }))
// Among 94 medians of three the largest is the machine's noise as much as the loss's: the slowest five are timed again.
const again = explain
  .toSorted((a, b) => b.median - a.median)
  .slice(0, 5)
  .map(({ id }) => ({ id, ...repeated([bin, "explain", id, "--json"], 9) }))
const slowest = again.reduce((a, b) => (b.median > a.median ? b : a))

process.stdout.write(
  `${JSON.stringify(
    {
      bench: "cli",
      machine: machine(),
      emptyNode: repeated(["-e", "0"], 9),
      explain: { losses: explain.length, of: spread(explain.map(({ median }) => median)), slowest, bound: 0.4 },
      landscape: { ...repeated([bin, "landscape", "--json"], 5), bound: 1 },
      landscapePairs: repeated([bin, "landscape", "--pairs", "--json"], 3)
    },
    null,
    2
  )}\n`
)
