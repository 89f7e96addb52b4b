/**
 * Simplification while a graph grows: one table of local rules per operation. The rules are identities of real numbers that
 * cost no precision; parameters stay symbolic (only constants fold), so a program keeps its parameters by name.
 */
import { bernoulliQuotient } from "./bernoulli.ts"
import { applyOperation } from "./numerics.ts"
import { GraphBuilder, isOperation, type Node, type NodeId, type Op, type Program } from "./program.ts"

type Rule = (graph: Graph, args: ReadonlyArray<NodeId>) => NodeId | undefined

/** A graph whose operations are simplified as they are added. */
export class Graph extends GraphBuilder {
  /** The operation on the nodes, simplified: the number of a node of equal value. */
  apply(op: Op, ...args: ReadonlyArray<NodeId>): NodeId {
    const folded = foldConstants(this, op, args)
    return folded ?? rules[op](this, args) ?? this.operation(op, ...args)
  }

  /** The value of a constant node, undefined for any other. */
  constantValue(id: NodeId): number | undefined {
    const node = this.node(id)
    return node.op === "const" ? (node as Extract<Node, { op: "const" }>).value : undefined
  }

  /** The arguments of the node when it applies the operation. */
  argsOf(id: NodeId, op: Op): ReadonlyArray<NodeId> | undefined {
    const node = this.node(id)
    return node.op === op && isOperation(node) ? node.args : undefined
  }

  neg(a: NodeId): NodeId {
    return this.apply("neg", a)
  }

  add(a: NodeId, b: NodeId): NodeId {
    return this.apply("add", a, b)
  }

  sub(a: NodeId, b: NodeId): NodeId {
    return this.apply("sub", a, b)
  }

  mul(a: NodeId, b: NodeId): NodeId {
    return this.apply("mul", a, b)
  }

  div(a: NodeId, b: NodeId): NodeId {
    return this.apply("div", a, b)
  }

  /** Copies the nodes of a program into this graph; inputs and parameters named in `replace` become the given nodes. */
  include(program: Pick<Program, "nodes">, replace: Readonly<Record<string, NodeId>> = {}): ReadonlyArray<NodeId> {
    const places: Array<NodeId> = []
    for (const node of program.nodes) {
      if (isOperation(node)) places.push(this.apply(node.op, ...node.args.map((arg) => places[arg]!)))
      else if (node.op === "const") places.push(this.intern(node))
      else places.push(replace[node.name] ?? this.intern(node))
    }
    return places
  }
}

const foldConstants = (graph: Graph, op: Op, args: ReadonlyArray<NodeId>): NodeId | undefined => {
  const values = args.map((id) => graph.constantValue(id))
  if (values.includes(undefined)) return undefined
  const value = applyOperation(op, values as ReadonlyArray<number>)
  return Number.isFinite(value) ? graph.constant(value) : undefined
}

const isValue = (graph: Graph, id: NodeId, value: number): boolean => graph.constantValue(id) === value

/** The argument of a negation. */
const negated = (graph: Graph, id: NodeId): NodeId | undefined => graph.argsOf(id, "neg")?.[0]

const none: Rule = () => undefined

/** Undoes the inverse function: `log(exp(x)) = x`. */
const undo =
  (inverse: Op): Rule =>
  (graph, [x]) =>
    graph.argsOf(x!, inverse)?.[0]

const power: Rule = (graph, [base, exponent]) => {
  switch (graph.constantValue(exponent!)) {
    case 0:
      return graph.constant(1)
    case 1:
      return base
    case 2:
      return graph.mul(base!, base!)
    case 3:
      return graph.mul(graph.mul(base!, base!), base!)
    case 0.5:
      return graph.apply("sqrt", base!)
    case -1:
      return graph.div(graph.constant(1), base!)
    default:
      return undefined
  }
}

