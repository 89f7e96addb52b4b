/** What is known of a loss: formula, logic, truth table, place in the lattice, losses of the same ρ. At once, without the worker. */
import { lattices } from "virtual:losslattice/lattices"
import * as Result from "effect/Result"
import { useMemo } from "preact/hooks"
import { lossKey } from "../../derive/published.ts"
import type { Explanation } from "../../explain/explanation.ts"
import { logicText } from "../../explain/explanation.ts"
import { hasRho } from "../../landscape/limits.ts"
import { NAMED } from "../../logic/lattice.ts"
import { parseFormula } from "../../logic/parse.ts"
import { formulaLatex } from "../../logic/print.ts"
import { rationalText } from "../../logic/rational.ts"
import { rowName } from "../../logic/rows.ts"
import type { WeightedStructure } from "../../logic/structure.ts"
import { structureSpec } from "../../logic/structureText.ts"
import type { Loss } from "../../loss/loss.ts"
import { opened } from "../lattice/panel.tsx"
import { aroundAll } from "../lattice/walk.ts"
import { linkOf } from "../link.ts"
import { Formula } from "../parts/formula.tsx"
import { TruthTable } from "../parts/truthTable.tsx"

const latexOf = (formula: string): string => {
  const parsed = parseFormula(formula)
  return Result.isSuccess(parsed) ? formulaLatex(parsed.success) : `\\texttt{${formula}}`
}

/** The triple of a structure, its ratio, and the structure itself. */
const Logic = ({ loss }: { readonly loss: Loss }) => {
  const structure = loss.structure!
  const logic = useMemo(() => logicText(structure, loss), [loss])
  return (
    <section aria-labelledby="logic-heading">
      <h2 id="logic-heading">As logic</h2>
      <dl class="facts">
        <dt>core</dt>
        <dd>
          <Formula latex={latexOf(logic.core)} />
        </dd>
        <dt>given</dt>
        <dd>
          <Formula latex={latexOf(logic.conditioning)} />
        </dd>
        <dt>both</dt>
        <dd>
          <Formula latex={latexOf(logic.additive)} />
        </dd>
        <dt>ratio</dt>
        <dd>
          <code>
            ({logic.ratio.numerator}) / ({logic.ratio.denominator})
          </code>
        </dd>
        <dt>structure</dt>
        <dd>
          <code>{structureSpec(structure)}</code>
          {loss.semantics === "relative" && <span class="soft"> read relatively: M(x) weighs (p_x, r_x)</span>}
        </dd>
      </dl>
      <TruthTable propositions={logic.propositions} ticks={logic.ticks} crosses={logic.crosses} />
    </section>
  )
}

