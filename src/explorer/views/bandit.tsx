/** The bandit playground: a setting trained in the page, live. Everything about it is in the link. */
import * as Result from "effect/Result"
import { useMemo } from "preact/hooks"
import "../bandit/bandit.css"
import { Arms } from "../bandit/armsSection.tsx"
import { Controls } from "../bandit/controls.tsx"
import { Curves, chartColumns, groupsOf } from "../bandit/curvesSection.tsx"
import { LossList } from "../bandit/lossList.tsx"
import { lookedAt } from "../bandit/moment.ts"
import { Results } from "../bandit/results.tsx"
import { cellsOf, lossesOf, lossLines, readSetting } from "../bandit/settings.ts"
import { useLater } from "../bandit/useLater.ts"
import { type Training, useTraining } from "../bandit/useTraining.ts"
import type { View, ViewProps } from "../views.ts"

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

/** What came of a training that is over. */
const endText = ({ cells }: Training, steps: number): string => {
  if (cells.every(({ refused }) => refused !== undefined)) return "Nothing could be trained."
  const seconds = cells.reduce((sum, cell) => sum + (cell.seconds ?? 0), 0)
  const made = cells.reduce((sum, cell) => sum + (cell.rows.at(-1)?.step ?? 0), 0)
  const speed = made > 0 && seconds > 0 ? `, ${Math.round(made / seconds).toLocaleString("en")} steps a second` : ""
  return `Trained ${steps} steps${speed}`
}

const Progress = ({ training, steps }: { training: Training; steps: number }) => {
  const open = training.cells.filter(({ refused, divergence }) => refused === undefined && divergence === undefined)
  const done = open.length === 0 ? 0 : Math.min(...open.map(({ rows }) => rows.at(-1)?.step ?? 0))
  return (
    <div class="progress">
      <progress max={Math.max(1, steps)} value={done} aria-label="Steps made" />
      <span role="status" data-over={training.over}>
        {training.over ? (
          endText(training, steps)
        ) : (
          <span aria-hidden="true">
            Step {done} of {steps}
          </span>
        )}
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

const Playground = ({ state, set }: ViewProps) => {
  const read = useMemo(() => readSetting(state), [state])
  const setting = Result.isSuccess(read) ? read.success : undefined
  const problems = Result.isFailure(read) ? read.failure : []
  const cells = useMemo(() => (setting === undefined ? undefined : cellsOf(setting)), [setting])
  const playing = state.play !== "0"
  const { training, step, restart } = useTraining(cells, playing)
  const play = (next: boolean): void => set({ play: next ? undefined : "0" }, { replace: true })
  const refused = refusals(training)
  const settled = useLater(true)
  const drawn = useLater(training.cells.some(({ rows }) => rows.length > 0))
  return (
    <div class="page bandit">
      <h1>Bandit playground</h1>
      <div class="setting">
        <LossList
          lines={lossLines(state)}
          losses={lossesOf(state)}
          problems={refused}
          onChange={(losses, typing) => set({ loss: losses.join("\n") }, { replace: typing })}
        />
        {settled && <Controls state={state} set={set} />}
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
            <div class="train-bar">
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
            <Curves state={state} set={set} training={training} setting={setting} />
            {drawn && <Arms state={state} set={set} training={training} setting={setting} />}
            {drawn && (
              <Results
                setting={setting}
                cells={training.cells}
                columns={chartColumns(state, training).shown}
                at={lookedAt(state, setting.shared.steps)}
              />
            )}
          </>
        )}
      </div>
    </div>
  )
}

export const banditView: View = { id: "bandit", title: "Bandit", Component: Playground }
