/** How two losses stand to each other, with the points that show it. */
import type { Comparison, ComparisonWitness } from "../../explain/comparison.ts"
import { linkOf } from "../link.ts"
import { witnessPoint } from "../loss/properties.tsx"
import type { Answer } from "../parts/explain/protocol.ts"
import { figure } from "../parts/map/numbers.tsx"
import type { Point } from "../parts/map/surface.ts"

const relations: Readonly<Record<string, string>> = {
  equal: "The two have the same ρ: one loss, link aside.",
  "A<=B": "ρ of A is at most ρ of B everywhere: A is the larger loss, for one decreasing link.",
  "B<=A": "ρ of B is at most ρ of A everywhere: B is the larger loss, for one decreasing link.",
  incomparable: "Neither is the larger everywhere: there are points either way.",
  undecided: "There is no exact decision."
}

const entailments: Readonly<Record<string, string>> = {
  "A⊑B": "A entails B.",
  "B⊑A": "B entails A.",
  both: "Each entails the other.",
  none: "Neither entails the other."
}

/** The probabilities of a witness, which come beside `rhoA`, `rhoB`, `exact`, `onSimplex`. */
const probabilities = (witness: ComparisonWitness): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(witness).filter(
      (entry): entry is [string, number] => /^[pr]_/.test(entry[0]) && typeof entry[1] === "number"
    )
  )

const WitnessButton = (props: { readonly witness: ComparisonWitness; readonly onPoint: (point: Point) => void }) => {
  const { witness, onPoint } = props
  const known = probabilities(witness)
  const point = witnessPoint({ point: known })
  const [a, b] = [Number(witness.rhoA), Number(witness.rhoB)]
  const where = Object.entries(known)
    .map(([name, value]) => `${name} = ${figure(value)}`)
    .join(", ")
  return (
    <li>
      {point === undefined ? (
        <span>{where}</span>
      ) : (
        <button type="button" onClick={() => onPoint(point)}>
          {where}
        </button>
      )}{" "}
      ρ<sub>A</sub> = {figure(a)} {a < b ? "<" : ">"} ρ<sub>B</sub> = {figure(b)}
      {witness.onSimplex === false && <small> (beyond the policies’ simplex)</small>}
    </li>
  )
}

const Found = ({
  comparison,
  onPoint
}: {
  readonly comparison: Comparison
  readonly onPoint: (point: Point) => void
}) => {
  const { dominance, entails, meet, join, sameLink, sameProbabilities, semantics } = comparison
  return (
    <>
      <p class="relation">{relations[dominance.verdict]}</p>
      <p>
        {entailments[entails]}
        {dominance.onSimplex !== undefined && dominance.onSimplex !== dominance.verdict && (
          <> On the policies’ simplex alone: {dominance.onSimplex.replaceAll("<=", " ≤ ")}.</>
        )}
        {!sameLink && " Their links differ, so that the losses can differ where ρ agrees."}
        {!sameProbabilities && " One reads per-token means, the other whole answers."}
        {semantics === "relative" && " Both are read relatively."}
        {dominance.reason !== undefined && ` (${dominance.reason})`}
      </p>
      {dominance.witnesses !== undefined && (
        <>
          <h3>Points that show it</h3>
          <ul class="witnesses">
            {dominance.witnesses.map((witness) => (
              <WitnessButton key={JSON.stringify(witness)} witness={witness} onPoint={onPoint} />
            ))}
          </ul>
        </>
      )}
      {dominance.certificate !== undefined && (
        <details>
          <summary>Certificate</summary>
          <p>
            <code>{dominance.certificate}</code>
          </p>
        </details>
      )}
      {meet !== null && join !== null && (
        <p class="soft">
          Meet <a href={linkOf("loss", { loss: meet })}>{meet}</a>, join{" "}
          <a href={linkOf("loss", { loss: join })}>{join}</a>
        </p>
      )}
    </>
  )
}

/** The verdict, once the worker has decided. */
export const Verdict = ({
  answer,
  onPoint
}: {
  readonly answer: Answer | undefined
  readonly onPoint: (point: Point) => void
}) => (
  <section class="comparison-verdict" aria-labelledby="verdict-heading" aria-busy={answer === undefined}>
    <h2 id="verdict-heading">Verdict</h2>
    {answer === undefined && <p class="soft">deciding…</p>}
    {answer?.kind === "failure" && <p class="soft">No exact comparison: {answer.failure}</p>}
    {answer?.kind === "compare" && <Found comparison={answer.comparison} onPoint={onPoint} />}
  </section>
)
