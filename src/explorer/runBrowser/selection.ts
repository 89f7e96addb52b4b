/** The part of the link that says which rows and columns of a table are shown. */
import type { TableSummary } from "../../rundata/format.ts"
import type { LinkState, Patch } from "../link.ts"
import type { Selection } from "./table.ts"

/** A filter's key in the link: `f.loss=dpo`. */
export const filterKey = (column: string): string => `f.${column}`

/** Keys of the link that belong to one table, undefined: what choosing another table does to them. */
export const forgotten = (state: LinkState): Patch =>
  Object.fromEntries(
    Object.keys(state)
      .filter((key) => /^(?:f\..*|sort|page|columns|x|y|series)$/s.test(key))
      .map((key) => [key, undefined])
  )

export const selectionOf = (state: LinkState): Selection => ({
  filters: Object.fromEntries(
    Object.entries(state).flatMap(([key, text]) => (key.startsWith("f.") ? [[key.slice(2), text]] : []))
  ),
  ...(state.sort === undefined ? {} : { sort: state.sort })
})

/** Lists in the link are JSON, as a column's name may hold anything; a plain word is a list of one. */
export const listOf = (text: string | undefined): ReadonlyArray<string> | undefined => {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value.map(String)
  } catch {
    // A plain word.
  }
  return text === "" ? [] : [text]
}

/** The columns that are shown: the link's that the table has, else all. */
export const columnsOf = (state: LinkState, table: TableSummary): ReadonlyArray<string> =>
  listOf(state.columns)?.filter((name) => table.columns.includes(name)) ?? table.columns

/** What a link says of a table that the table does not have; sentences. */
export const strangers = (state: LinkState, tables: ReadonlyArray<TableSummary>): ReadonlyArray<string> => {
  const table = tableOf(state, tables)
  if (table === undefined) return []
  const named = state.table === undefined || state.table === table.name
  const columns = [
    ...(state.sort === undefined ? [] : [state.sort.replace(/^-/, "")]),
    ...[state.x, state.y].filter((name) => name !== undefined),
    ...(listOf(state.columns) ?? []),
    ...(listOf(state.series) ?? []),
    ...Object.keys(selectionOf(state).filters)
  ].filter((name) => !table.columns.includes(name))
  return [
    ...(named
      ? []
      : [`The link names the table ${state.table}, which this run does not have; ${table.name} is shown.`]),
    ...[...new Set(columns)].map((name) => `The link names the column ${name}, which ${table.name} does not have.`)
  ]
}

/** The table that the link names, else the first with rows. */
export const tableOf = (state: LinkState, tables: ReadonlyArray<TableSummary>): TableSummary | undefined =>
  tables.find(({ name }) => name === state.table) ?? tables.find(({ rows }) => rows > 0) ?? tables[0]
