/** Curves of the cells of a setting: for every loss the mean over its seeds with an interval, at the steps that all seeds reached. */

import { metrics, partialMetrics, scopedMetrics } from "../../bandit/metrics/registry.ts"
import type { StepMetrics } from "../../bandit/metrics.ts"
import { type Interval, studentInterval } from "../../random/statistics.ts"

/** A point of a curve. */
export interface CurvePoint extends Interval {
  readonly x: number
}

/** What is known of one cell. */
export interface CellState {
  readonly rows: ReadonlyArray<StepMetrics>
  /** Why it ended early. */
  readonly divergence?: string
  readonly refused?: ReadonlyArray<string>
  readonly seconds?: number
}

const described = [...metrics, ...partialMetrics, ...scopedMetrics]

/** A column of the rows: as an axis has it, and what it is. */
export interface Column {
  readonly id: string
  readonly title: string
  readonly definition: string
}

/** The column of a row, by its name (`rewards.proxy`: the metric `rewards` in the scope `proxy`). */
export const columnOf = (id: string): Column => {
  if (id === "loss") return { id, title: "loss", definition: "Loss over all training pairs." }
  const metric = described.find((one) => one.id === id)
  if (metric !== undefined) return { id, title: metric.title, definition: metric.definition }
  const [name = "", ...scope] = id.split(".")
  const scoped = described.find((one) => one.id === name)
  return {
    id,
    title: scoped === undefined ? id : `${scoped.title} (${scope.join(".")})`,
    definition: scoped?.definition ?? ""
  }
}

/** Names of the numbers in some rows, in order of first appearance. */
export const numberColumns = (rows: ReadonlyArray<StepMetrics>): ReadonlyArray<string> => [
  ...new Set(
    rows.flatMap((row) =>
      Object.entries(row).flatMap(([name, value]) => (name !== "step" && typeof value === "number" ? [name] : []))
    )
  )
]

/** The curve of a loss: its seeds' cells, read in one column. Steps that a seed did not reach, or without a number there, are left out. */
export const curveOf = (cells: ReadonlyArray<CellState>, column: string): ReadonlyArray<CurvePoint> => {
  const reached = Math.min(...cells.map(({ rows }) => rows.length))
  const points: Array<CurvePoint> = []
  for (let i = 0; i < reached; i++) {
    const values = cells.map(({ rows }) => (rows[i] as unknown as Record<string, unknown>)[column])
    if (!values.every((value) => typeof value === "number" && Number.isFinite(value))) continue
    points.push({ x: cells[0]!.rows[i]!.step, ...studentInterval(values as ReadonlyArray<number>) })
  }
  return points
}

/** Rows of all cells as CSV: loss, seed, step, then every column with all its digits. */
export const rowsCsv = (
  cells: ReadonlyArray<{ readonly loss: string; readonly seed: number; readonly rows: ReadonlyArray<StepMetrics> }>
): string => {
  const columns = [...new Set(cells.flatMap(({ rows }) => numberColumns(rows)))]
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const lines = cells.flatMap(({ loss, seed, rows }) =>
    rows.map((row) => {
      const values = columns.map((name) => (row as unknown as Record<string, unknown>)[name] ?? "")
      return [quoted(loss), seed, row.step, ...values].join(",")
    })
  )
  return `${[["loss", "seed", "step", ...columns.map((name) => (name === "loss" ? "lossValue" : name))].map(quoted).join(","), ...lines].join("\n")}\n`
}
