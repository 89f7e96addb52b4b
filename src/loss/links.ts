/**
 * Links: how the core ratio becomes a loss. One table of the standard ones; and the recogniser that reads a catalogue
 * entry's link, given as a formula in `z = scale·(rho + logFactor)`, back into a kind with beta and margin, by algebra.
 */
import { compileExpression } from "./compileExpression.ts"
import type { Expression } from "./expression.ts"
import { affineIn, graphText, meantNumber, tidy } from "./graphText.ts"
import type { Link, LinkKind } from "./loss.ts"
import type { NodeId } from "./program.ts"
import { Graph } from "./simplify.ts"

/** One standard link: the loss as a formula in `z` and `margin`, `t = z - margin`, and in LaTeX around the text of t. */
export interface StandardLink {
  readonly formula: string
  readonly latex: (t: string) => string
}

/** Every standard link. Squared is not decreasing: its losses follow the order of the logic only where t ≤ 0. */
export const links = {
  logistic: { formula: "softplus(-(z - margin))", latex: (t) => `-\\log\\sigma\\left(${t}\\right)` },
  hinge: { formula: "max(0, 1 - (z - margin))", latex: (t) => `\\max\\left(0,\\, 1 - \\left(${t}\\right)\\right)` },
  squared: { formula: "(z - margin)^2", latex: (t) => `\\left(${t}\\right)^2` },
  exponential: { formula: "exp(-(z - margin))", latex: (t) => `\\exp\\left(-\\left(${t}\\right)\\right)` }
} satisfies Readonly<Record<LinkKind, StandardLink>>

/** The names of the standard links. */
export const linkKinds = Object.keys(links) as ReadonlyArray<LinkKind>

interface Shape {
  readonly kind: LinkKind
  /** `t = ±(argument - offset)` with the sign given. */
  readonly argument: NodeId
  readonly offset: number
}

/** The standard link that a node is by its outermost operation, as `f(t)` with `t = offset - argument`. */
const shapeOf = (graph: Graph, id: NodeId): Shape | undefined => {
  const soft = graph.argsOf(id, "softplus")
  if (soft !== undefined) return { kind: "logistic", argument: soft[0]!, offset: 0 }
  const power = graph.argsOf(id, "exp")
  if (power !== undefined) return { kind: "exponential", argument: power[0]!, offset: 0 }
  const square = graph.argsOf(id, "mul")
  if (square !== undefined && square[0] === square[1]) return { kind: "squared", argument: square[0]!, offset: 0 }
  const largest = graph.argsOf(id, "max")
  if (largest !== undefined && graph.constantValue(largest[0]!) === 0) {
    return { kind: "hinge", argument: largest[1]!, offset: 1 }
  }
  return undefined
}

/** A number where the node is constant, else its text. */
const numberOrText = (graph: Graph, id: NodeId, params: Readonly<Record<string, number>>): number | string => {
  const plain = tidy(graph, id)
  const value = graph.constantValue(plain)
  const asGiven = graph.constantValue(id)
  // What a parameter says is meant to the last digit.
  if (asGiven !== undefined && Object.values(params).includes(asGiven)) return asGiven
  return value === undefined ? graphText(graph, plain) : meantNumber(value)
}

/** What a link is made of: expressions over parameters, inputs and, in `formula`, z. */
export interface LinkSource {
  readonly scale: Expression
  readonly formula: Expression
  /** Policy-free part of the ratio's logarithm: z = scale·(rho + logFactor). */
  readonly logFactor: Expression
}

/**
 * The link at given parameters. Standard where the formula is `f(c z - m)` for a constant c and an m free of z; all else is
 * `custom`, with the formula in `z = beta·rho` (the log factor moved into it).
 */
export const recogniseLink = (source: LinkSource, params: Readonly<Record<string, number>>): Link => {
  const graph = new Graph()
  const z = graph.input("z")
  const scope = (name: string): NodeId =>
    Object.hasOwn(params, name) ? graph.constant(params[name]!) : graph.input(name)
  const scale = compileExpression(graph, source.scale, scope)
  const shift = graph.mul(scale, compileExpression(graph, source.logFactor, scope))
  const beta = numberOrText(graph, scale, params)
  const loss = compileExpression(graph, source.formula, scope)
  const shape = shapeOf(graph, loss)
  const affine = shape === undefined ? undefined : affineIn(graph, shape.argument, z)
  const slope = affine?.slope ?? 0
  if (shape !== undefined && affine !== undefined && (slope < 0 || (slope > 0 && shape.kind === "squared"))) {
    // offset - t = slope·z + rest, z = beta·rho + shift; for a square the sign of t is free, so t rises with z.
    const sign = slope < 0 ? 1 : -1
    const rest = sign > 0 ? affine.rest : graph.neg(affine.rest)
    const rate = graph.constant(Math.abs(slope))
    const margin = graph.sub(graph.sub(rest, graph.constant(shape.offset)), graph.mul(rate, shift))
    const rated =
      typeof beta === "number" ? beta * Math.abs(slope) : numberOrText(graph, graph.mul(rate, scale), params)
    return { kind: shape.kind, beta: rated, margin: numberOrText(graph, margin, params) }
  }
  const moved = compileExpression(graph, source.formula, (name) => (name === "z" ? graph.add(z, shift) : scope(name)))
  return { kind: "custom", beta, margin: 0, formula: graphText(graph, moved) }
}
