/** What is beside the diagram: the loss that is selected, and the path between two. */

import * as Result from "effect/Result"
import { parseFormula } from "../../logic/parse.ts"
import { formulaLatex } from "../../logic/print.ts"
import { linkOf } from "../link.ts"
import { Formula } from "../parts/formula.tsx"
import { ClassName } from "../parts/looks.tsx"
import { TruthTable } from "../parts/truthTable.tsx"
import type { LatticeDrawing, LatticeNode } from "./data.ts"
import type { Around } from "./walk.ts"

/** The LOSS text under which a loss of a lattice is opened: its published name where it has one. */
export const opened = ({ published, loss }: LatticeNode): string => published[0] ?? loss

const Logic = ({ formula }: { readonly formula: string }) => {
  const parsed = parseFormula(formula)
  return Result.isSuccess(parsed) ? <Formula latex={formulaLatex(parsed.success)} /> : <code>{formula}</code>
}

const NeighbourList = (props: {
  readonly title: string
  readonly places: ReadonlyArray<number>
  readonly drawing: LatticeDrawing
  readonly onChoose: (place: number) => void
}) => (
  <>
    <dt>{props.title}</dt>
    <dd class="neighbours">
      {props.places.length === 0
        ? "none"
        : props.places.map((place) => (
            <button type="button" class="quiet" key={place} onClick={() => props.onChoose(place)}>
              {props.drawing.nodes[place]!.name}
            </button>
          ))}
    </dd>
  </>
)

interface SelectionProps {
  readonly drawing: LatticeDrawing
  readonly around: ReadonlyArray<Around>
  readonly selected: number
  readonly onChoose: (place: number) => void
  readonly onPath: (end: "from" | "to") => void
}

/** The selected loss: formula, class, truth table, properties, neighbours. */
export const Selection = ({ drawing, around, selected, onChoose, onPath }: SelectionProps) => {
  const node = drawing.nodes[selected]!
  const has = drawing.properties.filter((_, k) => node.verdicts[k] === "p")
  return (
    <section class="selection" aria-labelledby="selected-name">
      <h2 id="selected-name">{node.name}</h2>
      {node.published.length > 0 && <p class="soft">published as {node.published.join(", ")}</p>}
      <p>
        <a class="button" href={linkOf("loss", { loss: opened(node) })}>
          Open its page
        </a>{" "}
        <a href={linkOf("compare", { loss: opened(node) })}>Compare</a>
      </p>
      <dl>
        <dt>core</dt>
        <dd>
          <Logic formula={node.core} />
        </dd>
        {node.given !== "true" && (
          <>
            <dt>given</dt>
            <dd>
              <Logic formula={node.given} />
            </dd>
          </>
        )}
        {node.both !== "false" && (
          <>
            <dt>both</dt>
            <dd>
              <Logic formula={node.both} />
            </dd>
          </>
        )}
        <dt>class</dt>
        <dd>
          <ClassName id={node.vanishing} />
        </dd>
        <NeighbourList
          title="less constrained"
          places={around[selected]!.above}
          drawing={drawing}
          onChoose={onChoose}
        />
        <NeighbourList
          title="more constrained"
          places={around[selected]!.below}
          drawing={drawing}
          onChoose={onChoose}
        />
        <dt>proved</dt>
        <dd>{has.length === 0 ? "none of the properties" : has.join(", ")}</dd>
      </dl>
      <TruthTable propositions={["M(w)", "M(l)"]} ticks={node.ticks} crosses={node.crosses} />
      <p class="path-ends">
        <button type="button" onClick={() => onPath("from")}>
          Path from here
        </button>
        <button type="button" onClick={() => onPath("to")}>
          Path to here
        </button>
      </p>
    </section>
  )
}

const mark = ({ ticks, crosses }: LatticeNode, row: string): string => {
  const [tick, cross] = [ticks.includes(row), crosses.includes(row)]
  return tick ? (cross ? "both" : "tick") : cross ? "cross" : "none"
}

/** What changes in the truth table from one loss to the next: `FF tick → both`. */
const changes = (from: LatticeNode, to: LatticeNode): string =>
  ["TT", "TF", "FT", "FF"]
    .filter((row) => mark(from, row) !== mark(to, row))
    .map((row) => `${row} ${mark(from, row)} → ${mark(to, row)}`)
    .join(", ")

interface PathProps {
  readonly drawing: LatticeDrawing
  readonly path: ReadonlyArray<number> | undefined
  readonly from: number | undefined
  readonly to: number | undefined
  readonly onEnd: (end: "from" | "to", place: number | undefined) => void
  readonly onChoose: (place: number) => void
}

/** Two losses to choose, and the shortest way along covers between them, step by step. */
export const PathPanel = ({ drawing, path, from, to, onEnd, onChoose }: PathProps) => {
  const names = drawing.nodes
    .map(({ name }, place) => ({ name, place }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"))
  const end = (which: "from" | "to", value: number | undefined) => (
    <label>
      {which}{" "}
      <select
        value={value === undefined ? "" : String(value)}
        onChange={({ currentTarget }) =>
          onEnd(which, currentTarget.value === "" ? undefined : Number(currentTarget.value))
        }
      >
        <option value="">—</option>
        {names.map(({ name, place }) => (
          <option key={place} value={String(place)}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <section class="path" aria-label="Path">
      <h2>Path between two losses</h2>
      <p class="path-choice">
        {end("from", from)} {end("to", to)}
      </p>
      {from !== undefined && to !== undefined && path === undefined && (
        <p role="status">No covers lead from one to the other.</p>
      )}
      {path !== undefined && (
        <>
          <p role="status">
            {path.length - 1} {path.length === 2 ? "step" : "steps"}
          </p>
          <ol>
            {path.map((place, i) => {
              const node = drawing.nodes[place]!
              const before = i === 0 ? undefined : drawing.nodes[path[i - 1]!]!
              return (
                <li key={place}>
                  {before !== undefined && (before.y > node.y ? "↑ " : "↓ ")}
                  <button type="button" class="quiet" onClick={() => onChoose(place)}>
                    {node.name}
                  </button>
                  {before !== undefined && <small> {changes(before, node)}</small>}
                </li>
              )
            })}
          </ol>
        </>
      )}
    </section>
  )
}