const product: Rule = (graph, [a, b]) => {
  for (const [x, y] of [
    [a!, b!],
    [b!, a!]
  ] as const) {
    if (isValue(graph, x, 0)) return x
    if (isValue(graph, x, 1)) return y
    if (isValue(graph, x, -1)) return graph.neg(y)
    const inner = negated(graph, x)
    if (inner !== undefined) return graph.neg(graph.mul(inner, y))
  }
  return undefined
}

const quotient: Rule = (graph, [a, b]) => {
  if (isValue(graph, a!, 0)) return a
  if (isValue(graph, b!, 1)) return a
  if (isValue(graph, b!, -1)) return graph.neg(a!)
  const bernoulli = bernoulliQuotient(graph, a!, b!)
  if (bernoulli !== undefined) return bernoulli
  const [top, bottom] = [negated(graph, a!), negated(graph, b!)]
  if (top !== undefined) return graph.neg(graph.div(top, b!))
  return bottom === undefined ? undefined : graph.neg(graph.div(a!, bottom))
}

const sum: Rule = (graph, [a, b]) => {
  if (isValue(graph, a!, 0)) return b
  if (isValue(graph, b!, 0)) return a
  const [x, y] = [negated(graph, a!), negated(graph, b!)]
  if (y !== undefined) return graph.sub(a!, y)
  return x === undefined ? undefined : graph.sub(b!, x)
}

const difference: Rule = (graph, [a, b]) => {
  if (isValue(graph, b!, 0)) return a
  if (isValue(graph, a!, 0)) return graph.neg(b!)
  if (a === b) return graph.constant(0)
  const [x, y] = [negated(graph, a!), negated(graph, b!)]
  if (y !== undefined) return graph.add(a!, y)
  if (x !== undefined) return graph.neg(graph.add(x, b!))
  return withoutConstant(graph, a!, b!)
}

/** `(c + x) - (c + y) = x - y` for a constant c, which is built first in such a sum. */
const withoutConstant = (graph: Graph, a: NodeId, b: NodeId): NodeId | undefined => {
  const [c, x] = graph.argsOf(a, "add") ?? []
  const [d, y] = graph.argsOf(b, "add") ?? []
  if (c === undefined || c !== d || graph.constantValue(c) === undefined) return undefined
  return graph.sub(x!, y!)
}

const extreme: Rule = (_, [a, b]) => (a === b ? a : undefined)

const rules: Readonly<Record<Op, Rule>> = {
  neg: (graph, [x]) => {
    const inner = negated(graph, x!)
    if (inner !== undefined) return inner
    const terms = graph.argsOf(x!, "sub")
    return terms === undefined ? undefined : graph.sub(terms[1]!, terms[0]!)
  },
  exp: undo("log"),
  expm1: undo("log1p"),
  log: undo("exp"),
  log1p: undo("expm1"),
  log1mexp: none,
  sigmoid: none,
  // One spelling of the logistic loss, so that equal losses become equal nodes.
  logsigmoid: (graph, [x]) => graph.neg(graph.apply("softplus", graph.neg(x!))),
  softplus: none,
  abs: (graph, [x]) => {
    const inner = negated(graph, x!)
    return inner === undefined ? undefined : graph.apply("abs", inner)
  },
  sqrt: none,
  stopGradient: (graph, [x]) => (graph.node(x!).op === "param" ? x : undefined),
  add: sum,
  sub: difference,
  mul: product,
  div: quotient,
  pow: power,
  max: extreme,
  min: extreme,
  logaddexp: none,
  scaleExp: (graph, [a, x]) =>
    graph.constantValue(a!) === undefined ? undefined : graph.mul(a!, graph.apply("exp", x!)),
  less: (graph, [a, b]) => (a === b ? graph.constant(0) : undefined),
  atMost: (graph, [a, b]) => (a === b ? graph.constant(1) : undefined),
  where: (graph, [condition, a, b]) => {
    if (a === b) return a
    const value = graph.constantValue(condition!)
    return value === undefined ? undefined : value !== 0 ? a : b
  }
}
