/** One run: its parts as tabs of the page. */
import type { RunDocument } from "../../rundata/format.ts"
import type { ViewProps } from "../views.ts"
import { CurvesView } from "./curvesView.tsx"
import { type Loaded, useLoaded } from "./loaded.ts"
import { Overview } from "./overview.tsx"
import { strangers, tableOf } from "./selection.ts"
import type { RunSource } from "./source.ts"
import type { LoadedTable } from "./table.ts"
import { ActiveFilters, TablePicker } from "./tablePicker.tsx"
import { TableView } from "./tableView.tsx"
import { type Finding, type FindingTable, findingsOf, findingTables } from "./verdicts.ts"

interface PartProps extends ViewProps {
  readonly run: RunDocument
  readonly source: RunSource
}

const Waiting = ({ loaded, what }: { loaded: Loaded<unknown>; what: string }) =>
  loaded.is === "failed" ? (
    <p role="alert" class="warning">
      {what}: {loaded.reason}
    </p>
  ) : (
    <p role="status">Loading {what} …</p>
  )

const useTable = (source: RunSource, name: string): Loaded<LoadedTable> =>
  useLoaded(JSON.stringify([source.key, name]), () => source.table(name))

const WithTable = (props: PartProps & { view: typeof TableView | typeof CurvesView }) => {
  const { state, set, run, source, view: View } = props
  const summary = tableOf(state, run.tables)
  const loaded = useTable(source, summary?.name ?? "")
  if (summary === undefined) return <p>This run has no records.</p>
  return (
    <>
      <TablePicker state={state} set={set} tables={run.tables} table={summary} />
      {strangers(state, run.tables).map((text) => (
        <p key={text} role="alert" class="warning">
          {text}
        </p>
      ))}
      <ActiveFilters state={state} set={set} table={summary} />
      {loaded.is === "there" ? (
        <View state={state} set={set} summary={summary} table={loaded.value} />
      ) : (
        <Waiting loaded={loaded} what={`the table ${summary.name}`} />
      )}
    </>
  )
}

/** Findings listed at once; the table has all. */
const mostFindings = 300

const FindingItem = ({ finding }: { finding: Finding }) => (
  <li class={`finding ${finding.standing}`}>
    <strong>{finding.verdict}</strong> {finding.says}
    {finding.details.length > 0 && (
      <ul>
        {finding.details.map((detail, i) => (
          <li key={i}>{detail}</li>
        ))}
      </ul>
    )}
  </li>
)

const Findings = ({ source, name }: { source: RunSource; name: FindingTable }) => {
  const loaded = useTable(source, name)
  const { title } = findingTables[name]
  if (loaded.is !== "there") return <Waiting loaded={loaded} what={title.toLowerCase()} />
  const findings = findingsOf(name, loaded.value)
  const count = (standing: Finding["standing"]) => findings.filter((finding) => finding.standing === standing).length
  const heads = name === "claims" ? ["Do not stand", "Stand"] : ["Refuted", "Confirmed"]
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <p>
        {heads[0]}: {count("against")}. Open: {count("open")}. {heads[1]}: {count("for")}.
      </p>
      <ul class="findings">
        {findings.slice(0, mostFindings).map((finding, i) => (
          <FindingItem key={i} finding={finding} />
        ))}
      </ul>
      {findings.length > mostFindings && (
        <p>
          And {findings.length - mostFindings} more in the table {name}.
        </p>
      )}
    </section>
  )
}

const Verdicts = ({ run, source }: PartProps) => {
  const names = (Object.keys(findingTables) as ReadonlyArray<FindingTable>).filter((name) =>
    run.tables.some((table) => table.name === name && table.rows > 0)
  )
  if (names.length === 0) return <p>This run has no claims, no properties and no predictions.</p>
  return (
    <>
      {names.map((name) => (
        <Findings key={name} source={source} name={name} />
      ))}
    </>
  )
}

const Figures = ({ run, source }: PartProps) =>
  run.figures.length === 0 ? (
    <p>This run has no figures.</p>
  ) : (
    <div class="run-figures">
      {run.figures.map(({ id, caption, image }) => (
        <figure key={id} class="run-figure">
          <img src={source.address(image)} alt={caption} loading="lazy" />
          <figcaption>{caption}</figcaption>
        </figure>
      ))}
    </div>
  )

const Sources = ({ run }: PartProps) => (
  <>
    <h3>config.yaml</h3>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
    <pre tabIndex={0}>{run.config ?? "There is none."}</pre>
    <h3>manifest.json</h3>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
    <pre tabIndex={0}>{run.manifest === null ? "It cannot be read." : JSON.stringify(run.manifest, null, 2)}</pre>
  </>
)

const parts = {
  overview: { title: "Overview", Part: ({ run }: PartProps) => <Overview run={run} /> },
  verdicts: { title: "Verdicts", Part: Verdicts },
  tables: { title: "Tables", Part: (props: PartProps) => <WithTable {...props} view={TableView} /> },
  curves: { title: "Curves", Part: (props: PartProps) => <WithTable {...props} view={CurvesView} /> },
  figures: { title: "Figures", Part: Figures },
  sources: { title: "Configuration and manifest", Part: Sources }
} as const
type PartName = keyof typeof parts

const isPart = (name: string | undefined): name is PartName => name !== undefined && Object.hasOwn(parts, name)

/** What a page can say of a status; others stand for themselves. */
const statusWords: Readonly<Record<string, string>> = {
  running: "running, or ended without a word (losslattice status knows)",
  unknown: "of unknown status"
}

export const RunPage = ({ state, set, source }: ViewProps & { source: RunSource }) => {
  const loaded = useLoaded(source.key, source.document)
  if (loaded.is !== "there") return <Waiting loaded={loaded} what={`the run ${source.entry.id}`} />
  const run = loaded.value
  const current: PartName = isPart(state.part) ? state.part : "overview"
  const { Part } = parts[current]
  return (
    <article class="run-page">
      <h2>{run.title}</h2>
      <p>
        <code>{run.id}</code>, {statusWords[run.status] ?? run.status}
        {run.report && (
          <>
            ,{" "}
            <a href={source.address("report.html")} target="_blank" rel="noopener">
              report
            </a>
          </>
        )}
      </p>
      {run.problems.length > 0 && (
        <div role="alert" class="warning">
          <p>This run folder is not whole; what can be read of it is shown.</p>
          <ul>
            {run.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      <nav class="parts" aria-label="Parts of the run">
        {(Object.keys(parts) as ReadonlyArray<PartName>).map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === current ? "page" : undefined}
            onClick={() => set({ part: name === "overview" ? undefined : name })}
          >
            {parts[name].title}
          </button>
        ))}
      </nav>
      {state.part !== undefined && !isPart(state.part) && (
        <p role="alert" class="warning">
          The link names the part {state.part}, which runs do not have.
        </p>
      )}
      <Part state={state} set={set} run={run} source={source} />
    </article>
  )
}
