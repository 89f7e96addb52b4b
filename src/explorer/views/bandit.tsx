/** The bandit playground: a setting trained in the page, live. Everything about it is in the link. */
import * as Result from "effect/Result"
import { useMemo } from "preact/hooks"
import "../bandit/bandit.css"
import { ArmBars, type ShownPolicy } from "../bandit/armBars.tsx"
import { columnOf, curveOf, numberColumns } from "../bandit/curves.ts"
import { formOfSection } from "../bandit/fields.ts"
import { LossList } from "../bandit/lossList.tsx"
import { Results } from "../bandit/results.tsx"
import { SectionForm } from "../bandit/sectionForm.tsx"
import {
  cellsOf,
  completed,
  lossesOf,
  readSetting,
  type Section,
  type Setting,
  sectionOf,
  sectionPatch
} from "../bandit/settings.ts"
import { type TrainedCell, type Training, useTraining } from "../bandit/useTraining.ts"
import { type ChartSeries, Legend, LineChart } from "../charts/lineChart.tsx"
import type { LinkState } from "../link.ts"
import type { View, ViewProps } from "../views.ts"

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

const sectionTitles: ReadonlyArray<readonly [Section, string, string | undefined]> = [
  ["environment", "environment", undefined],
  ["data", "data", undefined],
  ["optimizer", "optimizer", undefined],
  ["policy", "policy", "tabular"],
  ["regime", "regime: who proposes the pairs", "offline"]
]

const plainFields = [
  ["seeds", "Numbers such as 0,1,2 or 0-7; a curve is the mean over them."],
  ["steps", "Updates."],
  ["checkpoints", "How many points a curve has."],
  ["reference", "true: adds the reference to losses without one."],
  ["ceWeight", "Weight of −log π(chosen) beside the loss. Default 0."]
] as const

const inputValue = (event: Event): string => (event.currentTarget as HTMLInputElement).value

/** Beside the curves there is room for the settings; above them they would hide what they do. */
const isWide = (): boolean => matchMedia("(min-width: 801px)").matches

const Controls = ({ state, set }: ViewProps) => {
  const whole = completed(state)
  return (
    <form aria-label="Setting" onSubmit={(event) => event.preventDefault()}>
      <details open={isWide()}>
        <summary>All settings</summary>
        <div class="controls">
          <fieldset class="section">
            <legend>training</legend>
            {plainFields.map(([name, help]) => (
              <div class="field" key={name}>
                <label for={`bandit-${name}`}>{name}</label>
                <div class="control">
                  <input
                    id={`bandit-${name}`}
                    type="text"
                    spellcheck={false}
                    placeholder="default"
                    aria-describedby={`bandit-${name}-help`}
                    value={whole[name] ?? ""}
                    onInput={(event) => set({ [name]: inputValue(event) || undefined }, { replace: true })}
                  />
                </div>
                <small id={`bandit-${name}-help`}>{help}</small>
              </div>
            ))}
          </fieldset>
          {sectionTitles.map(([section, title, absent]) => (
            <SectionForm
              key={section}
              label={title}
              form={formOfSection(section)}
              settings={sectionOf(state, section)}
              {...(absent === undefined ? {} : { absent })}
              onChange={(settings, typing) => set(sectionPatch(state, section, settings), { replace: typing })}
            />
          ))}
        </div>
      </details>
    </form>
  )
}

/** Cells of each loss. */
const groupsOf = (training: Training): ReadonlyArray<readonly [string, ReadonlyArray<TrainedCell>]> => [
  ...Map.groupBy(training.cells, ({ spec }) => spec.loss)
]

const seriesOf = (groups: ReturnType<typeof groupsOf>, column: string): ReadonlyArray<ChartSeries> =>
  groups.map(([name, cells], look) => ({
    name,
    look,
    points: curveOf(cells, column),
    broken: cells.some(({ divergence }) => divergence !== undefined)
  }))

/** What went wrong in training, a sentence a loss. */
const mishaps = (groups: ReturnType<typeof groupsOf>): ReadonlyArray<string> =>
  groups.flatMap(([loss, cells]) =>
    cells.flatMap(({ spec, divergence, rows }) =>
      divergence === undefined
        ? []
        : [
            `${loss}, seed ${spec.seed}: training left the finite numbers (${divergence}).` +
              ` Its curve ends at the last checkpoint before, step ${rows.at(-1)?.step ?? 0}.`
          ]
    )
  )

const refusals = (training: Training): ReadonlyMap<string, string> =>
  new Map(
    training.cells.flatMap(({ spec, refused }) => (refused === undefined ? [] : [[spec.loss, refused.join("; ")]]))
  )

const speedText = (training: Training): string => {
  const seconds = training.cells.reduce((sum, cell) => sum + (cell.seconds ?? 0), 0)
  const steps = training.cells.reduce((sum, cell) => sum + (cell.rows.at(-1)?.step ?? 0), 0)
  return seconds > 0 ? `${Math.round(steps / seconds).toLocaleString("en")} steps a second` : ""
}

const Progress = ({ training, steps }: { training: Training; steps: number }) => {
  const open = training.cells.filter(({ refused, divergence }) => refused === undefined && divergence === undefined)
  const done = Math.min(steps, ...open.map(({ rows }) => rows.at(-1)?.step ?? 0))
  const text = training.over ? `Trained ${steps} steps, ${speedText(training)}` : `Step ${done} of ${steps}`
  return (
    <div class="progress">
      <progress max={Math.max(1, steps)} value={done} aria-label="Steps made" />
      <span role="status" data-over={training.over}>
        {training.over ? text : <span aria-hidden="true">{text}</span>}
      </span>
    </div>
  )
}

