/**
 * The core ratio of a structure as graph nodes: `rho = log WMC(ticks) - log WMC(crosses)` and its derivatives by the
 * policy's log-probabilities. The derivatives are not those of the logaddexp chain, which loses every digit where a count
 * is near 1: with N = u N1 + v N0 and D = u D1 + v D0 in the literal weights of one proposition (u + v = 1),
 *
 *   d rho / d log(u/v) = u v (N1 D0 - N0 D1) / (N D),
 *
 * the like terms of N1 D0 and N0 D1 cancelled exactly (docs/theory.md §9, §10). A monotone loss then has terms of one sign.
 */
import { logProbName } from "../logic/proposition.ts"
import { compareRational, gcdInteger, multiplyRational, type Rational, rational } from "../logic/rational.ts"
import { hasRow } from "../logic/rows.ts"
import { type AnyStructure, isWeighted } from "../logic/structure.ts"
import { LogCounter } from "./counting.ts"
import { bestManager, type WeightTable } from "./diagram.ts"
import { addForms, atomForm, constantForm, type LogForm, subtractForms, zeroForm } from "./logForm.ts"
import {
  countPolynomial,
  isZeroPairs,
  multiplyPairs,
  type PairPolynomial,
  partPairs,
  primitivePairs,
  subtractPairs,
  thetaPairs
} from "./pairPolynomial.ts"
import type { NodeId } from "./program.ts"
import { readsLogOdds, type Weight, type WeightReading, weightOf } from "./semantics.ts"
import type { Graph } from "./simplify.ts"

/** A derivative as a sum of exponentials, `Σ factor · e^log / count`, and as the node of that sum. */
export interface Slope {
  readonly node: NodeId
  readonly parts: ReadonlyArray<{ readonly factor: number; readonly log: NodeId }>
  readonly count?: NodeId
}

/** rho and, by name of the policy's log-probabilities (lw, ll, …), its derivatives; names it does not depend on are absent. */
export interface CoreRatio {
  readonly rho: NodeId
  readonly slopes: Readonly<Record<string, Slope>>
}

/** The slope times `scale · e^power`, in one exponential a part: either factor alone may overflow or vanish. */
export const slopeTimesExp = (graph: Graph, slope: Slope, scale: NodeId, power: NodeId): NodeId => {
  const terms = slope.parts.map(({ factor, log }) =>
    graph.mul(graph.constant(factor), graph.apply("scaleExp", scale, graph.add(power, log)))
  )
  const sum = terms.reduce((total, term) => graph.add(total, term))
  return slope.count === undefined ? sum : graph.div(sum, slope.count)
}

interface Sides {
  readonly ticks: WeightTable
  readonly crosses: WeightTable
  /** rho of the integer tables is too large by this much. */
  readonly offset: number
}

/** Integer tables of both sides; rational weights are multiplied by their common denominator. */
const sidesOf = (structure: AnyStructure): Sides => {
  const rows = Array.from({ length: 2 ** structure.propositions.length }, (_, row) => row)
  if (!isWeighted(structure)) {
    const table = (set: bigint): WeightTable => rows.map((row) => (hasRow(set, row) ? 1n : 0n))
    return { ticks: table(structure.ticks), crosses: table(structure.crosses), offset: 0 }
  }
  const zero = rational(0)
  const integers = (weights: ReadonlyMap<number, Rational>): { table: WeightTable; factor: bigint } => {
    let factor = 1n
    for (const { den } of weights.values()) factor *= den / gcdInteger(factor, den)
    const scaled = rows.map((row) => multiplyRational(weights.get(row) ?? zero, rational(factor)))
    if (scaled.some((value) => compareRational(value, zero) < 0))
      throw new RangeError("coreRatio: a weight is negative")
    return { table: scaled.map((value) => value.num), factor }
  }
  const [ticks, crosses] = [integers(structure.ticks), integers(structure.crosses)]
  const offset = Math.log(Number(ticks.factor)) - Math.log(Number(crosses.factor))
  return { ticks: ticks.table, crosses: crosses.table, offset }
}

const smaller = (a: bigint, b: bigint): bigint => [a, b].reduce((x, y) => (y < x ? y : x))

/**
 * Adds rho and its derivatives to a graph.
 * @throws RangeError when a side is empty (rho is not finite), or a proposition has no weight under the reading
 */
