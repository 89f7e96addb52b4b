/** @file What the sixteen losses did in the registered bandit worlds (docs/experiments.md E14), as the cells of a table. Pure. */
import { type BanditRow, finite, landscapeNodes, type Records } from "../records.ts"
import { plainRows } from "./banditRows.ts"
import { distinct, type SeedInterval, seedInterval } from "./intervals.ts"

type Metric = "rankingAccuracy" | "entropy" | "unseenMassChange" | "chosenLogpDrift"

/** A column: an outcome in one world, known by the end of its name (`registered-sparse` is the world `sparse`). */
interface OutcomeColumn {
  readonly world: "clean" | "sparse" | "low-rank"
  readonly metric: Metric
  /** Lines of its heading. */
  readonly title: readonly string[]
}

const columns: readonly OutcomeColumn[] = [
  { world: "clean", metric: "rankingAccuracy", title: ["ranking", "accuracy"] },
  { world: "clean", metric: "entropy", title: ["entropy", "nats"] },
  { world: "sparse", metric: "unseenMassChange", title: ["Δ unseen", "mass"] },
  { world: "sparse", metric: "entropy", title: ["entropy", "nats"] },
  { world: "low-rank", metric: "chosenLogpDrift", title: ["Δ log π(w)", "nats"] }
]

/** A column with the mean of every loss, by its id. */
export interface ClassOutcomes extends OutcomeColumn {
  readonly means: ReadonlyMap<string, SeedInterval>
  readonly rows: readonly BanditRow[]
}

/** The environment that is the world: the first in which every one of the losses came to its end. */
const environmentOf = (rows: readonly BanditRow[], world: string, losses: readonly string[]): string | undefined =>
  distinct(rows.map(({ environment }) => environment)).find(
    (name) =>
      (name === world || name.endsWith(`-${world}`)) &&
      losses.every((loss) => rows.some((row) => row.environment === name && row.loss === loss))
  )

/** The columns that a run's records fill. */
export const classOutcomes = (records: Records): readonly ClassOutcomes[] => {
  const losses = landscapeNodes(records).map(({ id }) => id)
  const rows = plainRows(records).filter((row) => row.final && row.failure === undefined)
  return columns.flatMap((column) => {
    const environment = environmentOf(rows, column.world, losses)
    const own = rows.filter((row) => row.environment === environment && losses.includes(row.loss))
    const means = losses.flatMap((loss) => {
      const interval = seedInterval(own.filter((row) => row.loss === loss).map((row) => finite(row[column.metric])))
      return interval === undefined ? [] : [[loss, interval] as const]
    })
    return means.length === 0 ? [] : [{ ...column, means: new Map(means), rows: own }]
  })
}
