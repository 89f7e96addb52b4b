/** Curves from any table: which columns are x, y and series, over the rows that the filters leave. */
import { useId, useMemo } from "preact/hooks"
import type { TableSummary } from "../../rundata/format.ts"
import { Legend, LineChart } from "../charts/lineChart.tsx"
import type { ViewProps } from "../views.ts"
import { filterKey, listOf, selectionOf } from "./selection.ts"
import { isNumeric, type LoadedTable, selectRows } from "./table.ts"
import { type CurveChoice, curvesOf } from "./tableCurves.ts"

/** More curves than this are not told apart. */
const mostCurves = 24

/** Bands of more curves than this hide one another. */
const mostBands = 6

/** Columns that tell runs of training apart, where a table has them. */
const usualSeries = ["environment", "study", "loss", "reference", "ceWeight"]

const differs = (table: LoadedTable, name: string): boolean => {
  const values = table.columns.get(name)
  return values?.some((value) => value !== values[0]) ?? false
}

/** What is drawn when the link does not say. */
const usualChoice = (table: LoadedTable, numeric: ReadonlyArray<string>): CurveChoice => ({
  x: numeric.find((name) => name === "step") ?? numeric[0] ?? "",
  y:
    numeric.find((name) => name === "regret" || name === "expectedReward") ??
    numeric.find((name) => name !== "step" && name !== "seed") ??
    "",
  series: usualSeries.filter((name) => differs(table, name))
})

const overWords = {
  seeds: "Means over seeds with Student's 95 % intervals.",
  rows: "Means over rows that agree in x and series; without a column “seed” they have no interval.",
  "single rows": "Every point is one row."
} as const

const Picker = (props: {
  label: string
  value: string
  options: ReadonlyArray<string>
  onChange: (name: string) => void
}) => {
  const id = useId()
  return (
    <span>
      <label for={id}>{props.label}</label>{" "}
      <select id={id} value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </span>
  )
}

interface CurvesProps extends ViewProps {
  readonly summary: TableSummary
  readonly table: LoadedTable
}

const SeriesChoice = ({ summary, series, set }: CurvesProps & { series: ReadonlyArray<string> }) => (
  <details class="column-choice">
    <summary>Told apart by {series.length === 0 ? "nothing" : series.join(", ")}</summary>
    <div class="choices">
      {summary.columns.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={series.includes(name)}
            onChange={() => {
              const next = summary.columns.filter((one) =>
                one === name ? !series.includes(one) : series.includes(one)
              )
              set({ series: JSON.stringify(next) })
            }}
          />{" "}
          {name}
        </label>
      ))}
    </div>
  </details>
)

const FilterFields = ({ state, set, summary }: CurvesProps) => (
  <details class="column-choice">
    <summary>Only some rows</summary>
    <div class="choices">
      {summary.columns.map((name) => (
        <label key={name} class="filter-field">
          {name}
          <input
            type="text"
            spellcheck={false}
            placeholder="filter"
            value={state[filterKey(name)] ?? ""}
            onInput={(event) => set({ [filterKey(name)]: event.currentTarget.value || undefined }, { replace: true })}
          />
        </label>
      ))}
    </div>
  </details>
)

export const CurvesView = (props: CurvesProps) => {
  const { state, set, summary, table } = props
  const numeric = useMemo(
    () => [...table.columns].flatMap(([name, values]) => (isNumeric(values) ? [name] : [])),
    [table]
  )
  const usual = useMemo(() => usualChoice(table, numeric), [table, numeric])
  const choice: CurveChoice = {
    x: numeric.includes(state.x ?? "") ? state.x! : usual.x,
    y: numeric.includes(state.y ?? "") ? state.y! : usual.y,
    series: listOf(state.series)?.filter((name) => summary.columns.includes(name)) ?? usual.series
  }
  const { filters } = selectionOf(state)
  const key = JSON.stringify([filters, choice])
  const drawn = useMemo(() => curvesOf(table, selectRows(table, { filters }), choice), [table, key])
  if (numeric.length < 2) return <p>This table has fewer than two columns of numbers: there is nothing to draw.</p>
  const shown = drawn.curves.slice(0, mostCurves)
  const more = drawn.curves.length - shown.length
  const isCrowded = drawn.over === "seeds" && shown.length > mostBands
  const series = shown.map(({ name, points }, look) => ({
    name,
    look,
    points: isCrowded ? points.map(({ x, mean, n }) => ({ x, mean, n })) : points
  }))
  return (
    <>
      <div class="curve-choice">
        <Picker label="x" value={choice.x} options={numeric} onChange={(x) => set({ x })} />
        <Picker label="y" value={choice.y} options={numeric} onChange={(y) => set({ y })} />
        <SeriesChoice {...props} series={choice.series} />
        <FilterFields {...props} />
      </div>
      <div class="one-chart">
        <LineChart alone title={choice.y} xTitle={choice.x} series={series} />
        <Legend series={series} />
      </div>
      <p class="soft">
        {overWords[drawn.over]}
        {isCrowded && ` Intervals are drawn for up to ${mostBands} curves: filter the rows to see them.`}
        {drawn.pooled &&
          " Rows of one seed that agree in x and series are averaged first: another column tells them apart."}
        {drawn.left > 0 &&
          ` ${drawn.left.toLocaleString("en")} rows have no finite number in ${choice.x} or ${choice.y} and are left out.`}
        {more > 0 && ` ${more} more curves are not drawn; filter the rows to see them.`}
      </p>
    </>
  )
}
