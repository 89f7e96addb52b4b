/** What a pair graph costs. */
import { isOperation, type NodeId, type Op } from "../../loss/program.ts"
import { dependenceIn, type SignedGraph } from "./pairGraph.ts"

/** Rough cost of an operation on two pairs, in additions. */
const costs: Partial<Record<Op, number>> = {
  exp: 16,
  expm1: 20,
  log: 28,
  log1p: 32,
  log1mexp: 44,
  sigmoid: 20,
  logsigmoid: 40,
  softplus: 40,
  pow: 100,
  logaddexp: 50,
  scaleExp: 26,
  div: 4,
  sqrt: 6
}

/** Cost of all that is computed per pair for some nodes: what depends on one response only is computed once per response. */
export const pairCost = (graph: SignedGraph, roots: ReadonlyArray<NodeId>): number => {
  const dependence = dependenceIn(graph.nodes)
  const seen = new Set<NodeId>()
  const cost = (id: NodeId): number => {
    if (seen.has(id) || dependence(id) !== "pair") return 0
    seen.add(id)
    const node = graph.node(id)
    return isOperation(node) ? node.args.reduce((sum, arg) => sum + cost(arg), costs[node.op] ?? 1) : 0
  }
  return roots.reduce((sum, root) => sum + cost(root), 0)
}
