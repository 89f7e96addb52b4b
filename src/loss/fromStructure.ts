/** Loss programs from structures: `loss = f(z)`, `z = scale·(rho + logFactor)`, rho the structure's core ratio. */
import { type AnyStructure, isDegenerate } from "../logic/structure.ts"
import { compileExpression } from "./compileExpression.ts"
import { compileCoreRatio, type Slope, slopeTimesExp } from "./coreRatio.ts"
import { differentiate } from "./differentiate.ts"
import type { LinkSource } from "./links.ts"
import { isPolicyInput, type NodeId, type Program } from "./program.ts"
import type { WeightReading } from "./semantics.ts"
import { Graph } from "./simplify.ts"

/** A link of its own: value and slope by z, so that the chain rule meets rho's exact derivatives. */
const linkProgram = (source: LinkSource, params: Readonly<Record<string, number>>): Program => {
  const graph = new Graph()
  const z = graph.input("z")
  const scope = (name: string): NodeId => (Object.hasOwn(params, name) ? graph.param(name) : graph.input(name))
  const loss = compileExpression(graph, source.formula, scope)
  const [slope] = differentiate(graph, loss, [z])
  return graph.finish({ loss, gradients: { z: slope! } }, params, ["z"])
}

/**
 * How a derivative of rho becomes one of the loss: times the link's slope and the scale. Where the link's slope is `∓e^u`
 * it may overflow while the derivative vanishes (or the reverse), so the exponents are added first.
 */
const chainRule = (graph: Graph, linkSlope: NodeId, scale: NodeId): ((slope: Slope) => NodeId) => {
  const rate = graph.mul(linkSlope, scale)
  const negated = graph.argsOf(linkSlope, "neg")?.[0]
  const power = graph.argsOf(negated ?? linkSlope, "exp")?.[0]
  return (slope) => {
    if (power === undefined || graph.constantValue(slope.node) !== undefined) return graph.mul(rate, slope.node)
    const size = slopeTimesExp(graph, slope, scale, power)
    return negated === undefined ? size : graph.neg(size)
  }
}

/** Inputs in the order in which people write them: pair, reference, counts, then the rest as they come. */
export const orderInputs = (names: Iterable<string>): ReadonlyArray<string> => {
  const found = new Set(names)
  const first = ["lw", "ll", "rw", "rl", "nw", "nl"].filter((name) => found.has(name))
  return [...new Set([...first, ...found])]
}

/**
 * The program of a structure's loss. A degenerate structure has no finite rho: its program is the constant Infinity.
 * @param params  values of the parameters that scale, formula and logFactor name; their other names are inputs
 * @param declared inputs that the loss takes although the program may not use them (lw and ll always are)
 * @throws RangeError when the reading gives a proposition no weight
 */
export const programFromStructure = (
  structure: AnyStructure,
  reading: WeightReading,
  source: LinkSource,
  params: Readonly<Record<string, number>>,
  declared: ReadonlyArray<string> = []
): Program => {
  const graph = new Graph()
  if (isDegenerate(structure)) {
    const infinite = graph.neg(graph.operation("log", graph.constant(0)))
    return graph.finish({ loss: infinite, gradients: {} }, {}, orderInputs(["lw", "ll", ...declared]))
  }
  const scope = (name: string): NodeId => (Object.hasOwn(params, name) ? graph.param(name) : graph.input(name))
  const { rho, slopes } = compileCoreRatio(graph, structure, reading)
  const scale = compileExpression(graph, source.scale, scope)
  const z = graph.mul(scale, graph.add(rho, compileExpression(graph, source.logFactor, scope)))
  const link = linkProgram(source, params)
  const places = graph.include(link, { z })
  const loss = places[link.outputs.loss]!
  const derivative = chainRule(graph, places[link.outputs.gradients.z!]!, scale)
  const policy = new Set(["lw", "ll", ...declared.filter(isPolicyInput), ...Object.keys(slopes)])
  const gradients: Record<string, NodeId> = {}
  for (const name of policy) {
    const slope = slopes[name]
    gradients[name] = slope === undefined ? graph.constant(0) : derivative(slope)
  }
  const program = graph.finish({ loss, gradients }, params, ["lw", "ll", ...declared])
  return { ...program, inputs: orderInputs(program.inputs) }
}
