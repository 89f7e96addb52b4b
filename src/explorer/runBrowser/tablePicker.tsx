/** Which table, what is wrong with it, and its filters: above tables and above curves. */
import type { TableSummary } from "../../rundata/format.ts"
import type { ViewProps } from "../views.ts"
import { filterKey, forgotten } from "./selection.ts"

const megabytes = (bytes: number): string =>
  bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

export const TablePicker = (props: ViewProps & { tables: ReadonlyArray<TableSummary>; table: TableSummary }) => {
  const { state, set, tables, table } = props
  return (
    <div class="table-picker">
      <label>
        Table{" "}
        <select value={table.name} onChange={(event) => set({ ...forgotten(state), table: event.currentTarget.value })}>
          {tables.map(({ name, rows }) => (
            <option key={name} value={name}>
              {name} ({rows.toLocaleString("en")})
            </option>
          ))}
        </select>
      </label>
      <span class="soft">
        records/{table.name}.jsonl, {megabytes(table.bytes)}
      </span>
      {table.shown < table.rows && (
        <p class="warning">
          Only the first {table.shown.toLocaleString("en")} of {table.rows.toLocaleString("en")} rows are shown here;{" "}
          <code>losslattice query</code> reads all.
        </p>
      )}
      {table.problems.map((problem) => (
        <p key={problem} class="warning">
          {problem}
        </p>
      ))}
    </div>
  )
}

/** Filters as words, each with a button that takes it away; what a table's head sets, curves obey too. */
export const ActiveFilters = ({ state, set, table }: ViewProps & { table: TableSummary }) => {
  const active = table.columns.filter((name) => (state[filterKey(name)] ?? "") !== "")
  if (active.length === 0) return null
  return (
    <p class="filters">
      Only rows with{" "}
      {active.map((name) => (
        <button key={name} type="button" onClick={() => set({ [filterKey(name)]: undefined, page: undefined })}>
          {name}: {state[filterKey(name)]} ×
        </button>
      ))}
    </p>
  )
}