export const compileCoreRatio = (graph: Graph, structure: AnyStructure, reading: WeightReading): CoreRatio => {
  const { ticks, crosses, offset } = sidesOf(structure)
  const names = structure.propositions.map(logProbName)
  const distinct = [...new Set(names)]
  const weights = distinct.map((name) => weightOf(graph, structure.propositions[names.indexOf(name)]!, reading))
  const manager = bestManager(structure.propositions.length, [ticks, crosses])
  const pairOf = names.map((name) => distinct.indexOf(name))
  const counter = new LogCounter(graph, weights, pairOf, manager)
  const value = subtractForms(logRatio(counter, ticks, crosses, readsLogOdds(reading)), constantForm(offset))
  const slopes: Record<string, Slope> = {}
  for (const [pair, weight] of weights.entries()) {
    if (weight.policyInput === undefined) continue
    const slope = slopeBy(counter, ticks, crosses, pair)
    if (slope !== undefined) slopes[weight.name] = slope
  }
  return { rho: counter.emit(value), slopes }
}

/** Whether the form speaks of literals only, so that no sum of weights is left in it. */
const isLinear = (form: LogForm, weights: ReadonlyArray<Weight>): boolean =>
  [...form.terms.keys()].every((id) => weights.some((weight) => id === weight.positive || id === weight.negative))

/**
 * `log N - log D` of two tables. Where literals are log-odds both counts may be tiny (or near 1) together, on the rows that
 * they share; then their ratio to the shared count C is what can be computed: with N = C + P and D = C + M,
 * `log(1 + P/C) - log(1 + M/C)`, or `log(P/M) + log(1 + C/P) - log(1 + C/M)` where P and M are the larger parts.
 */
const logRatio = (counter: LogCounter, n: WeightTable, d: WeightTable, inLogOdds: boolean): LogForm => {
  const [logN, logD] = [counter.logCount(n), counter.logCount(d)]
  if (logN === undefined || logD === undefined) throw new RangeError("coreRatio: a side has no rows, rho is not finite")
  const direct = subtractForms(logN, logD)
  if (!inLogOdds || isLinear(direct, counter.weights)) return direct
  const shared = n.map((weight, row) => smaller(weight, d[row]!))
  const logC = counter.logCount(shared)
  if (logC === undefined) return direct
  const logP = counter.logCount(n.map((weight, row) => weight - shared[row]!))
  const logM = counter.logCount(d.map((weight, row) => weight - shared[row]!))
  return sharedRatio(counter, logC, logP, logM)
}

const sharedRatio = (
  counter: LogCounter,
  logC: LogForm,
  logP: LogForm | undefined,
  logM: LogForm | undefined
): LogForm => {
  const { graph } = counter
  const over = (form: LogForm): NodeId => counter.emit(subtractForms(form, logC))
  const soft = (id: NodeId): NodeId => graph.apply("softplus", id)
  if (logP === undefined || logM === undefined) {
    if (logP !== undefined) return atomForm(soft(over(logP)))
    return logM === undefined ? zeroForm : atomForm(soft(over(logM)), -1)
  }
  const [x, y] = [over(logP), over(logM)]
  const nearShared = graph.sub(soft(x), soft(y))
  const apart = graph.add(counter.emit(subtractForms(logP, logM)), graph.sub(soft(graph.neg(x)), soft(graph.neg(y))))
  const isApart = graph.apply("less", graph.constant(0), graph.apply("min", x, y))
  return atomForm(graph.apply("where", isApart, apart, nearShared))
}

/** `d rho / d log-probability` of one weight; undefined when rho does not depend on it. */
const slopeBy = (counter: LogCounter, n: WeightTable, d: WeightTable, pair: number): Slope | undefined => {
  const { graph } = counter
  const members = counter.pairOf.flatMap((p, k) => (p === pair ? [k] : []))
  const parts =
    members.length === 1 ? slopePartsOfOne(counter, n, d, members[0]!) : slopePartsOfCopies(counter, n, d, pair)
  const { slopeFactor, slopeLogComplement, count } = counter.weights[pair]!
  const chain = slopeLogComplement === undefined ? zeroForm : atomForm(slopeLogComplement, -1)
  let sum: NodeId | undefined
  const emitted = parts.map(({ factor, log }) => {
    const part = { factor: factor * slopeFactor, log: counter.emit(addForms(log, chain)) }
    const term = graph.mul(graph.constant(part.factor), graph.apply("exp", part.log))
    sum = sum === undefined ? term : graph.add(sum, term)
    return part
  })
  if (sum === undefined) return undefined
  return count === undefined ? { node: sum, parts: emitted } : { node: graph.div(sum, count), parts: emitted, count }
}

/** One signed part `factor · e^log` of a derivative by log-odds. */
interface SlopePart {
  readonly factor: number
  readonly log: LogForm
}

const cofactor = (table: WeightTable, k: number, value: 0 | 1): WeightTable =>
  table.map((_, row) => table[value === 1 ? row | (1 << k) : row & ~(1 << k)]!)

