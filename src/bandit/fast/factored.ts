/**
 * Pair graphs without exponentials of pairs. What a loss takes the exponential of is mostly a sum of functions of one response
 * each; then its exponential is a product of exponentials of one response, of which there are K and not K². In particular
 *
 * - `sigmoid(a - b) = e^a / (e^a + e^b)`, the form of Bradley and Terry;
 * - `1 - e^(a+b) = (1 - e^a) + e^a (1 - e^b)` for a, b ≤ 0: a sum of what is positive, so nothing cancels;
 * - `sigmoid(y - log(1 - e^y)) = e^y`, the probability behind log-odds.
 *
 * All are exact identities of reals whose values here are products, quotients and sums of positive numbers: relative precision stays.
 * What can happen is overflow, so they hold only while the exponents are within {@link FactoredGraph.bound}; beyond it the step uses
 * the graph that was given.
 */
import { isOperation, type NodeId } from "../../loss/program.ts"
import { pairCost } from "./pairCost.ts"
import { type Dependence, dependenceIn, isNonPositive, type PairGraph, type SignedGraph } from "./pairGraph.ts"

/** A graph for the same pushes, valid while every guard is between -bound and bound. */
export interface FactoredGraph extends PairGraph {
  /** Functions of one response of which the exponential is taken. */
  readonly guards: ReadonlyArray<NodeId>
  readonly bound: number
}

/** A positive number as a quotient of products. */
interface Ratio {
  readonly top: ReadonlyArray<NodeId>
  readonly bottom: ReadonlyArray<NodeId>
}

/** Terms of a sum, every one with its factor. */
type Part = Array<readonly [number, NodeId]>

/** A sum by what its terms depend on. */
type Terms = Readonly<Record<Dependence, Part>>

/** Largest exponent of a product: far enough from overflow for what else is multiplied. */
const largestExponent = 600

/** Without the factors that are on both sides. */
const reduced = ({ top, bottom }: Ratio): Ratio => {
  const rest = [...bottom]
  const kept = top.filter((id) => {
    const place = rest.indexOf(id)
    if (place >= 0) rest.splice(place, 1)
    return place < 0
  })
  return { top: kept, bottom: rest }
}

const inverse = (ratio: Ratio | undefined): Ratio | undefined => ratio && { top: ratio.bottom, bottom: ratio.top }

class Factoring {
  readonly graph: SignedGraph
  readonly guards = new Set<NodeId>()
  /** Exponentials in the longest product. */
  longest = 1
  readonly #dependence: (id: NodeId) => Dependence
  readonly #rewritten = new Map<NodeId, NodeId>()

  constructor(graph: SignedGraph) {
    this.graph = graph
    this.#dependence = dependenceIn(graph.nodes)
  }

  isPair(id: NodeId): boolean {
    return this.#dependence(id) === "pair"
  }

  /** A node of equal value with fewer exponentials of pairs. */
  rewrite(id: NodeId): NodeId {
    const known = this.#rewritten.get(id)
    if (known !== undefined) return known
    const made = this.#rewriteNode(id)
    this.#rewritten.set(id, made)
    return made
  }

  #rewriteNode(id: NodeId): NodeId {
    const node = this.graph.node(id)
    if (!isOperation(node) || !this.isPair(id)) return id
    const power = this.#power(id)
    if (power !== undefined) return this.#quotient(this.#grouped(power))
    const scale = node.op === "scaleExp" ? this.#ratio(node.args[1]!) : undefined
    if (scale !== undefined) return this.graph.mul(this.rewrite(node.args[0]!), this.#quotient(this.#grouped(scale)))
    return this.graph.apply(node.op, ...node.args.map((arg) => this.rewrite(arg)))
  }

