/** Graph nodes as text in the expression language, and what is needed to read a node as a function of one input. */
import { isOperation, type Node, type NodeId, type Op } from "./program.ts"
import type { Graph } from "./simplify.ts"

// Binding strength of what is printed: a sum, a product, a sign, a power's base, an atom.
const [SUM, PRODUCT, SIGN, ATOM] = [1, 2, 3, 5] as const

interface Printed {
  readonly text: string
  readonly strength: number
}

/**
 * The number that was meant: folding leaves rounding in the last digit, 0.05000000000000001 for 0.05. Where 15 digits do
 * not make it shorter by two or more, as for log 2, all of them are meant.
 */
export const meantNumber = (value: number): number => {
  const rounded = Number(value.toPrecision(15))
  return String(rounded).length + 2 < String(value).length ? rounded : value
}

const infix: Readonly<Partial<Record<Op, readonly [string, number, number, number]>>> = {
  // symbol, strength, least strength of the left side, of the right side
  add: [" + ", SUM, SUM, SUM],
  sub: [" - ", SUM, SUM, PRODUCT],
  mul: ["*", PRODUCT, PRODUCT, PRODUCT],
  div: ["/", PRODUCT, PRODUCT, SIGN],
  pow: ["^", 4, ATOM, SIGN],
  less: [" < ", 0, SUM, SUM],
  atMost: [" <= ", 0, SUM, SUM]
}

const print = (graph: Graph, id: NodeId): Printed => {
  const node: Node = graph.node(id)
  if (!isOperation(node)) {
    if (node.op !== "const") return { text: node.name, strength: ATOM }
    return { text: String(meantNumber(node.value)), strength: node.value < 0 ? SIGN : ATOM }
  }
  const args = node.args.map((arg) => print(graph, arg))
  const at = (k: number, least: number): string => (args[k]!.strength < least ? `(${args[k]!.text})` : args[k]!.text)
  if (node.op === "neg") return { text: `-${at(0, PRODUCT)}`, strength: PRODUCT }
  if (node.op === "mul" && node.args[0] === node.args[1]) return { text: `${at(0, ATOM)}^2`, strength: 4 }
  if (node.op === "scaleExp") return { text: `${at(0, PRODUCT)}*exp(${args[1]!.text})`, strength: PRODUCT }
  const last = graph.constantValue(node.args.at(-1)!)
  if (node.op === "add" && last !== undefined && last < 0) {
    return { text: `${at(0, SUM)} - ${meantNumber(-last)}`, strength: SUM }
  }
  const form = infix[node.op]
  if (form === undefined) return { text: `${node.op}(${args.map(({ text }) => text).join(", ")})`, strength: ATOM }
  const [symbol, strength, left, right] = form
  return { text: `${at(0, left)}${symbol}${at(1, right)}`, strength }
}

/** The node in the expression language; parsing the text gives an equal function. */
export const graphText = (graph: Graph, id: NodeId): string => print(graph, tidy(graph, id)).text

/** Collects constant factors: `0.1*(0.05*x)/0.1` becomes `0.05*x`. For texts only: it may change the last digit. */
export const tidy = (graph: Graph, id: NodeId): NodeId => {
  const node = graph.node(id)
  if (!isOperation(node)) return id
  const { factor, base } = splitFactor(graph, id)
  if (base === undefined) return graph.constant(factor)
  const inner = graph.node(base)
  const plain =
    isOperation(inner) && !(inner.op === "mul" && inner.args[0] === inner.args[1])
      ? graph.apply(inner.op, ...inner.args.map((arg) => tidy(graph, arg)))
      : base
  return factor < 0
    ? graph.neg(graph.mul(graph.constant(meantNumber(-factor)), plain))
    : graph.mul(graph.constant(meantNumber(factor)), plain)
}

/** `factor · base`, all constant factors gathered; base undefined when the node is a constant. */
const splitFactor = (graph: Graph, id: NodeId): { readonly factor: number; readonly base: NodeId | undefined } => {
  const value = graph.constantValue(id)
  if (value !== undefined) return { factor: value, base: undefined }
  const negated = graph.argsOf(id, "neg")
  if (negated !== undefined) {
    const { factor, base } = splitFactor(graph, negated[0]!)
    return { factor: -factor, base }
  }
  const product = graph.argsOf(id, "mul")
  if (product !== undefined && product[0] !== product[1]) {
    const [a, b] = [splitFactor(graph, product[0]!), splitFactor(graph, product[1]!)]
    if (a.factor !== 1 || b.factor !== 1) {
      const base = a.base === undefined ? b.base : b.base === undefined ? a.base : graph.mul(a.base, b.base)
      return { factor: a.factor * b.factor, base }
    }
  }
  const ratio = graph.argsOf(id, "div")
  if (ratio !== undefined) {
    const [a, b] = [splitFactor(graph, ratio[0]!), splitFactor(graph, ratio[1]!)]
    if (b.base === undefined) return { factor: a.factor / b.factor, base: a.base }
    if (a.factor !== 1 && a.base !== undefined) return { factor: a.factor, base: graph.div(a.base, ratio[1]!) }
  }
  return { factor: 1, base: id }
}

/** A node as `slope · x + rest`, rest free of x, slope a constant; undefined when it is not of that form. */
export const affineIn = (
  graph: Graph,
  id: NodeId,
  x: NodeId
): { readonly slope: number; readonly rest: NodeId } | undefined => {
  if (id === x) return { slope: 1, rest: graph.constant(0) }
  if (!dependsOn(graph, id, x)) return { slope: 0, rest: id }
  const node = graph.node(id)
  if (!isOperation(node)) return undefined
  const parts = node.args.map((arg) => affineIn(graph, arg, x))
  const [a, b] = parts
  if (a === undefined) return undefined
  if (node.op === "neg") return { slope: -a.slope, rest: graph.neg(a.rest) }
  if (b === undefined) return undefined
  if (node.op === "add") return { slope: a.slope + b.slope, rest: graph.add(a.rest, b.rest) }
  if (node.op === "sub") return { slope: a.slope - b.slope, rest: graph.sub(a.rest, b.rest) }
  const [left, right] = node.args.map((arg) => graph.constantValue(arg))
  if (node.op === "mul" && left !== undefined) return { slope: left * b.slope, rest: graph.mul(node.args[0]!, b.rest) }
  if (node.op === "mul" && right !== undefined)
    return { slope: right * a.slope, rest: graph.mul(node.args[1]!, a.rest) }
  if (node.op === "div" && right !== undefined)
    return { slope: a.slope / right, rest: graph.div(a.rest, node.args[1]!) }
  return undefined
}

/** Whether the node's value depends on node x. */
export const dependsOn = (graph: Graph, id: NodeId, x: NodeId): boolean => {
  if (id === x) return true
  const node = graph.node(id)
  return isOperation(node) && node.args.some((arg) => dependsOn(graph, arg, x))
}