const equalTables = (a: WeightTable, b: WeightTable): boolean => a.every((weight, row) => weight === b[row])

/**
 * The parts for a proposition without copies. Written with conditional probabilities, `u N1/N = sigmoid(x)` and
 * `u D1/D = sigmoid(y)`, nothing of the size of log N is left to cancel:
 * `sigmoid(x) sigmoid(-y) · Q⁺/(N1 D0) - sigmoid(-x) sigmoid(y) · Q⁻/(N0 D1)`, `Q = N1 D0 - N0 D1 = Q⁺ - Q⁻`.
 */
const slopePartsOfOne = (counter: LogCounter, n: WeightTable, d: WeightTable, k: number): ReadonlyArray<SlopePart> => {
  const others = counter.pairOf.flatMap((_, i) => (i === k ? [] : [i]))
  const polynomial = (table: WeightTable): PairPolynomial =>
    countPolynomial(table, counter.pairOf, counter.weights.length, others)
  const [n1, n0, d1, d0] = [cofactor(n, k, 1), cofactor(n, k, 0), cofactor(d, k, 1), cofactor(d, k, 0)]
  const q = subtractPairs(multiplyPairs(polynomial(n1), polynomial(d0)), multiplyPairs(polynomial(n0), polynomial(d1)))
  const weight = counter.weights[counter.pairOf[k]!]!
  const part = (sign: 1 | -1, tops: readonly [WeightTable, WeightTable], shares: LogForm): ReadonlyArray<SlopePart> => {
    const terms = partPairs(q, sign)
    if (isZeroPairs(terms)) return []
    const { content, primitive } = primitivePairs(terms)
    const below = addForms(counter.logCount(tops[0])!, counter.logCount(tops[1])!)
    const log = addForms(subtractForms(counter.logPolynomial(primitive), below), shares)
    return [{ factor: sign * Number(content), log }]
  }
  const share = (table: WeightTable, truth: boolean): LogForm => logShare(counter, weight, table, k, truth)
  return [
    ...part(1, [n1, d0], addForms(share(n, true), share(d, false))),
    ...part(-1, [n0, d1], addForms(share(n, false), share(d, true)))
  ]
}

/**
 * Log of the share of a count in which proposition k is true (`u N1 / N`) or false (`v N0 / N`). A count `N = 1 - Π literals`
 * is at least 1e-12 or so and computed anyway, for rho: the share is then a difference. Any other N may be as small as its
 * parts, and the share is a logistic function of their ratio.
 */
const logShare = (counter: LogCounter, weight: Weight, table: WeightTable, k: number, truth: boolean): LogForm => {
  const literal = atomForm(truth ? weight.positive : weight.negative)
  const [one, zero] = [cofactor(table, k, 1), cofactor(table, k, 0)]
  if (equalTables(one, zero)) return literal
  const [log1, log0] = [counter.logCount(one), counter.logCount(zero)]
  if (log1 === undefined || log0 === undefined) return zeroForm
  const whole = counter.logCount(table)!
  if (counter.isComplement(whole)) return subtractForms(addForms(literal, truth ? log1 : log0), whole)
  const odds = addForms(subtractForms(atomForm(weight.positive), atomForm(weight.negative)), subtractForms(log1, log0))
  const against = counter.emit(truth ? subtractForms(zeroForm, odds) : odds)
  return atomForm(counter.graph.apply("softplus", against), -1)
}

/**
 * The parts for a weight with copies: N and D as polynomials in the pair, `d rho / d log(u/v) = (D θN - N θD) / (N D)`
 * with `θ = u ∂/∂u`, like terms cancelled exactly.
 */
const slopePartsOfCopies = (
  counter: LogCounter,
  n: WeightTable,
  d: WeightTable,
  pair: number
): ReadonlyArray<SlopePart> => {
  const all = counter.pairOf.map((_, k) => k)
  const polynomial = (table: WeightTable): PairPolynomial =>
    countPolynomial(table, counter.pairOf, counter.weights.length, all)
  const [top, bottom] = [polynomial(n), polynomial(d)]
  const w = subtractPairs(multiplyPairs(bottom, thetaPairs(top, pair)), multiplyPairs(top, thetaPairs(bottom, pair)))
  const below = addForms(counter.logCount(n)!, counter.logCount(d)!)
  return ([1, -1] as const).flatMap((sign) => {
    const terms = partPairs(w, sign)
    if (isZeroPairs(terms)) return []
    const { content, primitive } = primitivePairs(terms)
    return [{ factor: sign * Number(content), log: subtractForms(counter.logPolynomial(primitive), below) }]
  })
}
