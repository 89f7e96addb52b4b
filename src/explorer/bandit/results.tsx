/** Where every loss stands at the checkpoint that is looked at, and the setting and its numbers as files. */
import { isMethod } from "../../bandit/methods/registry.ts"
import { studentInterval } from "../../random/statistics.ts"
import { tickText } from "../charts/ticks.ts"
import { download } from "../download.ts"
import { linkOf } from "../link.ts"
import { columnOf, rowsCsv } from "./curves.ts"
import type { Setting } from "./settings.ts"
import { studyName, studyYaml } from "./study.ts"
import type { TrainedCell } from "./useTraining.ts"

interface ResultsProps {
  readonly setting: Setting
  readonly cells: ReadonlyArray<TrainedCell>
  readonly columns: ReadonlyArray<string>
  /** Step that is looked at; undefined: the last. */
  readonly at: number | undefined
}

/** The last step, not after `at`, that all seeds of a loss reached: where its curve ends. Undefined without rows. */
const commonStep = (cells: ReadonlyArray<TrainedCell>, at: number | undefined): number | undefined => {
  const reached = cells.map(({ rows }) => rows.findLast(({ step }) => at === undefined || step <= at)?.step)
  return reached.length === 0 || reached.includes(undefined) ? undefined : Math.min(...(reached as Array<number>))
}

const rounded = (value: number, digits = 4): string => tickText(Number(value.toPrecision(digits)))

const Value = ({ cells, column, at }: Pick<ResultsProps, "cells" | "at"> & { column: string }) => {
  const values = cells.map(
    ({ rows }) => (rows.find(({ step }) => step === at) as unknown as Record<string, unknown> | undefined)?.[column]
  )
  const numbers = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value))
  if (numbers.length === 0 || numbers.length < cells.length) return <td class="number">–</td>
  const { mean, low, high } = studentInterval(numbers)
  return (
    <td class="number" title={String(mean)}>
      {rounded(mean)}
      {low !== undefined && high !== undefined && <small> ± {rounded((high - low) / 2, 2)}</small>}
    </td>
  )
}

export const Results = ({ setting, cells, columns, at }: ResultsProps) => {
  const { losses, seeds } = setting
  const rows = losses.map((loss) => {
    const own = cells.filter(({ spec }) => spec.loss === loss)
    return { loss, own, step: commonStep(own, at) }
  })
  return (
    <section aria-label="Numbers">
      <h2>{at === undefined ? "Last checkpoint" : `Checkpoint at step ${at}`}</h2>
      <p>
        {seeds.length === 1
          ? `Seed ${seeds[0]}.`
          : `Means over ${seeds.length} seeds ± half of Student's 95 % interval.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
      <section class="scroll" tabIndex={0} aria-label="Table of numbers">
        <table>
          <thead>
            <tr>
              <th scope="col">loss</th>
              <th scope="col">step</th>
              {columns.map((column) => (
                <th key={column} scope="col" title={columnOf(column).definition}>
                  {columnOf(column).title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ loss, own, step }) => (
              <tr key={loss}>
                <th scope="row">{isMethod(loss) ? loss : <a href={linkOf("loss", { loss })}>{loss}</a>}</th>
                <td class="number">{step ?? "–"}</td>
                {columns.map((column) => (
                  <Value key={column} cells={own} column={column} at={step} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="downloads">
        <button type="button" onClick={() => download(`${studyName}.yaml`, "application/yaml", studyYaml(setting))}>
          Save as study file (YAML)
        </button>
        <button
          type="button"
          onClick={() =>
            download(
              `${studyName}.csv`,
              "text/csv",
              rowsCsv(cells.map(({ spec, rows }) => ({ loss: spec.loss, seed: spec.seed, rows })))
            )
          }
        >
          Save all rows (CSV)
        </button>
      </p>
      <details>
        <summary>The study file</summary>
        <p>
          <code>losslattice run {studyName}.yaml</code> trains this setting to the same numbers, but for the last
          digits: a browser has its own exp and log.
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
        <pre tabIndex={0}>{studyYaml(setting)}</pre>
      </details>
    </section>
  )
}
