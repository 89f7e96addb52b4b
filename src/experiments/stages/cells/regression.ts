/** @file A regression: reads the bandit records on its own thread, analyses one outcome. */
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Json } from "../../canonical.ts"
import { rowsFromJsonLines } from "../../records.ts"
import { analyse, type RegressionTask } from "../../regression/analyse.ts"
import type { CellTools } from "../../Stage.ts"

/** The rows read last: cells of one thread read the same file one after the other. */
let last: { readonly key: string; readonly rows: ReadonlyArray<Readonly<Record<string, Json>>> } | undefined

const rowsOf = (path: string, hash: Json) => {
  const key = JSON.stringify([path, hash])
  if (last?.key !== key) last = { key, rows: rowsFromJsonLines(readFileSync(path, "utf8")) }
  return last.rows
}

/** @param spec `{task: RegressionTask, records: hash}` */
export const runCell = (spec: Json, { resources }: CellTools): unknown => {
  const { task, records } = spec as unknown as { readonly task: RegressionTask; readonly records: Json }
  const bandit = String((resources as { readonly records: Json }).records)
  const path = task.at === "end" ? bandit : join(dirname(bandit), "bandit-kl.jsonl")
  return analyse(rowsOf(path, records), task)
}
