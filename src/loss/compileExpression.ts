/** From expressions to graphs: one table per kind of node. */
import type { BinaryOperator, Expression } from "./expression.ts"
import type { NodeId } from "./program.ts"
import type { Graph } from "./simplify.ts"

/** What a name stands for; undefined refuses it (the caller has checked the names before). */
export type Scope = (name: string) => NodeId | undefined

const binary: Readonly<Record<BinaryOperator, (graph: Graph, a: NodeId, b: NodeId) => NodeId>> = {
  "+": (graph, a, b) => graph.add(a, b),
  "-": (graph, a, b) => graph.sub(a, b),
  "*": (graph, a, b) => graph.mul(a, b),
  "/": (graph, a, b) => graph.div(a, b),
  "^": (graph, a, b) => graph.apply("pow", a, b),
  "<": (graph, a, b) => graph.apply("less", a, b),
  "<=": (graph, a, b) => graph.apply("atMost", a, b),
  ">": (graph, a, b) => graph.apply("less", b, a),
  ">=": (graph, a, b) => graph.apply("atMost", b, a),
  "==": (graph, a, b) => graph.mul(graph.apply("atMost", a, b), graph.apply("atMost", b, a))
}

/**
 * Adds an expression to a graph.
 * @param scope node of every name in it @throws RangeError when the scope lacks a name
 */
export const compileExpression = (graph: Graph, expression: Expression, scope: Scope): NodeId => {
  switch (expression._tag) {
    case "Number":
      return graph.constant(expression.value)
    case "Name": {
      const id = scope(expression.name)
      if (id === undefined) throw new RangeError(`compileExpression: "${expression.name}" means nothing here`)
      return id
    }
    case "Negate":
      return graph.neg(compileExpression(graph, expression.arg, scope))
    case "Binary": {
      const left = compileExpression(graph, expression.left, scope)
      return binary[expression.op](graph, left, compileExpression(graph, expression.right, scope))
    }
    case "Call": {
      const args = expression.args.map((arg) => compileExpression(graph, arg, scope))
      return graph.apply(expression.name, ...args)
    }
  }
}
