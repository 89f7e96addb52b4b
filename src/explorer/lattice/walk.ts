/** Ways through a lattice: up and down its covers, sideways, and the shortest way between two losses. */
import type { LatticeDrawing } from "./data.ts"

/** Places of the losses that cover a loss, and of those it covers. */
export interface Around {
  readonly above: ReadonlyArray<number>
  readonly below: ReadonlyArray<number>
}

/** The covers around every loss. */
export const aroundAll = ({ nodes, edges }: LatticeDrawing): ReadonlyArray<Around> => {
  const around = nodes.map(() => ({ above: [] as Array<number>, below: [] as Array<number> }))
  for (const { from, to } of edges) {
    around[from]!.above.push(to)
    around[to]!.below.push(from)
  }
  return around
}

export type Direction = "up" | "down" | "left" | "right"

/** Where an arrow key leads: to the cover nearest in x, or to the next loss of the same row; undefined where there is none. */
export const step = (
  drawing: LatticeDrawing,
  around: ReadonlyArray<Around>,
  at: number,
  way: Direction
): number | undefined => {
  const here = drawing.nodes[at]!
  const x = (place: number): number => drawing.nodes[place]!.x
  const nearest = (places: ReadonlyArray<number>): number | undefined =>
    places.length === 0
      ? undefined
      : places.reduce((best, place) => (Math.abs(x(place) - here.x) < Math.abs(x(best) - here.x) ? place : best))
  if (way === "up") return nearest(around[at]!.above)
  if (way === "down") return nearest(around[at]!.below)
  const sign = way === "left" ? -1 : 1
  return nearest(
    drawing.nodes.flatMap((node, place) => (node.y === here.y && (node.x - here.x) * sign > 0 ? [place] : []))
  )
}

/** The places of a shortest way along covers, up and down, both ends included; undefined where none leads there. */
export const shortestPath = (
  around: ReadonlyArray<Around>,
  from: number,
  to: number
): ReadonlyArray<number> | undefined => {
  const before = new Map<number, number>([[from, from]])
  const queue = [from]
  for (const at of queue) {
    if (at === to) break
    const { above, below } = around[at]!
    for (const next of [...above, ...below]) {
      if (before.has(next)) continue
      before.set(next, at)
      queue.push(next)
    }
  }
  if (!before.has(to)) return undefined
  const path = [to]
  while (path[0] !== from) path.unshift(before.get(path[0]!)!)
  return path
}
