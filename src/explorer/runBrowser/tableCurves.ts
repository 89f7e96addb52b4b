/** Curves from a table: y against x for every combination of some columns' values, means over seeds where the table has seeds. */
import { type Interval, studentInterval } from "../../random/statistics.ts"
import { cellText, type LoadedTable, numberOf } from "./table.ts"

/** What is drawn. */
export interface CurveChoice {
  readonly x: string
  readonly y: string
  /** Columns by whose values rows are told apart. */
  readonly series: ReadonlyArray<string>
}

export interface TableCurve {
  readonly name: string
  readonly points: ReadonlyArray<Interval & { readonly x: number }>
}

export interface TableCurves {
  readonly curves: ReadonlyArray<TableCurve>
  /** Rows without a finite number in x or y. */
  readonly left: number
  /** What a point stands for. */
  readonly over: "seeds" | "rows" | "single rows"
  /** Whether some seed has several rows at one point. */
  readonly pooled: boolean
}

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Values of one point, by seed. */
type Point = Map<string, Array<number>>

/** Mean over seeds, each by its own mean, with Student's interval; over rows without seeds the mean alone. */
const intervalOf = (point: Point, seeded: boolean): Interval => {
  const values = [...point.values()]
  if (seeded) return studentInterval(values.map(mean))
  const all = values.flat()
  return { mean: mean(all), n: all.length }
}

/** The curves of some rows. */
export const curvesOf = (table: LoadedTable, rows: ReadonlyArray<number>, choice: CurveChoice): TableCurves => {
  const [x, y] = [table.columns.get(choice.x), table.columns.get(choice.y)]
  const chosen = choice.series.filter((name) => table.columns.has(name))
  const columns = chosen.map((name) => table.columns.get(name)!)
  const seeds = chosen.includes("seed") || choice.x === "seed" ? undefined : table.columns.get("seed")
  if (x === undefined || y === undefined) return { curves: [], left: rows.length, over: "rows", pooled: false }
  const bySeries = new Map<string, Map<number, Point>>()
  let left = 0
  for (const row of rows) {
    const [at, value] = [numberOf(x[row]!), numberOf(y[row]!)]
    if (at === undefined || value === undefined || !Number.isFinite(at) || !Number.isFinite(value)) {
      left++
      continue
    }
    const name = columns.map((column) => cellText(column[row]!)).join(" · ")
    const points = bySeries.get(name) ?? new Map<number, Point>()
    bySeries.set(name, points)
    const point = points.get(at) ?? new Map<string, Array<number>>()
    points.set(at, point)
    const seed = seeds === undefined ? "" : cellText(seeds[row]!)
    const values = point.get(seed) ?? []
    point.set(seed, values)
    values.push(value)
  }
  const curves = [...bySeries].map(([name, points]) => ({
    name,
    points: [...points]
      .sort(([a], [b]) => a - b)
      .map(([at, point]) => ({ x: at, ...intervalOf(point, seeds !== undefined) }))
  }))
  const single = curves.every(({ points }) => points.every(({ n }) => n === 1))
  const several = (point: Point) => [...point.values()].some((values) => values.length > 1)
  const pooled = seeds !== undefined && [...bySeries.values()].some((points) => [...points.values()].some(several))
  return { curves, left, over: single && !pooled ? "single rows" : seeds === undefined ? "rows" : "seeds", pooled }
}
