/** @file Stage elsewhere: rows of runs made elsewhere, which come with the program, as records with their provenance. */
import { readFile } from "node:fs/promises"
import { decodeSource, type ElsewhereRun, elsewhereFile } from "../elsewhere.ts"
import { rowsFromJsonLines } from "../records.ts"
import { recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"

/** @throws SchemaError for a file whose first line does not say where its rows are from */
const rowsOf = async (source: ElsewhereRun) => {
  const [first, ...rows] = rowsFromJsonLines(await readFile(elsewhereFile(source), "utf8"))
  return [decodeSource(first), ...rows].map((row) => ({ source, ...row }))
}

/** Records `elsewhere`; `elsewhere` of the study names the runs. */
export const elsewhereStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "elsewhere",
  sources: [import.meta.url],
  inputs: ({ elsewhere }) =>
    elsewhere
      ? {
          config: { elsewhere: [...elsewhere] },
          upstream: [],
          assets: Object.fromEntries(elsewhere.map((run) => [run, elsewhereFile(run)]))
        }
      : undefined,
  run: async ({ config }) => {
    const rows = await Promise.all((config.elsewhere ?? []).map(rowsOf))
    return recordFiles("elsewhere", rows.flat())
  }
}
