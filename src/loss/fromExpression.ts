/** Loss programs from expressions: the loss as written, its derivatives by symbolic differentiation. */
import { compileExpression } from "./compileExpression.ts"
import { differentiate } from "./differentiate.ts"
import type { Expression } from "./expression.ts"
import { isPolicyInput, type Program } from "./program.ts"
import { Graph } from "./simplify.ts"

/**
 * The program of an expression.
 * @param params values by name; every other name is an input
 * @param inputs declared inputs in order; further ones that occur are appended
 * @returns loss and its derivatives by lw, ll and further policy log-probabilities among the inputs
 */
export const programFromExpression = (
  expression: Expression,
  params: Readonly<Record<string, number>>,
  inputs: ReadonlyArray<string>
): Program => {
  const graph = new Graph()
  const scope = (name: string): number => (Object.hasOwn(params, name) ? graph.param(name) : graph.input(name))
  const loss = compileExpression(graph, expression, scope)
  const used = graph.nodes.flatMap((node) => (node.op === "input" && "name" in node ? [node.name] : []))
  const policy = [...new Set([...inputs, ...used])].filter(isPolicyInput)
  const slopes = differentiate(
    graph,
    loss,
    policy.map((name) => graph.input(name))
  )
  const gradients = Object.fromEntries(policy.map((name, k) => [name, slopes[k]!]))
  return graph.finish({ loss, gradients }, params, inputs)
}
