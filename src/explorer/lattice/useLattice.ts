/** The lattice view's state: what its link names, and what follows from it. */

import { lattices } from "virtual:losslattice/lattices"
import { useMemo } from "preact/hooks"
import type { LinkState } from "../link.ts"
import { type LatticeDrawing, type LatticeEdge, type LatticeSet, latticeSets } from "./data.ts"
import { type Found, findLosses, fulfils, readWishes } from "./search.ts"
import { aroundAll, shortestPath } from "./walk.ts"
import { readLook } from "./zoom.ts"

/** Places of the losses that a link names, and what is wrong with a link. */
const readState = (state: LinkState) => {
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

/** The losses that the search or the wishes leave out; what a formula means is shown whatever its properties are. */
const dimmedPlaces = (drawing: LatticeDrawing, found: Found | undefined, has: string): ReadonlySet<number> => {
  const hits = new Set(found?.places)
  const { wishes } = readWishes(has, drawing)
  const isOut = (place: number): boolean => {
    if (hits.size > 0 && !hits.has(place)) return true
    return found?.key === undefined || hits.size === 0 ? !fulfils(drawing, drawing.nodes[place]!, wishes) : false
  }
  return new Set(drawing.nodes.flatMap((_, place) => (isOut(place) ? [place] : [])))
}

/** How a cover is drawn: on the path, at the selected loss, or as the others. */
const edgeClass = (path: ReadonlyArray<number> | undefined, selected: number) => {
  const onPath = new Set(path?.slice(1).map((place, i) => edgeKey(path[i]!, place)))
  return ({ from, to }: LatticeEdge): string => {
    if (onPath.has(edgeKey(from, to))) return "on-path"
    return from === selected || to === selected ? "near-selection" : ""
  }
}

/** All that the view shows, from its link. */
export const useLattice = (state: LinkState) => {
  const read = useMemo(() => readState(state), [state])
  const { drawing, from, to } = read
  const around = useMemo(() => aroundAll(drawing), [drawing])
  const selected = read.at ?? usual(drawing)
  const text = state.q ?? ""
  const found = useMemo(() => (text.trim() === "" ? undefined : findLosses(drawing, text)), [drawing, text])
  const path = useMemo(
    () => (from === undefined || to === undefined ? undefined : shortestPath(around, from, to)),
    [around, from, to]
  )
  const has = state.has ?? ""
  const dimmed = useMemo(() => dimmedPlaces(drawing, found, has), [drawing, found, has])
  const marked = useMemo(() => new Set(path ?? (found?.key === undefined ? [] : found.places)), [path, found])
  const lit = useMemo(() => edgeClass(path, selected), [path, selected])
  return { ...read, around, selected, text, found, path, dimmed, marked, lit }
}

/** What {@link useLattice} gives. */
export type LatticeState = ReturnType<typeof useLattice>
