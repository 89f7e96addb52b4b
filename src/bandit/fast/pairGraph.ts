/**
 * A loss program as what a training step needs of it: how much a pair {0, 1} pushes each of its two responses. Both labels of a
 * pair are in one graph, so what they share (the sigmoid of a gap and that of its negative, say) is computed once.
 *
 * Inputs: `l0 r0 n0 s0` log π, log π_ref, token count and score of response 0, `l1 …` of response 1; `w0`, `w1` the weights of the
 * pairs in which 0 (1) is chosen. A label of weight 0 adds nothing, whatever its derivative.
 */
import { isOperation, type Node, type NodeId, type Op, type Program } from "../../loss/program.ts"
import { Graph } from "../../loss/simplify.ts"

/** Tables of a response that a program can read, by the first letter of its inputs here. */
export const responseTables = ["l", "r", "n", "s"] as const
export type ResponseTable = (typeof responseTables)[number]

/** Input of a loss program by table and side. */
const inputNames = {
  l: ["lw", "ll"],
  r: ["rw", "rl"],
  n: ["nw", "nl"],
  s: ["s_w", "s_l"]
} as const satisfies Record<ResponseTable, readonly [string, string]>

/** The inputs of loss programs that can be put on a pair graph. */
export const pairGraphInputs: ReadonlySet<string> = new Set(Object.values(inputNames).flat())

/** A graph in which `b - a` and `a - b` are one node and its negative. */
export class SignedGraph extends Graph {
  override apply(op: Op, ...args: ReadonlyArray<NodeId>): NodeId {
    if (op === "neg" && this.argsOf(args[0]!, "sub") !== undefined) return this.operation("neg", args[0]!)
    if (op === "stopGradient") return args[0]!
    const negatedBranch =
      op === "where" && this.constantValue(args[2]!) === 0 ? this.argsOf(args[1]!, "neg") : undefined
    if (negatedBranch !== undefined) return this.neg(this.apply("where", args[0]!, negatedBranch[0]!, args[2]!))
    const made = super.apply(op, ...args)
    const [a, b] = this.argsOf(made, "sub") ?? []
    if (a === undefined || b === undefined || a < b) return made
    return this.operation("neg", this.operation("sub", b, a))
  }
}

/** What a pair adds to ∂L/∂log π of its responses. */
export interface PairGraph {
  readonly graph: SignedGraph
  /** Nodes of the pushes on response 0 and response 1. */
  readonly pushes: readonly [NodeId, NodeId]
}

/** The inputs of a program with its winner in a slot. */
const labelled = (graph: Graph, { params }: Program, winner: 0 | 1): Readonly<Record<string, NodeId>> => {
  const inputs = responseTables.flatMap((table) =>
    inputNames[table].map((name, side) => [name, graph.input(`${table}${side === 0 ? winner : 1 - winner}`)] as const)
  )
  const values = Object.entries(params).map(([name, value]) => [name, graph.constant(value)] as const)
  return Object.fromEntries([...inputs, ...values])
}

/** Pushes of one label, weighted: on the winner and on the loser. */
const labelPushes = (graph: SignedGraph, program: Program, winner: 0 | 1): readonly [NodeId, NodeId] => {
  const places = graph.include(program, labelled(graph, program, winner))
  const weight = graph.input(`w${winner}`)
  const push = (name: "lw" | "ll"): NodeId => {
    const slope = program.outputs.gradients[name]
    if (slope === undefined) return graph.constant(0)
    return graph.apply("where", weight, graph.mul(weight, places[slope]!), graph.constant(0))
  }
  return [push("lw"), push("ll")]
}

/**
 * The graph of a program whose inputs are all in {@link pairGraphInputs}.
 * @param labels "both", or "one": response 0 is always the chosen one
 */
export const pairGraph = (program: Program, labels: "both" | "one"): PairGraph => {
  const graph = new SignedGraph()
  // Leaves first, in the same order for both slots: equal functions of either response then have equal shapes.
  for (const slot of [0, 1]) for (const table of responseTables) graph.input(`${table}${slot}`)
  const first = labelPushes(graph, program, 0)
  if (labels === "one") return { graph, pushes: first }
  const second = labelPushes(graph, program, 1)
  return { graph, pushes: [graph.add(first[0], second[1]), graph.add(first[1], second[0])] }
}

/** What a node depends on: nothing, one of the two responses, or the pair. */
export type Dependence = "none" | 0 | 1 | "pair"

const ofInput = (name: string): Dependence => (name.startsWith("w") ? "pair" : name.endsWith("0") ? 0 : 1)

const join = (a: Dependence, b: Dependence): Dependence => (a === b || b === "none" ? a : a === "none" ? b : "pair")

/** Dependence of every node of a graph, found when asked and kept. */
export const dependenceIn = (nodes: ReadonlyArray<Node>): ((id: NodeId) => Dependence) => {
  const known = new Map<NodeId, Dependence>()
  const find = (id: NodeId): Dependence => {
    const found = known.get(id)
    if (found !== undefined) return found
    const node = nodes[id]!
    const made: Dependence = isOperation(node)
      ? node.args.map(find).reduce(join, "none")
      : node.op === "input"
        ? ofInput(node.name)
        : "none"
    known.set(id, made)
    return made
  }
  return find
}

/** Whether a node of a graph of log-probabilities is known to be at most 0, up to the rounding of a log-probability near 0. */
export const isNonPositive = (graph: Graph, id: NodeId): boolean => {
  const node = graph.node(id)
  if (!isOperation(node)) {
    if (node.op === "input") return /^[lr]/.test(node.name)
    return node.op === "const" && node.value <= 0
  }
  if (node.op === "log1mexp" || node.op === "logsigmoid") return true
  if (node.op === "add") return node.args.every((arg) => isNonPositive(graph, arg))
  return node.op === "neg" && graph.argsOf(node.args[0]!, "softplus") !== undefined
}

/** Functions of one response, shared by both slots. */
export interface Columns {
  /** Inputs `l r n s` of a response. */
  readonly graph: SignedGraph
  /** The columns' nodes, in the order in which they were first wanted. */
  readonly nodes: ReadonlyArray<NodeId>
  /** The node of `graph` for a node of one response. */
  readonly copyOf: (id: NodeId) => NodeId
  /** Number of the column that a node of one response reads. */
  readonly columnOf: (id: NodeId) => number
}

/** Collects what the pair graph reads of single responses. */
export const columnsOf = (nodes: ReadonlyArray<Node>): Columns => {
  const graph = new SignedGraph()
  for (const table of responseTables) graph.input(table)
  const copies = new Map<NodeId, NodeId>()
  const wanted: Array<NodeId> = []
  const copy = (id: NodeId): NodeId => {
    const known = copies.get(id)
    if (known !== undefined) return known
    const node = nodes[id]!
    const made = isOperation(node)
      ? graph.apply(node.op, ...node.args.map(copy))
      : node.op === "input"
        ? graph.input(node.name[0]!)
        : graph.intern(node)
    copies.set(id, made)
    return made
  }
  return {
    graph,
    nodes: wanted,
    copyOf: copy,
    columnOf: (id) => {
      const made = copy(id)
      const place = wanted.indexOf(made)
      return place >= 0 ? place : wanted.push(made) - 1
    }
  }
}
