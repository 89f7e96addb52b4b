/** @file `losslattice doctor`: what this machine can run. */
import { createRequire } from "node:module"
import { availableParallelism, totalmem } from "node:os"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { slurmStatus } from "../../finetune/slurm/slurmStatus.ts"
import { embeddedEngines } from "../../finetune/tfjs/backend.ts"
import { torchStatus } from "../../finetune/torchStatus.ts"
import { printJson, style, tableLines } from "../output.ts"

const packages = [
  "effect",
  "mathjs",
  "fast-check",
  "@tensorflow/tfjs",
  "vega",
  "vega-lite",
  "@viz-js/viz",
  "@napi-rs/canvas",
  "@duckdb/node-api"
]

/** Installed version of a package, or why it cannot be found. */
const versionOf = (name: string): string => {
  const require = createRequire(import.meta.url)
  const folders = require.resolve.paths(name) ?? []
  for (const folder of folders) {
    try {
      return (require(`${folder}/${name}/package.json`) as { version: string }).version
    } catch {
      // Not in this folder: packages that export no package.json are read from the next one up.
    }
  }
  return "not installed"
}

/** Runs `doctor`. */
export const run = ({ json }: { readonly json: boolean }) =>
  Effect.gen(function* () {
    const [torch, slurm] = [torchStatus(), slurmStatus()]
    const engines = [
      ...(yield* Effect.promise(() => embeddedEngines())),
      yield* Effect.promise(() => torch),
      yield* Effect.promise(() => slurm)
    ]
    const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
    const report = {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      engines,
      packages: versions
    }
    if (json) return yield* printJson(report)
    const lines = engines.map(({ id, available, reason, device }) => [
      id,
      available ? style.good("available") : style.open("not available"),
      (available ? device : reason) ?? ""
    ])
    yield* Console.log(
      [
        `Node ${report.node} on ${report.platform}, ${report.cores} cores, ${report.memoryGiB} GiB`,
        "",
        ...tableLines([["engine", "", ""], ...lines]),
        "",
        ...tableLines([["package", "version"], ...Object.entries(versions)])
      ].join("\n")
    )
  })