  /** A node that is a product of exponentials and sigmoids, as a ratio; undefined for any other. */
  #power(id: NodeId): Ratio | undefined {
    const node = this.graph.node(id)
    if (!isOperation(node)) return undefined
    const [x, y] = node.args as [NodeId, NodeId]
    switch (node.op) {
      case "exp":
        return this.#ratio(x)
      case "sigmoid":
        return this.#sigmoid(x)
      case "scaleExp":
        return this.#multiplied(this.#factor(x), this.#ratio(y))
      case "mul":
        return this.#multiplied(this.#factor(x), this.#factor(y))
      case "div":
        return this.#multiplied(this.#factor(x), inverse(this.#factor(y)))
      default:
        return undefined
    }
  }

  /** A factor of a product: what is no power stays as it is. Only for products with a power in them. */
  #factor(id: NodeId): Ratio | undefined {
    if (this.isPair(id)) return this.#power(id)
    const node = this.graph.node(id)
    const [x] = isOperation(node) ? node.args : []
    if (node.op === "exp") return this.#ratio(x!)
    return { top: [id], bottom: [] }
  }

  #multiplied(a: Ratio | undefined, b: Ratio | undefined): Ratio | undefined {
    if (a === undefined || b === undefined) return undefined
    return reduced({ top: [...a.top, ...b.top], bottom: [...a.bottom, ...b.bottom] })
  }

  #sigmoid(x: NodeId): Ratio | undefined {
    const odds = this.#oddsOf(x)
    if (odds !== undefined) return odds
    const ratio = this.#ratio(x)
    if (ratio === undefined) return undefined
    const grouped = this.#grouped(ratio)
    const [top, bottom] = [this.#product(grouped.top), this.#product(grouped.bottom)]
    return { top: grouped.top, bottom: [this.graph.add(top, bottom)] }
  }

  /** e^y for x = y - log(1 - e^y), and 1 - e^y for its negative. */
  #oddsOf(x: NodeId): Ratio | undefined {
    const { graph } = this
    const negated = graph.argsOf(x, "neg")?.[0]
    const [a, b] = graph.argsOf(negated ?? x, "sub") ?? []
    if (a === undefined || b === undefined) return undefined
    const [y, log, positive] = graph.argsOf(b, "log1mexp")?.[0] === a ? [a, b, true] : [b, a, false]
    if (graph.argsOf(log, "log1mexp")?.[0] !== y) return undefined
    return positive === (negated === undefined) ? this.#ratio(y) : { top: [this.#complement(y)], bottom: [] }
  }

  /** a / b as a product with 1 / b, which both labels of a pair share. */
  #over(a: NodeId, b: NodeId): NodeId {
    return this.graph.mul(a, this.graph.div(this.graph.constant(1), b))
  }

  #product(factors: ReadonlyArray<NodeId>): NodeId {
    return factors.reduce((product, factor) => this.graph.mul(product, factor), this.graph.constant(1))
  }

  #quotient({ top, bottom }: Ratio): NodeId {
    return bottom.length === 0 ? this.#product(top) : this.#over(this.#product(top), this.#product(bottom))
  }

  /** The same ratio with one factor for all that depends on one response. */
  #grouped(ratio: Ratio): Ratio {
    const top: Array<NodeId> = []
    const bottom: Array<NodeId> = []
    for (const on of ["none", 0, 1, "pair"] as const) {
      const [above, below] = [ratio.top, ratio.bottom].map((side) => side.filter((id) => this.#dependence(id) === on))
      if (on === "pair" || above!.length + below!.length < 2) {
        top.push(...above!)
        bottom.push(...below!)
      } else top.push(this.#quotient({ top: above!, bottom: below! }))
    }
    return { top, bottom }
  }

  /** e^x, or undefined where x has terms whose exponential is not simpler. */
  #ratio(x: NodeId): Ratio | undefined {
    const terms: Terms = { none: [], 0: [], 1: [], pair: [] }
    this.#collect(x, 1, terms)
    const top: Array<NodeId> = []
    const bottom: Array<NodeId> = []
    for (const part of [terms.none, terms[0], terms[1]]) this.#ratioOfOne(part, top, bottom)
    for (const [factor, id] of terms.pair) {
      const power = this.#powerOfPair(id)
      if (power === undefined || Math.abs(factor) !== 1) return undefined
      const [above, below] = factor > 0 ? [top, bottom] : [bottom, top]
      above.push(...power.top)
      below.push(...power.bottom)
    }
    this.longest = Math.max(this.longest, top.length + bottom.length)
    return { top, bottom }
  }

  /** e^(sum of terms) of one response. Logarithms among the terms are undone; the rest is one exponential. */
  #ratioOfOne(part: Part, top: Array<NodeId>, bottom: Array<NodeId>): void {
    const rest: Part = []
    for (const [factor, id] of this.#withLogsApart(part)) {
      const log = Math.abs(factor) === 1 ? this.graph.argsOf(id, "log1mexp")?.[0] : undefined
      if (log === undefined) rest.push([factor, id])
      else (factor > 0 ? top : bottom).push(this.#lacks(log))
    }
    if (rest.length === 0) return
    // The sign goes to the side of the fraction, so that both labels of a pair use the same exponentials.
    const sign = rest[0]![0] < 0 ? -1 : 1
    const sum = rest
      .map(([factor, id]) => this.graph.mul(this.graph.constant(sign * factor), id))
      .reduce((total, term) => this.graph.add(total, term))
    ;(sign > 0 ? top : bottom).push(this.#expOfOne(sum))
  }

  /** The same sum; where it contains logarithms, term by term. */
  #withLogsApart(part: Part): Part {
    const apart: Part = []
    for (const [factor, id] of part)
      this.#split(
        id,
        factor,
        () => false,
        (one, by) => apart.push([by, one])
      )
    return apart.some(([, id]) => this.graph.argsOf(id, "log1mexp") !== undefined) ? apart : part
  }

  /** e^s for a function of one response. */
  #expOfOne(s: NodeId): NodeId {
    const log = this.graph.argsOf(s, "log1mexp")?.[0]
    if (log !== undefined) return this.#lacks(log)
    if (this.#dependence(s) !== "none") this.guards.add(s)
    return this.graph.apply("exp", s)
  }

  /** 1 - e^s for a function of one response. */
  #lacks(s: NodeId): NodeId {
    const log = this.graph.argsOf(s, "log1mexp")?.[0]
    return log === undefined ? this.graph.neg(this.graph.apply("expm1", s)) : this.#expOfOne(log)
  }

  /** Splits a sum into terms. */
  #collect(id: NodeId, factor: number, terms: Terms): void {
    this.#split(
      id,
      factor,
      (one) => !this.isPair(one),
      (one, by) => terms[this.#dependence(one)].push([by, one])
    )
  }

  /** Goes through the terms of a sum with their factors; those that `whole` accepts are not split. */
  #split(id: NodeId, factor: number, whole: (id: NodeId) => boolean, take: (id: NodeId, factor: number) => void): void {
    const { graph } = this
    const node = graph.node(id)
    if (whole(id) || !isOperation(node)) {
      take(id, factor)
      return
    }
    const [x, y] = node.args as [NodeId, NodeId]
    const [a, b] = node.args.map((arg) => graph.constantValue(arg))
    if (node.op === "add" || node.op === "sub") {
      this.#split(x, factor, whole, take)
      this.#split(y, node.op === "add" ? factor : -factor, whole, take)
    } else if (node.op === "neg") this.#split(x, -factor, whole, take)
    else if (node.op === "mul" && a !== undefined) this.#split(y, factor * a, whole, take)
    else if (node.op === "mul" && b !== undefined) this.#split(x, factor * b, whole, take)
    else if (node.op === "div" && b !== undefined) this.#split(x, factor / b, whole, take)
    else take(id, factor)
  }

  /** e^x where x is a logarithm of something simpler. */
  #powerOfPair(id: NodeId): Ratio | undefined {
    const log = this.graph.argsOf(id, "log1mexp")?.[0]
    if (log !== undefined) return { top: [this.#complement(log)], bottom: [] }
    const soft = this.graph.argsOf(id, "softplus")?.[0]
    const inner = soft === undefined ? undefined : this.#ratio(soft)
    if (inner === undefined) return undefined
    const bottom = this.#product(inner.bottom)
    return { top: [this.graph.add(this.#product(inner.top), bottom)], bottom: inner.bottom }
  }

  /** 1 - e^y. */
  #complement(y: NodeId): NodeId {
    const { graph } = this
    const terms: Terms = { none: [], 0: [], 1: [], pair: [] }
    this.#collect(y, 1, terms)
    const of = (part: Part): NodeId | undefined =>
      part.length === 1 && part[0]![0] === 1 && isNonPositive(graph, part[0]![1]) ? part[0]![1] : undefined
    const [a, b] = [of(terms[0]), of(terms[1])]
    if (a === undefined || b === undefined || terms.none.length + terms.pair.length > 0) {
      return graph.neg(graph.apply("expm1", this.rewrite(y)))
    }
    // The logarithm first: then both labels of a pair use the product of the complements.
    const [one, other] = graph.argsOf(b, "log1mexp") === undefined ? [a, b] : [b, a]
    return graph.add(graph.mul(this.#expOfOne(one), this.#lacks(other)), this.#lacks(one))
  }
}

/** The factored form of a graph, whose nodes are added to it; undefined where it would not be much cheaper. */
export const factored = ({ graph, pushes }: PairGraph): FactoredGraph | undefined => {
  const factoring = new Factoring(graph)
  const made = [factoring.rewrite(pushes[0]), factoring.rewrite(pushes[1])] as const
  if (pairCost(graph, made) > 0.75 * pairCost(graph, pushes)) return undefined
  return { graph, pushes: made, guards: [...factoring.guards], bound: largestExponent / factoring.longest }
}
