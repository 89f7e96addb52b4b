/** A run at a glance: question, limits, what is wrong, stages with their failures. */
import type { RunDocument, StageSummary } from "../../rundata/format.ts"

const seconds = (value: number | null): string =>
  value === null ? "" : `${value < 10 ? value.toFixed(1) : Math.round(value)} s`

const Stages = ({ stages }: { stages: ReadonlyArray<StageSummary> }) => (
  <table class="stages">
    <caption>Stages</caption>
    <thead>
      <tr>
        <th scope="col">stage</th>
        <th scope="col">status</th>
        <th scope="col" class="number">
          cells
        </th>
        <th scope="col" class="number">
          time
        </th>
      </tr>
    </thead>
    <tbody>
      {stages.map(({ id, status, cells, seconds: time }) => (
        <tr key={id}>
          <th scope="row">{id}</th>
          <td>{status}</td>
          <td class="number">{cells.total === 0 ? "" : cells.total}</td>
          <td class="number">{seconds(time)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

const Failures = ({ stages }: { stages: ReadonlyArray<StageSummary> }) => {
  const failures = stages.flatMap((stage) => stage.failures.map((failure) => ({ ...failure, stage: stage.id })))
  if (failures.length === 0) return null
  return (
    <>
      <h3>What failed</h3>
      <ul>
        {failures.map(({ id, stage, error }) => (
          <li key={`${stage} ${id}`}>
            <code>{id}</code>: {error}
          </li>
        ))}
      </ul>
    </>
  )
}

const factNames = ["started", "finished", "host", "node", "commit", "profile"] as const

const Facts = ({ manifest }: Pick<RunDocument, "manifest">) => {
  const fields =
    typeof manifest === "object" && manifest !== null ? (manifest as Readonly<Record<string, unknown>>) : {}
  const facts = factNames.filter((name) => typeof fields[name] === "string")
  return (
    <dl class="run-facts">
      {facts.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{String(fields[name])}</dd>
        </div>
      ))}
      {Array.isArray(fields.seeds) && (
        <div>
          <dt>seeds</dt>
          <dd>{fields.seeds.join(", ")}</dd>
        </div>
      )}
    </dl>
  )
}

export const Overview = ({ run }: { run: RunDocument }) => (
  <>
    {run.question !== undefined && <p class="question">{run.question}</p>}
    {run.limits.length > 0 && (
      <>
        <h3>What it cannot show</h3>
        <ul>
          {run.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </>
    )}
    <Failures stages={run.stages} />
    {run.stages.length > 0 && <Stages stages={run.stages} />}
    <Facts manifest={run.manifest} />
  </>
)
