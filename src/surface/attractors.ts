/**
 * @file Where gradient flow ends, from many starts: minima inside the simplex, with Newton's certificate, and faces of the
 * boundary that the policy escapes to, with the loss that it tends to.
 */
import type { Environment } from "../bandit/environment.ts"
import { populationMinimiser } from "../bandit/minimiser.ts"
import { pairLossFamily } from "../bandit/pairLoss.ts"
import { exactPairs, type PairTable } from "../bandit/pairs.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Program } from "../loss/program.ts"
import { type FlowField, flowField, type Metric } from "./field.ts"
import { type FlowOptions, type FlowRun, integrateFlow } from "./flow.ts"

/**
 * `minimum`: an isolated stationary point, certified by Newton's method; `flat`: a stationary point in a set of equally good
 * ones; `face`: some arms vanish; `unsettled`: the flow still moved when it was stopped.
 */
export const endKinds = ["minimum", "flat", "face", "unsettled"] as const
export type EndKind = (typeof endKinds)[number]

/** The end of one flow. */
export interface FlowEnd {
  readonly kind: EndKind
  /** π, shape [arms]; the limit, where arms vanish. */
  readonly policy: Float64Array
  /** Arms that vanish, ascending. */
  readonly vanishing: ReadonlyArray<number>
  /** Loss that the flow tends to, nats; -Infinity when it falls without bound. */
  readonly loss: number
}

/** One place or set where flows end. */
export interface Attractor {
  readonly kind: EndKind
  /** Mean of the ends. */
  readonly policy: Float64Array
  readonly vanishing: ReadonlyArray<number>
  /** Least loss of the ends. */
  readonly loss: number
  /** Largest total variation of an end from `policy`: 0 up to integration error where the attractor is a point. */
  readonly spread: number
  /** Share of the starts that end here. */
  readonly share: number
}

/** Attractors by falling share, and which of them each start leads to. */
export interface Basins {
  readonly attractors: ReadonlyArray<Attractor>
  readonly ends: ReadonlyArray<number>
}

/** What flows run on. */
export interface BasinSetting {
  readonly program: Program
  readonly environment: Environment
  readonly metric: Metric
  readonly table?: PairTable
  readonly flow?: FlowOptions
}

/** Ends nearer to each other than this, in total variation, are one. */
const sameEnd = 0.01

/** ½ Σ |p - q|. */
export const totalVariation = (p: Float64Array, q: Float64Array): number =>
  p.reduce((total, value, i) => total + Math.abs(value - q[i]!) / 2, 0)

/** The loss as arms vanish: -Infinity when it falls by as much each time that they are twice as far. */
const limitLoss = (field: FlowField, { logp, vanishing }: FlowRun): number => {
  const at = (share: number): number =>
    field.lossAt(logp.map((value, i) => (vanishing.includes(i) ? share * value : value)))
  const losses = [0.5, 1, 2, 4, 8].map(at)
  const falls = losses.slice(1).map((loss, k) => losses[k]! - loss)
  const forEver = falls.every((fall, k) => fall > 1e-9 && (k === 0 || fall > 0.9 * falls[k - 1]!))
  return forEver ? Number.NEGATIVE_INFINITY : losses[1]!
}

/** Follows one flow to its end. */
export type EndFinder = (start: Float64Array) => FlowEnd

/**
 * Flow to its end, from any start. A flow that came to rest inside is handed to Newton's method, which has to find a stationary
 * point within 0.01 in total variation.
 */
export const endFinder = (setting: BasinSetting): EndFinder => {
  const { program, environment, metric, flow } = setting
  const table = setting.table ?? exactPairs(environment)
  const field = flowField(program, environment, { metric, table })
  const family = pairLossFamily("flow", compileKernel(program))
  return (start) => {
    const run = integrateFlow(field, start, flow)
    const policy = run.logp.map(Math.exp)
    const moving = run.reason === "steps" || run.reason === "undefined"
    const { vanishing } = run
    if (moving) return { kind: "unsettled", policy, vanishing, loss: field.lossAt(run.logp) }
    if (vanishing.length > 0) {
      const limit = policy.map((p, i) => (vanishing.includes(i) ? 0 : p))
      return { kind: "face", policy: limit, vanishing, loss: limitLoss(field, run) }
    }
    const polished = populationMinimiser(environment, family, table, { start: run.logp })
    const certified = polished.attained && totalVariation(polished.policy, policy) <= sameEnd
    if (!certified) return { kind: "unsettled", policy, vanishing: [], loss: field.lossAt(run.logp) }
    const kind = polished.unique ? "minimum" : "flat"
    return { kind, policy: polished.unique ? polished.policy : policy, vanishing: [], loss: polished.loss }
  }
}

/** Ends of one attractor: points by distance, sets by their kind and the arms that vanish. */
const same = (a: FlowEnd, b: FlowEnd): boolean => {
  if (a.kind !== b.kind || a.vanishing.join() !== b.vanishing.join()) return false
  return a.kind === "minimum" ? totalVariation(a.policy, b.policy) <= sameEnd : true
}

const attractorOf = (ends: ReadonlyArray<FlowEnd>, total: number): Attractor => {
  const { kind, vanishing, policy: first } = ends[0]!
  const policy = first.map((_, i) => ends.reduce((mean, end) => mean + end.policy[i]! / ends.length, 0))
  return {
    kind,
    policy,
    vanishing,
    loss: Math.min(...ends.map(({ loss }) => loss)),
    spread: Math.max(...ends.map((end) => totalVariation(end.policy, policy))),
    share: ends.length / total
  }
}

/** Gathers ends into attractors. @throws RangeError without ends */
export const gatherEnds = (ends: ReadonlyArray<FlowEnd>): Basins => {
  if (ends.length === 0) throw new RangeError("gatherEnds: no ends")
  const groups: Array<Array<number>> = []
  for (const [i, end] of ends.entries()) {
    const group = groups.find(([first]) => same(ends[first!]!, end))
    if (group === undefined) groups.push([i])
    else group.push(i)
  }
  groups.sort((a, b) => b.length - a.length || a[0]! - b[0]!)
  const of = new Array<number>(ends.length)
  for (const [number, group] of groups.entries()) for (const i of group) of[i] = number
  return {
    attractors: groups.map((group) =>
      attractorOf(
        group.map((i) => ends[i]!),
        ends.length
      )
    ),
    ends: of
  }
}

/** Attractors of the flow from many starts, log π of each. */
export const basins = (setting: BasinSetting, starts: ReadonlyArray<Float64Array>): Basins =>
  gatherEnds(starts.map(endFinder(setting)))
