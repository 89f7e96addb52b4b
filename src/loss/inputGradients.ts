/** Loss programs that also say how the loss moves with inputs other than the policy's log-probabilities. */
import { differentiate } from "./differentiate.ts"
import type { Program } from "./program.ts"
import { Graph } from "./simplify.ts"

/**
 * The program with `∂ loss / ∂ input` for further inputs among its outputs; names that it does not read are passed over.
 * Derivatives that it has are kept as they are.
 */
export const withInputGradients = (program: Program, names: ReadonlyArray<string>): Program => {
  const { outputs, params, inputs } = program
  const wanted = names.filter((name) => inputs.includes(name) && !Object.hasOwn(outputs.gradients, name))
  if (wanted.length === 0) return program
  const graph = new Graph()
  const places = graph.include(program)
  const slopes = differentiate(
    graph,
    places[outputs.loss]!,
    wanted.map((name) => graph.input(name))
  )
  const gradients = {
    ...Object.fromEntries(Object.entries(outputs.gradients).map(([name, id]) => [name, places[id]!])),
    ...Object.fromEntries(wanted.map((name, k) => [name, slopes[k]!]))
  }
  return graph.finish({ loss: places[outputs.loss]!, gradients }, params, inputs)
}
