/**
 * @file Graphs as data, laid out by Graphviz (`dot`) and drawn by the same renderer as the charts: Graphviz decides where
 * nodes and edges go, the nodes' own drawings are moved there, and the result is one list of primitives.
 */
import type { Spec } from "vega"
import { moved, type Primitive, sceneSpec } from "./scene.ts"
import { ink } from "./theme.ts"

/** A node: its size in pixels and its drawing, with coordinates relative to its upper left corner. */
export interface GraphNode {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly drawing: readonly Primitive[]
}

/** An edge. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly colour: string
  readonly strokeWidth?: number
  readonly dash?: readonly number[]
}

/** A drawing beside the graph, its coordinates from the graph's left edge and its own top; `height` is the room it takes. */
export interface Strip {
  readonly height: number
  readonly drawing: readonly Primitive[]
}

/** A graph to lay out, with strips (titles, legends) over and under it. */
export interface GraphSpec {
  readonly direction: "TB" | "BT" | "LR"
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  readonly nodeSeparation: number
  readonly rankSeparation: number
  /** Edges as straight lines between the middles of facing sides (default), or as curves around the nodes in their way. */
  readonly routing?: "line" | "spline"
  readonly above?: Strip
  readonly below?: Strip
}

const pointsPerInch = 72
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`

const nodeLine = (node: GraphNode): string =>
  `${quoted(node.id)} [width=${node.width / pointsPerInch}, height=${node.height / pointsPerInch}];`

/** Sides at which edges leave and enter: the middles that face each other. */
const ports: Readonly<Record<GraphSpec["direction"], readonly [string, string]>> = {
  TB: ["s", "n"],
  BT: ["n", "s"],
  LR: ["e", "w"]
}

/** The graph in Graphviz's language; one pixel is one point. */
export const dotSource = (graph: GraphSpec): string => {
  const [out, into] = ports[graph.direction]
  const lines = [
    "digraph G {",
    `rankdir=${graph.direction}; newrank=true; nodesep=${graph.nodeSeparation / pointsPerInch};`,
    `ranksep=${graph.rankSeparation / pointsPerInch}; splines=${graph.routing ?? "line"}; margin=0;`,
    `node [shape=box, fixedsize=true, label=""]; edge [arrowhead=none${graph.routing === "spline" ? "" : `, tailport=${out}, headport=${into}`}];`
  ]
  for (const node of graph.nodes) lines.push(nodeLine(node))
  for (const edge of graph.edges) {
    lines.push(`${quoted(edge.from)} -> ${quoted(edge.to)};`)
  }
  lines.push("}")
  return lines.join("\n")
}

interface LaidOut {
  readonly bb: string
  readonly objects?: readonly { readonly name: string; readonly pos?: string }[]
  readonly edges?: readonly { readonly tail: number; readonly head: number; readonly pos: string }[]
}

const numbers = (text: string): number[] => text.split(/[\s,]+/).map(Number)

/** Two decimals: enough for a screen, and short paths. */
const short = (value: number): number => Math.round(value * 100) / 100

/** Graphviz's spline `[e,x,y] [s,x,y] x,y x,y …` as an SVG path, y turned to point down. */
const splinePath = (pos: string, height: number): string => {
  const points = pos
    .trim()
    .split(/\s+/)
    .filter((part) => !/^[es],/.test(part))
    .map((part) => part.split(",").map(Number) as [number, number])
    .map(([x, y]) => `${short(x)},${short(height - y)}`)
  return `M${points[0]}C${points.slice(1).join(" ")}`
}

/** Puts edges first, then each kind of the nodes' primitives: few marks, and nothing hides a node. */
const placed = (graph: GraphSpec, layout: LaidOut): { width: number; height: number; primitives: Primitive[] } => {
  const [, , width = 0, height = 0] = numbers(layout.bb)
  const objects = new Map((layout.objects ?? []).map((object) => [object.name, object]))
  const names = (layout.objects ?? []).map((object) => object.name)
  const styles = new Map(graph.edges.map((edge) => [`${edge.from}\u0000${edge.to}`, edge]))
  const edges = (layout.edges ?? []).map((edge): Primitive => {
    const style = styles.get(`${names[edge.tail]}\u0000${names[edge.head]}`)
    return {
      kind: "shape",
      x: 0,
      y: 0,
      path: splinePath(edge.pos, height),
      stroke: style?.colour ?? ink.axis,
      strokeWidth: style?.strokeWidth ?? 1.2,
      ...(style?.dash === undefined ? {} : { dash: style.dash })
    }
  })
  const nodes = graph.nodes.flatMap((node) => {
    const [x = 0, y = 0] = numbers(objects.get(node.id)?.pos ?? "0,0")
    return node.drawing.map((one) => moved(one, short(x - node.width / 2), short(height - y - node.height / 2)))
  })
  const layer = (list: readonly Primitive[], kind: Primitive["kind"]) => list.filter((one) => one.kind === kind)
  const primitives = [...edges, ...layer(nodes, "box"), ...layer(nodes, "shape"), ...layer(nodes, "label")]
  // Whole pixels: the formats do not round fractions alike.
  return { width: Math.ceil(width), height: Math.ceil(height), primitives }
}

/**
 * Lays the graph out and returns it as a Vega specification.
 * @throws Error when Graphviz refuses the graph (our mistake, not a person's)
 */
export const graphSpec = async (graph: GraphSpec): Promise<Spec> => {
  const { instance } = await import("@viz-js/viz")
  const viz = await instance()
  const layout = JSON.parse(viz.renderString(dotSource(graph), { format: "json0", engine: "dot" })) as LaidOut
  const { width, height, primitives } = placed(graph, layout)
  const top = graph.above?.height ?? 0
  const above = graph.above?.drawing ?? []
  const below = (graph.below?.drawing ?? []).map((one) => moved(one, 0, top + height))
  const all = [...above, ...primitives.map((one) => moved(one, 0, top)), ...below]
  return sceneSpec(width, top + height + (graph.below?.height ?? 0), all)
}