const Weights = ({ weighted }: { readonly weighted: WeightedStructure }) => {
  const n = weighted.propositions.length
  const rows = [...new Set([...weighted.ticks.keys(), ...weighted.crosses.keys()])].sort((a, b) => b - a)
  const weight = (side: WeightedStructure["ticks"], row: number): string => {
    const found = side.get(row)
    return found === undefined ? "" : rationalText(found)
  }
  return (
    <section aria-labelledby="weights-heading">
      <h2 id="weights-heading">As logic with weights</h2>
      <table class="truth-table">
        <thead>
          <tr>
            {weighted.propositions.map((proposition) => (
              <th scope="col" key={proposition}>
                {proposition}
              </th>
            ))}
            <th scope="col">for</th>
            <th scope="col">against</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              {[...rowName(row, n)].map((letter, k) => (
                <td key={weighted.propositions[k]}>{letter}</td>
              ))}
              <td>{weight(weighted.ticks, row)}</td>
              <td>{weight(weighted.crosses, row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Links to losses. */
const LossLinks = ({ losses }: { readonly losses: ReadonlyArray<readonly [string, string]> }) => (
  <>
    {losses.length === 0
      ? "none"
      : losses.map(([text, name], i) => (
          <>
            {i > 0 && ", "}
            <a key={text} href={linkOf("loss", { loss: text })}>
              {name}
            </a>
          </>
        ))}
  </>
)

/** Covers in the order of all losses over M(w), M(l), for losses that are one of them. */
const latticePlace = (loss: Loss) => {
  const { structure, semantics, oddsBeta } = loss
  if (structure === undefined || !hasRho(structure) || semantics !== "absolute" || oddsBeta !== 1) return undefined
  const key = lossKey(structure)
  const drawing = lattices.all
  const place = drawing.nodes.findIndex((node) => node.key === key)
  if (place < 0) return undefined
  const { above, below } = aroundAll(drawing)[place]!
  const named = (places: ReadonlyArray<number>) =>
    places.map((one) => [opened(drawing.nodes[one]!), drawing.nodes[one]!.name] as const)
  return { name: drawing.nodes[place]!.name, above: named(above), below: named(below) }
}

/** One of the sixteen by its name, with or without a reference, as a LOSS text. */
const sixteenText = (name: string): string => {
  const id = NAMED.find((entry) => entry.name === name.replace(/ with reference$/, ""))?.id ?? name
  return name.endsWith(" with reference") ? `${id}?reference=true` : id
}

const sixteenLinks = (names: ReadonlyArray<string>) => names.map((name) => [sixteenText(name), name] as const)

const Place = ({ loss, explanation }: { readonly loss: Loss; readonly explanation: Explanation | undefined }) => {
  const place = useMemo(() => latticePlace(loss), [loss])
  const expressed = explanation?.expressible ? explanation : undefined
  const neighbours = place === undefined ? expressed?.neighbours : undefined
  return (
    <section aria-labelledby="place-heading">
      <h2 id="place-heading">Among the others</h2>
      <dl class="facts">
        <dt title="The same ratio of counts, exactly; the link that makes it a loss may be another">same ρ as</dt>
        <dd>
          {expressed === undefined ? (
            <span class="soft">…</span>
          ) : (
            <LossLinks losses={expressed.sameLossAs.map((id) => [id, id])} />
          )}
        </dd>
        {place !== undefined && (
          <>
            <dt>in the lattice</dt>
            <dd>
              <a href={linkOf("lattice", { set: "all", at: place.name })}>{place.name}</a>
            </dd>
            <dt>less constrained</dt>
            <dd>
              <LossLinks losses={place.above} />
            </dd>
            <dt>more constrained</dt>
            <dd>
              <LossLinks losses={place.below} />
            </dd>
          </>
        )}
        {neighbours !== undefined && (
          <>
            <dt>in the lattice</dt>
            <dd>
              <LossLinks losses={sixteenLinks([neighbours.name])} />
            </dd>
            <dt>less constrained</dt>
            <dd>
              <LossLinks losses={sixteenLinks(neighbours.lessConstrained)} />
            </dd>
            <dt>more constrained</dt>
            <dd>
              <LossLinks losses={sixteenLinks(neighbours.moreConstrained)} />
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}

/** Why a loss is no structure. */
const Refusal = ({ loss, explanation }: { readonly loss: Loss; readonly explanation: Explanation | undefined }) => (
  <section aria-labelledby="refusal-heading">
    <h2 id="refusal-heading">Not one structure</h2>
    <p>
      {explanation !== undefined && !explanation.expressible
        ? explanation.reason
        : (loss.refusal ?? "rows carry weights other than 0 and 1")}
      .
    </p>
  </section>
)

/** All facts. `explanation`: what the worker found, when it has. */
export const Facts = ({
  loss,
  explanation
}: {
  readonly loss: Loss
  readonly explanation: Explanation | undefined
}) => (
  <>
    {loss.structure === undefined ? <Refusal loss={loss} explanation={explanation} /> : <Logic loss={loss} />}
    {loss.weighted !== undefined && <Weights weighted={loss.weighted} />}
    {loss.structure !== undefined && <Place loss={loss} explanation={explanation} />}
  </>
)
