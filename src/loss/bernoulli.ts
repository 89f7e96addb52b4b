/**
 * The quotient `x/(e^x - 1)`, which generates the Bernoulli numbers, in a form whose differences and derivatives keep their
 * digits: two quotients near 1 differ by far less than they are.
 */
import type { NodeId } from "./program.ts"
import type { Graph } from "./simplify.ts"

// Taylor coefficients of x/(e^x - 1) - 1 + x/2 in even powers of x from 2 on: B_2k / (2k)!.
const bernoulliSeries = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000
]

/** `x/(e^x - 1) - 1`: near 0 by its series, `-x/2 + Σ_k B_2k x^2k / (2k)!` (relative error below 1e-17 for |x| < 1/2). */
const bernoulliRest = (graph: Graph, x: NodeId): NodeId => {
  const one = graph.constant(1)
  const square = graph.mul(x, x)
  let series = graph.constant(bernoulliSeries[bernoulliSeries.length - 1]!)
  for (const coefficient of bernoulliSeries.slice(0, -1).reverse()) {
    series = graph.add(graph.mul(series, square), graph.constant(coefficient))
  }
  const near = graph.mul(x, graph.sub(graph.mul(series, x), graph.constant(0.5)))
  const isNear = graph.apply("less", graph.apply("abs", x), graph.constant(0.5))
  // The quotient never sees 0, where it and its derivative would be NaN even though `where` drops them.
  const away = graph.apply("where", isNear, one, x)
  const far = graph.sub(graph.operation("div", away, graph.apply("expm1", away)), one)
  return graph.apply("where", isNear, near, far)
}

/**
 * `a/b` where b is `e^a - 1` or `e^-a - 1`, as 1 plus the rest; undefined for any other quotient, and for the one that is
 * left inside (its a is a choice), so that rules applied again change nothing.
 */
export const bernoulliQuotient = (graph: Graph, a: NodeId, b: NodeId): NodeId | undefined => {
  const power = graph.argsOf(b, "expm1")?.[0]
  if (power === undefined || graph.argsOf(power, "where") !== undefined) return undefined
  if (power !== a && power !== graph.neg(a)) return undefined
  const quotient = graph.add(graph.constant(1), bernoulliRest(graph, power))
  return power === a ? quotient : graph.neg(quotient)
}
