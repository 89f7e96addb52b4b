/** The lattice view: losses over M(w), M(l) in their order, to be searched, filtered and walked through. */

import { lattices } from "virtual:losslattice/lattices"
import { useCallback, useMemo } from "preact/hooks"
import { Filter, Search, SetChoice } from "../lattice/controls.tsx"
import { type LatticeDrawing, type LatticeEdge, type LatticeSet, latticeSets } from "../lattice/data.ts"
import { Diagram } from "../lattice/diagram.tsx"
import "../lattice/lattice.css"
import { opened, PathPanel, Selection } from "../lattice/panel.tsx"
import { findLosses, fulfils, readWishes, wishesText } from "../lattice/search.ts"
import { aroundAll, shortestPath } from "../lattice/walk.ts"
import { lookText, readLook } from "../lattice/zoom.ts"
import { ClassName, classLooks } from "../parts/looks.tsx"
import { goTo } from "../state.ts"
import type { View, ViewProps } from "../views.ts"

/** Places of the losses that a link names, and what is wrong with a link. */
const readState = (state: ViewProps["state"]) => {
  const problems: Array<string> = []
  const set = latticeSets.find((id) => id === (state.set ?? "sixteen"))
  if (set === undefined) problems.push(`set: expected one of ${latticeSets.join(", ")}, found “${state.set}”`)
  const drawing: LatticeDrawing = lattices[set ?? "sixteen"]
  const placeOf = (key: "at" | "from" | "to"): number | undefined => {
    const name = state[key]
    if (name === undefined || name === "") return undefined
    const place = drawing.nodes.findIndex(
      (node) => node.name === name || node.published.includes(name) || node.loss === name
    )
    if (place < 0) problems.push(`${key}: no loss of this set is called “${name}”`)
    return place < 0 ? undefined : place
  }
  const { wishes, unknown } = readWishes(state.has ?? "", drawing)
  for (const name of unknown) problems.push(`has: “${name}” is no exact property`)
  const look = readLook(state.view)
  if (state.view !== undefined && look === undefined) problems.push(`view: expected scale,x,y, found “${state.view}”`)
  const [at, from, to] = [placeOf("at"), placeOf("from"), placeOf("to")]
  return { set: set ?? ("sixteen" as LatticeSet), drawing, at, from, to, wishes, look, problems }
}

/** The loss that is selected where the link names none: CPO, which all three sets have. */
const usual = ({ nodes }: LatticeDrawing): number =>
  Math.max(
    0,
    nodes.findIndex(({ name }) => name === "CPO")
  )

const edgeKey = (a: number, b: number): string => (a < b ? `${a} ${b}` : `${b} ${a}`)

const Lattice = ({ state, set }: ViewProps) => {
  const { set: id, drawing, at, from, to, wishes, look, problems } = useMemo(() => readState(state), [state])
  const around = useMemo(() => aroundAll(drawing), [drawing])
  const selected = at ?? usual(drawing)
  const text = state.q ?? ""
  const found = useMemo(() => (text.trim() === "" ? undefined : findLosses(drawing, text)), [drawing, text])
  const path = useMemo(
    () => (from === undefined || to === undefined ? undefined : shortestPath(around, from, to)),
    [around, from, to]
  )
  const has = state.has ?? ""
  const dimmed = useMemo(() => {
    const hits = new Set(found?.places)
    // What a formula means is shown whatever its properties are.
    const isOut = (place: number): boolean =>
      hits.size > 0 && (found?.key !== undefined || !hits.has(place))
        ? !hits.has(place)
        : !fulfils(drawing, drawing.nodes[place]!, readWishes(has, drawing).wishes)
    return new Set(drawing.nodes.flatMap((_, place) => (isOut(place) ? [place] : [])))
  }, [drawing, found, has])
  const marked = useMemo(() => new Set(path ?? (found?.key === undefined ? [] : found.places)), [path, found])
  const lit = useMemo(() => {
    const onPath = new Set(path?.slice(1).map((place, i) => edgeKey(path[i]!, place)))
    return (edge: LatticeEdge): string =>
      onPath.has(edgeKey(edge.from, edge.to))
        ? "on-path"
        : edge.from === selected || edge.to === selected
          ? "near-selection"
          : ""
  }, [path, selected])
  const choose = useCallback(
    (place: number) => set({ at: drawing.nodes[place]!.name }, { replace: true }),
    [drawing, set]
  )
  const open = useCallback((place: number) => goTo("loss", { loss: opened(drawing.nodes[place]!) }), [drawing])
  const nameAt = (place: number | undefined): string | undefined =>
    place === undefined ? undefined : drawing.nodes[place]!.name
  const chooseSet = (next: LatticeSet): void =>
    set({ set: next, view: undefined, from: undefined, to: undefined, at: undefined })
  const count = drawing.nodes.filter((node) => fulfils(drawing, node, wishes)).length
  return (
    <div class="lattice">
      <div class="bar">
        <h1>Lattice</h1>
        <SetChoice set={id} onSet={chooseSet} />
        <Search
          text={text}
          found={found}
          drawing={drawing}
          set={id}
          onText={(next) => set({ q: next === "" ? undefined : next }, { replace: true })}
          onGo={choose}
          onAll={() => set({ set: "all", view: undefined })}
        />
        <Filter
          wishes={wishes}
          drawing={drawing}
          count={count}
          onWishes={(next) => set({ has: next.length === 0 ? undefined : wishesText(next) })}
        />
        {problems.map((problem) => (
          <p role="alert" key={problem}>
            {problem}
          </p>
        ))}
      </div>
      <div class="picture">
        <Diagram
          label={`${drawing.nodes.length} losses; arrow keys walk along covers, Enter opens a loss, + and - zoom, 0 shows all`}
          drawing={drawing}
          around={around}
          selected={selected}
          dimmed={dimmed}
          marked={marked}
          look={look}
          lit={lit}
          onLook={(next) => set({ view: next === undefined ? undefined : lookText(next) }, { replace: true })}
          onChoose={choose}
          onOpen={open}
        />
        <div class="legend">
          <span>up: less constrained, the loss never larger</span>
          {classLooks.map((one) => (
            <ClassName key={one.id} id={one.id} />
          ))}
        </div>
      </div>
      <aside class="beside" aria-label="Selected loss">
        <Selection
          drawing={drawing}
          around={around}
          selected={selected}
          onChoose={choose}
          onPath={(end) => set({ [end]: nameAt(selected) })}
        />
        <PathPanel
          drawing={drawing}
          path={path}
          from={from}
          to={to}
          onEnd={(end, place) => set({ [end]: nameAt(place) })}
          onChoose={choose}
        />
      </aside>
    </div>
  )
}

/** The view. */
export const latticeView: View = { id: "lattice", title: "Lattice", Component: Lattice }
