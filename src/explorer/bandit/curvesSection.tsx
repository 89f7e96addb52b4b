/** Curves of a training: which of its numbers, and the step at which they are looked at. */
import { type ChartSeries, Legend, LineChart } from "../charts/lineChart.tsx"
import type { LinkState } from "../link.ts"
import type { ViewProps } from "../views.ts"
import { columnOf, curveOf, numberColumns } from "./curves.ts"
import { lookedAt } from "./moment.ts"
import type { Setting } from "./settings.ts"
import type { TrainedCell, Training } from "./useTraining.ts"

/** Charts that a link shows when it names none. */
const usualCharts = [
  "expectedReward",
  "regret",
  "klToReference",
  "chosenLogpDrift",
  "rejectedLogpDrift",
  "entropy",
  "unseenMass"
]

/** Cells of each loss. */
export const groupsOf = (training: Training): ReadonlyArray<readonly [string, ReadonlyArray<TrainedCell>]> => [
  ...Map.groupBy(training.cells, ({ spec }) => spec.loss)
]

const seriesOf = (groups: ReturnType<typeof groupsOf>, column: string): ReadonlyArray<ChartSeries> =>
  groups.map(([name, cells], look) => ({
    name,
    look,
    points: curveOf(cells, column),
    broken: cells.some(({ divergence }) => divergence !== undefined)
  }))

/** The numbers that there are, and those that are drawn: the link's, else the usual ones, mass on unseen arms where there is any. */
export const chartColumns = (state: LinkState, training: Training) => {
  const columns = numberColumns(training.cells.flatMap(({ rows }) => rows.slice(0, 1)))
  const moved = (id: string): boolean =>
    id !== "unseenMass" || training.cells.some(({ rows }) => rows.some((row) => row.unseenMass > 0))
  const chosen = state.charts?.split(",").filter((id) => columns.includes(id))
  const shown = chosen ?? usualCharts.filter((id) => columns.includes(id) && moved(id))
  return { columns, shown }
}

/** What a link says of curves that there is not; sentences. */
const strangers = (state: LinkState, columns: ReadonlyArray<string>): ReadonlyArray<string> => {
  const unknown = (state.charts ?? "").split(",").filter((id) => id !== "" && !columns.includes(id))
  return [
    ...(state.at === undefined || Number.isFinite(Number(state.at))
      ? []
      : [`The link looks at step ${state.at}, which is no number; the last is shown.`]),
    ...(columns.length === 0
      ? []
      : unknown.map((id) => `The link names the curve ${id}, which this setting does not have.`))
  ]
}

const Moment = ({ state, set, steps }: ViewProps & { steps: number }) => {
  const at = lookedAt(state, steps)
  return (
    <label class="moment">
      <span>Look at step</span>
      <input
        type="range"
        class="moment-slider"
        min="0"
        max={steps}
        step="1"
        value={at ?? steps}
        onInput={(event) => {
          const value = Number(event.currentTarget.value)
          set({ at: value >= steps ? undefined : String(value) }, { replace: true })
        }}
      />
      <output>{at ?? "the last"}</output>
    </label>
  )
}

export const Curves = ({ state, set, training, setting }: ViewProps & { training: Training; setting: Setting }) => {
  const groups = groupsOf(training)
  const { columns, shown } = chartColumns(state, training)
  const toggle = (id: string): void => {
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id]
    set({ charts: columns.filter((one) => next.includes(one)).join(",") })
  }
  const { steps } = setting.shared
  return (
    <section aria-label="Curves">
      <Legend series={groups.map(([name], look) => ({ name, look }))} />
      {strangers(state, columns).map((text) => (
        <p key={text} role="alert">
          {text}
        </p>
      ))}
      <Moment state={state} set={set} steps={steps} />
      <div class="chart-grid">
        {shown.map((id) => (
          <LineChart
            key={id}
            title={columnOf(id).title}
            explanation={columnOf(id).definition}
            xTitle="step"
            series={seriesOf(groups, id)}
            at={lookedAt(state, steps)}
            x={{ low: 0, high: Math.max(1, steps) }}
          />
        ))}
      </div>
      <details class="chart-choice">
        <summary>Other curves</summary>
        <div class="choices">
          {columns.map((id) => (
            <label key={id} title={columnOf(id).definition}>
              <input type="checkbox" checked={shown.includes(id)} onChange={() => toggle(id)} /> {columnOf(id).title}
            </label>
          ))}
        </div>
      </details>
    </section>
  )
}