const Steering = (props: {
  readonly playing: boolean
  readonly over: boolean
  readonly onPlay: (playing: boolean) => void
  readonly onStep: () => void
  readonly onReset: () => void
}) => (
  <fieldset class="steering" aria-label="Training">
    <button type="button" disabled={props.over} onClick={() => props.onPlay(!props.playing)}>
      {props.playing && !props.over ? "Pause" : "Play"}
    </button>
    <button type="button" disabled={props.over} onClick={props.onStep}>
      Step
    </button>
    <button type="button" onClick={props.onReset}>
      Reset
    </button>
  </fieldset>
)

/** The checkpoint that the pictures look at: the link's, else the last. */
const lookedAt = (state: LinkState, steps: number): number | undefined => {
  const at = Number(state.at)
  return state.at === undefined || state.at === "" || !Number.isFinite(at)
    ? undefined
    : Math.min(Math.max(0, at), steps)
}

const Arms = ({ state, set, training, setting }: ViewProps & { training: Training; setting: Setting }) => {
  const seed = setting.seeds.includes(Number(state.seed)) ? Number(state.seed) : setting.seeds[0]!
  const own = training.cells.filter(({ spec }) => spec.seed === seed)
  const world = own.find((cell) => cell.world !== undefined)?.world
  if (own.length > 0 && world === undefined) {
    return training.over || own.some(({ rows }) => rows.length > 0) ? (
      <p>This world has too many answers to draw them one by one.</p>
    ) : null
  }
  if (world === undefined) return null
  const at = lookedAt(state, setting.shared.steps)
  const context = Math.min(world.contexts - 1, Math.max(0, Number(state.context) || 0))
  const policies = setting.losses.flatMap((loss, look): ReadonlyArray<ShownPolicy> => {
    const cell = own.find(({ spec }) => spec.loss === loss)
    const row = cell?.rows.findLastIndex(({ step }) => at === undefined || step <= at) ?? -1
    const policy = cell?.policies[row]
    return policy === undefined ? [] : [{ loss, look, policy }]
  })
  return (
    <section aria-label="Arms">
      <h2>Arms</h2>
      <div class="pickers">
        <label>
          Seed{" "}
          <select value={String(seed)} onChange={(event) => set({ seed: inputValue(event) })}>
            {setting.seeds.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {world.contexts > 1 && (
          <label>
            Context{" "}
            <select value={String(context)} onChange={(event) => set({ context: inputValue(event) })}>
              {Array.from({ length: world.contexts }, (_, i) => (
                <option key={String(i)}>{i}</option>
              ))}
            </select>
          </label>
        )}
        <span class="key">Dashed lines: the reference.</span>
      </div>
      <ArmBars world={world} context={context} policies={policies} />
    </section>
  )
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
          const value = Number(inputValue(event))
          set({ at: value >= steps ? undefined : String(value) }, { replace: true })
        }}
      />
      <output>{at ?? "the last"}</output>
    </label>
  )
}

const Charts = ({ state, set, training, setting }: ViewProps & { training: Training; setting: Setting }) => {
  const groups = groupsOf(training)
  const columns = numberColumns(training.cells.flatMap(({ rows }) => rows.slice(0, 1)))
  const moved = (id: string): boolean =>
    id !== "unseenMass" || training.cells.some(({ rows }) => rows.some((row) => row.unseenMass > 0))
  const chosen = state.charts?.split(",").filter((id) => columns.includes(id))
  const shown = chosen ?? usualCharts.filter((id) => columns.includes(id) && moved(id))
  const toggle = (id: string): void => {
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id]
    set({ charts: columns.filter((one) => next.includes(one)).join(",") })
  }
  const { steps } = setting.shared
  return (
    <>
      <section aria-label="Curves">
        <Legend series={groups.map(([name], look) => ({ name, look }))} />
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
      <Arms state={state} set={set} training={training} setting={setting} />
      <Results setting={setting} cells={training.cells} columns={shown} />
    </>
  )
}

const Playground = ({ state, set }: ViewProps) => {
  const read = useMemo(() => readSetting(state), [state])
  const setting = Result.isSuccess(read) ? read.success : undefined
  const problems = Result.isFailure(read) ? read.failure : []
  const cells = useMemo(() => (setting === undefined ? undefined : cellsOf(setting)), [setting])
  const playing = state.play !== "0"
  const { training, step, restart } = useTraining(cells, playing)
  const play = (next: boolean): void => set({ play: next ? undefined : "0" }, { replace: true })
  const refused = refusals(training)
  return (
    <div class="page bandit">
      <h1>Bandit playground</h1>
      <div class="setting">
        <LossList
          losses={lossesOf(state)}
          problems={refused}
          onChange={(losses, typing) => set({ loss: losses.join("\n") }, { replace: typing })}
        />
        <Controls state={state} set={set} />
      </div>
      <div class="outcome">
        {problems.length > 0 && (
          <div role="alert" class="problems">
            <p>This setting cannot be trained:</p>
            <ul>
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </div>
        )}
        {training.failure !== undefined && <p role="alert">The training stopped: {training.failure}</p>}
        {mishaps(groupsOf(training)).map((text) => (
          <p key={text} role="alert" class="mishap">
            {text}
          </p>
        ))}
        {setting !== undefined && (
          <>
            <div class="bar">
              <Steering
                playing={playing}
                over={training.over}
                onPlay={play}
                onStep={() => {
                  play(false)
                  step()
                }}
                onReset={restart}
              />
              <Progress training={training} steps={setting.shared.steps} />
            </div>
            <Charts state={state} set={set} training={training} setting={setting} />
          </>
        )}
      </div>
    </div>
  )
}

export const banditView: View = { id: "bandit", title: "Bandit", Component: Playground }
