/** Rows of a table, a page at a time: sorted, filtered by column, some columns of them, and as CSV. */
import { useMemo } from "preact/hooks"
import type { TableSummary } from "../../rundata/format.ts"
import { download } from "../download.ts"
import type { ViewProps } from "../views.ts"
import { columnsOf, filterKey, selectionOf } from "./selection.ts"
import { cellText, isNumeric, type LoadedTable, selectionCsv, selectRows, shownText } from "./table.ts"

/** Rows of a page. */
const pageRows = 100

interface TableProps extends ViewProps {
  readonly summary: TableSummary
  readonly table: LoadedTable
}

const ColumnChoice = ({ state, set, summary }: Omit<TableProps, "table">) => {
  const shown = columnsOf(state, summary)
  const toggle = (name: string): void => {
    const next = summary.columns.filter((one) => (one === name ? !shown.includes(one) : shown.includes(one)))
    set({ columns: next.length === summary.columns.length ? undefined : JSON.stringify(next) })
  }
  return (
    <details class="column-choice">
      <summary>
        Columns ({shown.length} of {summary.columns.length})
      </summary>
      <p>
        <button type="button" onClick={() => set({ columns: undefined })}>
          All
        </button>{" "}
        <button type="button" onClick={() => set({ columns: "[]" })}>
          None
        </button>
      </p>
      <div class="choices">
        {summary.columns.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={shown.includes(name)} onChange={() => toggle(name)} /> {name}
          </label>
        ))}
      </div>
    </details>
  )
}

const Head = ({ state, set, name, numeric }: ViewProps & { name: string; numeric: boolean }) => {
  const { sort } = state
  const direction = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none"
  const next = direction === "none" ? name : direction === "ascending" ? `-${name}` : undefined
  const arrow = direction === "ascending" ? " ↑" : direction === "descending" ? " ↓" : ""
  return (
    <th scope="col" aria-sort={direction} class={numeric ? "number" : undefined}>
      <button type="button" class="sort" onClick={() => set({ sort: next, page: undefined })}>
        {name}
        <span aria-hidden="true">{arrow}</span>
      </button>
      <input
        type="text"
        aria-label={`Filter ${name}`}
        title="Part of the text; =whole text; >0.5, <=3 for numbers"
        placeholder="filter"
        spellcheck={false}
        value={state[filterKey(name)] ?? ""}
        onInput={(event) =>
          set({ [filterKey(name)]: event.currentTarget.value || undefined, page: undefined }, { replace: true })
        }
      />
    </th>
  )
}

const Pager = ({ page, pages, set }: { page: number; pages: number; set: ViewProps["set"] }) => {
  const go = (to: number) => set({ page: to <= 1 ? undefined : String(to) })
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={page <= 1} onClick={() => go(1)}>
        First
      </button>
      <button type="button" disabled={page <= 1} onClick={() => go(page - 1)}>
        Previous
      </button>
      <span>
        Page {page} of {pages}
      </span>
      <button type="button" disabled={page >= pages} onClick={() => go(page + 1)}>
        Next
      </button>
      <button type="button" disabled={page >= pages} onClick={() => go(pages)}>
        Last
      </button>
    </nav>
  )
}

const Body = (props: { table: LoadedTable; rows: ReadonlyArray<number>; columns: ReadonlyArray<Shown> }) => (
  <tbody>
    {props.rows.map((row) => (
      <tr key={row}>
        {props.columns.map(({ name, numeric }) => {
          const value = props.table.columns.get(name)?.[row] ?? null
          const shown = shownText(value)
          const whole = cellText(value)
          return (
            <td key={name} class={numeric ? "number" : undefined} title={shown === whole ? undefined : whole}>
              {shown}
            </td>
          )
        })}
      </tr>
    ))}
  </tbody>
)

interface Shown {
  readonly name: string
  readonly numeric: boolean
}

export const TableView = ({ state, set, summary, table }: TableProps) => {
  const { filters, sort } = selectionOf(state)
  const key = JSON.stringify([filters, sort])
  const rows = useMemo(() => selectRows(table, selectionOf(state)), [table, key])
  const numeric = useMemo(
    () => new Set([...table.columns].flatMap(([name, values]) => (isNumeric(values) ? [name] : []))),
    [table]
  )
  const columns = columnsOf(state, summary)
  const shown = columns.map((name) => ({ name, numeric: numeric.has(name) }))
  const pages = Math.max(1, Math.ceil(rows.length / pageRows))
  const page = Math.min(pages, Math.max(1, Math.round(Number(state.page)) || 1))
  const count =
    rows.length === table.rows
      ? `${table.rows.toLocaleString("en")} rows`
      : `${rows.length.toLocaleString("en")} of ${table.rows.toLocaleString("en")} rows`
  return (
    <>
      <ColumnChoice state={state} set={set} summary={summary} />
      <div class="table-bar">
        <span role="status">{count}</span>
        <Pager page={page} pages={pages} set={set} />
        <button
          type="button"
          onClick={() => download(`${summary.name}.csv`, "text/csv", selectionCsv(table, rows, columns))}
        >
          Save these rows (CSV)
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
      <section class="table-scroll" tabIndex={0} aria-label={`Rows of ${summary.name}`}>
        <table>
          <thead>
            <tr>
              {shown.map(({ name, numeric }) => (
                <Head key={name} state={state} set={set} name={name} numeric={numeric} />
              ))}
            </tr>
          </thead>
          <Body table={table} rows={rows.slice((page - 1) * pageRows, page * pageRows)} columns={shown} />
        </table>
      </section>
    </>
  )
}
