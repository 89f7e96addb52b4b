/** Second derivatives of a loss program by the two log-probabilities of a pair: its gradient graph, differentiated again. */
import { differentiate } from "./differentiate.ts"
import { isOperation, type Program } from "./program.ts"
import { Graph } from "./simplify.ts"

const responses = ["lw", "ll"] as const

/** Programs of the rows of the pair's Hessian. */
export type HessianRows = Readonly<Record<(typeof responses)[number], Program>>

/** Whether the program holds some value back from its gradient: then its gradient is that of no function. */
export const stopsGradient = ({ nodes }: Pick<Program, "nodes">): boolean =>
  nodes.some((node) => isOperation(node) && node.op === "stopGradient")

/**
 * Row `lw` has the value ∂L/∂lw and the gradients ∂²L/∂lw² (by lw) and ∂²L/∂lw∂ll (by ll); row `ll` likewise. At a kink the
 * second derivative is that of one side.
 * @throws RangeError for a program with a stopped gradient, which has no Hessian
 */
export const hessianRows = (program: Program): HessianRows => {
  if (stopsGradient(program)) {
    throw new RangeError("hessianRows: the loss stops a gradient, so its gradient is that of no function")
  }
  const row = (name: (typeof responses)[number]): Program => {
    const graph = new Graph()
    const places = graph.include(program)
    const at = program.outputs.gradients[name]
    const slope = at === undefined ? graph.constant(0) : places[at]!
    const inputs = responses.map((input) => graph.input(input))
    const second = differentiate(graph, slope, inputs)
    const gradients = Object.fromEntries(responses.map((input, k) => [input, second[k]!]))
    return graph.finish({ loss: slope, gradients }, program.params, [...new Set([...program.inputs, ...responses])])
  }
  return { lw: row("lw"), ll: row("ll") }
}
