/** The run browser: runs beside the page and folders that the reader opens. */
import { useState } from "preact/hooks"
import type { View, ViewProps } from "../views.ts"
import "../runBrowser/runBrowser.css"
import { RunPage } from "../runBrowser/runPage.tsx"
import { forgotten } from "../runBrowser/selection.ts"
import { openedRuns, type RunSource, suppliedRuns } from "../runBrowser/source.ts"

/** Folders that were opened stay while the page does; a link cannot hold them. */
let opened: ReadonlyArray<RunSource> = []

const supplied = suppliedRuns()

const OpenFolder = ({ onOpened }: { onOpened: (problem: string | undefined, first?: RunSource) => void }) => (
  <label class="open-folder">
    <span>Open run folder…</span>
    <input
      type="file"
      multiple
      {...{ webkitdirectory: true }}
      onChange={async ({ currentTarget }) => {
        const files = [...(currentTarget.files ?? [])]
        currentTarget.value = ""
        if (files.length === 0) return
        try {
          const runs = await openedRuns(files)
          opened = [...runs, ...opened.filter((old) => !runs.some(({ entry }) => entry.id === old.entry.id))]
          const folder = files[0]?.webkitRelativePath.split("/")[0]
          onOpened(
            runs.length === 0 ? `There is no run in ${folder}: a run folder has a manifest.json.` : undefined,
            runs[0]
          )
        } catch (error) {
          onOpened(`The folder cannot be read: ${error instanceof Error ? error.message : String(error)}`)
        }
      }}
    />
  </label>
)

const Entry = (props: ViewProps & { source: RunSource; current: boolean }) => {
  const { entry } = props.source
  return (
    <li>
      <button
        type="button"
        aria-current={props.current ? "true" : undefined}
        onClick={() => props.set({ ...forgotten(props.state), table: undefined, part: undefined, run: entry.id })}
      >
        <strong>{entry.title}</strong>
        <code>{entry.id}</code>
        <span>{entry.status}</span>
        {entry.problem !== undefined && <span class="warning">{entry.problem}</span>}
      </button>
    </li>
  )
}

const Runs = ({ state, set }: ViewProps) => {
  const [problem, setProblem] = useState<string>()
  const [search, setSearch] = useState("")
  const sources = [...opened, ...supplied.filter(({ entry }) => !opened.some((own) => own.entry.id === entry.id))]
  const current = state.run === undefined ? sources[0] : sources.find(({ entry }) => entry.id === state.run)
  const words = search.trim().toLowerCase()
  const listed = sources.filter(({ entry }) =>
    `${entry.title} ${entry.id} ${entry.status}`.toLowerCase().includes(words)
  )
  return (
    <div class="page runs">
      <h1>Runs</h1>
      <nav class="run-list" aria-label="Runs">
        <OpenFolder
          onOpened={(wrong, first) => {
            setProblem(wrong)
            if (first !== undefined)
              set({ ...forgotten(state), table: undefined, part: undefined, run: first.entry.id })
          }}
        />
        {problem !== undefined && (
          <p role="alert" class="warning">
            {problem}
          </p>
        )}
        {sources.length > 5 && (
          <label>
            Search runs <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
          </label>
        )}
        <ul>
          {listed.map((source) => (
            <Entry key={source.key} state={state} set={set} source={source} current={source === current} />
          ))}
        </ul>
      </nav>
      <div class="run">
        {current !== undefined ? (
          <RunPage key={current.key} state={state} set={set} source={current} />
        ) : state.run !== undefined ? (
          <p role="alert" class="warning">
            The run {state.run} is not here: this page was written without it. Open its folder to see it.
          </p>
        ) : (
          <p>
            No run is here yet. Open a run folder, or start the page with <code>losslattice explore RUN</code>.
          </p>
        )}
      </div>
    </div>
  )
}

export const runsView: View = { id: "runs", title: "Runs", Component: Runs }
