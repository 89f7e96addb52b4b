/** The exact properties of a loss, each with what proves it or the point that refutes it. */
import { type ExactPropertyName, exactPropertyNames, exactPropertyTable } from "../../landscape/exactProperties.ts"
import { type Witness, witnessText } from "../../landscape/verdict.ts"
import type { Answer } from "../parts/explain/protocol.ts"
import type { Point } from "../parts/map/surface.ts"

const signs: Readonly<Record<string, string>> = { proved: "✓", refuted: "✗", undecided: "?" }
const words: Readonly<Record<string, string>> = {
  "not-applicable": "does not apply",
  "not-run": "no exact decision"
}

/** The point of the map where a witness is; undefined for one that speaks of other probabilities. */
export const witnessPoint = ({ point }: Pick<Witness, "point">): Point | undefined => {
  const { p_w, p_l } = point
  return p_w !== undefined && p_l !== undefined && p_w > 0 && p_l > 0
    ? { lw: Math.log(p_w), ll: Math.log(p_l) }
    : undefined
}

interface RowProps {
  readonly name: ExactPropertyName
  readonly verdict: string
  readonly value: string | undefined
  readonly proof: string | undefined
  readonly witness: Witness | undefined
  readonly onPoint: (point: Point) => void
}

const PropertyRow = ({ name, verdict, value, proof, witness, onPoint }: RowProps) => {
  const { statement } = exactPropertyTable[name]
  const point = witness === undefined ? undefined : witnessPoint(witness)
  return (
    <li class={`property ${verdict}`}>
      <details>
        <summary>
          <span class="sign" aria-hidden="true">
            {signs[verdict] ?? "·"}
          </span>
          {name}
          <span class="verdict">{words[verdict] ?? verdict}</span>
          {value !== undefined && <span class="value">{value.length > 60 ? `${value.slice(0, 59)}…` : value}</span>}
        </summary>
        <p>{statement}.</p>
        {proof !== undefined && (
          <p>
            Certificate: <code>{proof.length > 900 ? `${proof.slice(0, 899)}…` : proof}</code>
          </p>
        )}
        {witness !== undefined && (
          <p>
            Counterexample: <code>{witnessText(witness)}</code>
            {!witness.onSimplex && " (beyond the policies’ simplex)"}{" "}
            {point !== undefined && (
              <button type="button" onClick={() => onPoint(point)}>
                Show on the map
              </button>
            )}
          </p>
        )}
      </details>
    </li>
  )
}

interface PropertiesProps {
  readonly answer: Answer | undefined
  readonly onPoint: (point: Point) => void
}

/** The list, once the worker has decided. */
export const Properties = ({ answer, onPoint }: PropertiesProps) => {
  const explained = answer?.kind === "explain" && answer.explanation.expressible ? answer.explanation : undefined
  return (
    <section aria-labelledby="properties-heading" aria-busy={answer === undefined}>
      <h2 id="properties-heading">Exact properties</h2>
      {answer === undefined && <p class="soft">deciding…</p>}
      {answer?.kind === "failure" && <p role="alert">{answer.failure}</p>}
      {answer?.kind === "explain" && explained === undefined && (
        <p class="soft">Exact decisions need one structure; `losslattice validate` tries the others.</p>
      )}
      {explained !== undefined && (
        <ul class="properties">
          {exactPropertyNames.map((name) => (
            <PropertyRow
              key={name}
              name={name}
              verdict={explained.properties[name] ?? "not-run"}
              value={explained.answers[name]}
              proof={answer?.kind === "explain" ? answer.proofs[name] : undefined}
              witness={explained.evidence?.[name]?.witness}
              onPoint={onPoint}
            />
          ))}
        </ul>
      )}
    </section>
  )
}
