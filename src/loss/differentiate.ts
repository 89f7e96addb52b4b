/**
 * Symbolic differentiation on the graph, in reverse: one sweep from the root gives the derivatives by all wanted nodes, as
 * nodes of the same graph, sharing what they share. Rules are one table; comparisons have derivative 0, and at a kink the
 * derivative is one of the one-sided ones.
 */
import { isOperation, type NodeId, type Op, reachable } from "./program.ts"
import type { Graph } from "./simplify.ts"

/** The adjoints of the arguments of node `self`, given its own; undefined where an argument has no influence. */
type Rule = (
  graph: Graph,
  adjoint: NodeId,
  args: ReadonlyArray<NodeId>,
  self: NodeId
) => ReadonlyArray<NodeId | undefined>

const one = (graph: Graph): NodeId => graph.constant(1)

/** `adjoint·e^x`: the product may be 0 or moderate where `e^x` overflows. */
const timesExp: Rule = (graph, adjoint, [x]) => [graph.apply("scaleExp", adjoint, x!)]

/** Passes the adjoint to the first argument where the condition holds, to the second elsewhere. */
const choose = (graph: Graph, adjoint: NodeId, condition: NodeId): ReadonlyArray<NodeId> => [
  graph.apply("where", condition, adjoint, graph.constant(0)),
  graph.apply("where", condition, graph.constant(0), adjoint)
]

const quotient: Rule = (graph, adjoint, [, b], self) => {
  const perUnit = graph.div(adjoint, b!)
  return [perUnit, graph.neg(graph.mul(perUnit, self))]
}

const power: Rule = (graph, adjoint, [base, exponent], self) => {
  const lowered = graph.apply("pow", base!, graph.sub(exponent!, one(graph)))
  const byBase = graph.mul(adjoint, graph.mul(exponent!, lowered))
  // The derivative by the exponent is asked for only when the exponent moves.
  return [byBase, graph.mul(adjoint, graph.mul(self, graph.apply("log", base!)))]
}

const rules: Readonly<Record<Op, Rule>> = {
  neg: (graph, adjoint) => [graph.neg(adjoint)],
  exp: timesExp,
  expm1: timesExp,
  log: (graph, adjoint, [x]) => [graph.div(adjoint, x!)],
  log1p: (graph, adjoint, [x]) => [graph.div(adjoint, graph.add(one(graph), x!))],
  // d log(1 - e^x) = -e^x/(1 - e^x) = -1/(e^-x - 1)
  log1mexp: (graph, adjoint, [x]) => [graph.neg(graph.div(adjoint, graph.apply("expm1", graph.neg(x!))))],
  sigmoid: (graph, adjoint, [x], self) => [graph.mul(adjoint, graph.mul(self, graph.apply("sigmoid", graph.neg(x!))))],
  logsigmoid: (graph, adjoint, [x]) => [graph.mul(adjoint, graph.apply("sigmoid", graph.neg(x!)))],
  softplus: (graph, adjoint, [x]) => [graph.mul(adjoint, graph.apply("sigmoid", x!))],
  abs: (graph, adjoint, [x]) => [
    graph.apply("where", graph.apply("less", x!, graph.constant(0)), graph.neg(adjoint), adjoint)
  ],
  sqrt: (graph, adjoint, _, self) => [graph.div(adjoint, graph.mul(graph.constant(2), self))],
  stopGradient: () => [undefined],
  add: (_, adjoint) => [adjoint, adjoint],
  sub: (graph, adjoint) => [adjoint, graph.neg(adjoint)],
  mul: (graph, adjoint, [a, b]) => [graph.mul(adjoint, b!), graph.mul(adjoint, a!)],
  div: quotient,
  pow: power,
  max: (graph, adjoint, [a, b]) => choose(graph, adjoint, graph.apply("less", b!, a!)),
  min: (graph, adjoint, [a, b]) => choose(graph, adjoint, graph.apply("less", a!, b!)),
  logaddexp: (graph, adjoint, [a, b]) => [
    graph.mul(adjoint, graph.apply("sigmoid", graph.sub(a!, b!))),
    graph.mul(adjoint, graph.apply("sigmoid", graph.sub(b!, a!)))
  ],
  scaleExp: (graph, adjoint, [a, x], self) => [
    graph.apply("scaleExp", adjoint, x!),
    a === undefined ? undefined : graph.mul(adjoint, self)
  ],
  less: () => [undefined, undefined],
  atMost: () => [undefined, undefined],
  where: (graph, adjoint, [condition]) => [undefined, ...choose(graph, adjoint, condition!)]
}

/** The nodes below the root through which some wanted node can be reached: only these carry an adjoint. */
const moving = (graph: Graph, root: NodeId, wanted: ReadonlySet<NodeId>): ReadonlySet<NodeId> => {
  const below = [...reachable(graph.nodes, [root])].sort((a, b) => a - b)
  const found = new Set<NodeId>()
  for (const id of below) {
    const node = graph.node(id)
    if (wanted.has(id) || (isOperation(node) && node.args.some((arg) => found.has(arg)))) found.add(id)
  }
  return found
}

/**
 * Derivatives of a node by others, as nodes of the graph: `d root / d wanted[k]`, all else fixed.
 * @returns one node per wanted node; the constant 0 where the root does not depend on it
 */
export const differentiate = (graph: Graph, root: NodeId, wanted: ReadonlyArray<NodeId>): ReadonlyArray<NodeId> => {
  const carriers = moving(graph, root, new Set(wanted))
  const adjoints = new Map<NodeId, NodeId>([[root, one(graph)]])
  for (const id of [...carriers].sort((a, b) => b - a)) {
    const node = graph.node(id)
    const adjoint = adjoints.get(id)
    if (adjoint === undefined || !isOperation(node)) continue
    const parts = rules[node.op](graph, adjoint, node.args, id)
    for (const [k, arg] of node.args.entries()) {
      const part = parts[k]
      if (part === undefined || !carriers.has(arg)) continue
      const sum = adjoints.get(arg)
      adjoints.set(arg, sum === undefined ? part : graph.add(sum, part))
    }
  }
  return wanted.map((id) => (carriers.has(id) ? adjoints.get(id) : undefined) ?? graph.constant(0))
}
