/** The lattices of the page, computed and laid out when it is built: Graphviz finds the places, the page draws. */
import { instance } from "@viz-js/viz"
import * as Result from "effect/Result"
import { type DominanceReport, dominanceReport, type OrderedKind, type OrderedLoss } from "../../src/derive/order.ts"
import { lossKey, publishedNames } from "../../src/derive/published.ts"
import { logicText } from "../../src/explain/explanation.ts"
import {
  type LatticeDrawing,
  type LatticeNode,
  type LatticeSet,
  latticeSets,
  nodeSize
} from "../../src/explorer/lattice/data.ts"
import { exactProperties, requirableProperties } from "../../src/landscape/exactProperties.ts"
import { pairPropositions } from "../../src/logic/structure.ts"
import { parseStructureSpec } from "../../src/logic/structureText.ts"

const kinds: Readonly<Record<LatticeSet, OrderedKind>> = { sixteen: "admissible", monotone: "monotone", all: "all" }

type Place = Pick<LatticeNode, "x" | "y">

/** Centres by Graphviz's dot, bottom to top, and the size of the whole; points are the drawing's units. */
const layout = async ({ losses, covers, width: widest, height: levels }: DominanceReport) => {
  const place = new Map(losses.map(({ name }, i) => [name, i]))
  const inches = (points: number): string => (points / 72).toFixed(4)
  // A wide lattice gets room between its rows, so that its covers can be told apart; a tall one little, so that it fits a screen.
  const apart = Math.max(levels > 6 ? 30 : 56, widest > 20 ? 7 * widest : 0)
  const dot = [
    "digraph {",
    `graph [rankdir=BT, nodesep=${inches(18)}, ranksep=${inches(apart)}]`,
    `node [shape=box, fixedsize=true, width=${inches(nodeSize.width)}, height=${inches(nodeSize.height)}, label=""]`,
    ...losses.map((_, i) => `n${i}`),
    ...covers.map(({ from, to }) => `n${place.get(from)} -> n${place.get(to)}`),
    "}"
  ].join("\n")
  const viz = await instance()
  const drawn = viz.renderJSON(dot) as {
    readonly bb: string
    readonly objects: ReadonlyArray<{ readonly name: string; readonly pos: string }>
  }
  const [, , width, height] = drawn.bb.split(",").map(Number) as [number, number, number, number]
  const places: Array<Place> = []
  for (const { name, pos } of drawn.objects) {
    const [x, y] = pos.split(",").map(Number) as [number, number]
    places[Number(name.slice(1))] = { x: Math.round(x), y: Math.round(height - y) }
  }
  return { width: Math.ceil(width), height: Math.ceil(height), places }
}

const nodeOf = (loss: OrderedLoss, place: Place): LatticeNode => {
  const structure = Result.getOrThrow(parseStructureSpec(loss.loss))
  const verdicts = exactProperties(structure)
  const { core, conditioning, additive } = logicText(structure, { semantics: "absolute", lengthNormalised: false })
  return {
    name: loss.name,
    loss: loss.loss,
    published: publishedNames(structure, "absolute"),
    ticks: loss.ticks,
    crosses: loss.crosses,
    key: lossKey(structure)!,
    vanishing: loss.vanishing,
    level: loss.level,
    core,
    given: conditioning,
    both: additive,
    verdicts: requirableProperties
      .map((name) => ({ proved: "p", refuted: "r", undecided: "-", "not-applicable": "-" })[verdicts[name].verdict])
      .join(""),
    ...place
  }
}

const drawingOf = async (set: LatticeSet): Promise<LatticeDrawing> => {
  const report = dominanceReport(pairPropositions, kinds[set])
  const { width, height, places } = await layout(report)
  const place = new Map(report.losses.map(({ name }, i) => [name, i]))
  return {
    width,
    height,
    properties: requirableProperties,
    nodes: report.losses.map((loss, i) => nodeOf(loss, places[i]!)),
    edges: report.covers.map(({ from, to, kind }) => ({
      from: place.get(from)!,
      to: place.get(to)!,
      entailment: kind === "entailment"
    }))
  }
}

/** All lattices of the page. */
export const makeLattices = async (): Promise<Readonly<Record<LatticeSet, LatticeDrawing>>> => {
  const entries = []
  for (const set of latticeSets) entries.push([set, await drawingOf(set)] as const)
  return Object.fromEntries(entries) as Record<LatticeSet, LatticeDrawing>
}
