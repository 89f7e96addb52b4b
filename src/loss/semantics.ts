/**
 * What literals weigh (docs/theory.md §11). Only the odds of a proposition matter to rho, so every reading is brought to a
 * pair of log weights whose exponentials sum to 1:
 * - absolute, odds to the power 1: `log p` and `log(1 - p)`;
 * - otherwise, with log-odds `x` (relative: `b (log p - log r)`; absolute: `b (log p - log(1 - p))`): `logsigmoid(±x)`.
 */
import { logProbName, type Proposition, propositionParts } from "../logic/proposition.ts"
import type { Semantics } from "../logic/structure.ts"
import type { LiteralPair } from "./logForm.ts"
import type { NodeId } from "./program.ts"
import type { Graph } from "./simplify.ts"

/** How the propositions of a structure weigh. */
export interface WeightReading {
  readonly semantics: Semantics
  /** Power of every odds, > 0. */
  readonly oddsBeta: number
  /** Whether log-probabilities are divided by their token counts. */
  readonly lengthNormalised: boolean
}

/** The weight that a proposition and its copies share. */
export interface Weight extends LiteralPair {
  /** Name of the log-probability: lw, rl, ly3. */
  readonly name: string
  /** The policy's log-probability as an input node; undefined for a reference proposition. */
  readonly policyInput?: NodeId
  /** `d x / d log p` of the log-odds x is `slopeFactor` (relative reading) or `slopeFactor / (1 - p)` (absolute). */
  readonly slopeFactor: number
  /** The node log(1 - p), where that second factor is there. */
  readonly slopeLogComplement?: NodeId
  /** The token count by which the derivative is divided, when length-normalised. */
  readonly count?: NodeId
}

/** Whether literals are given by log-odds (any reading but the plain absolute one). */
export const readsLogOdds = (reading: WeightReading): boolean =>
  reading.semantics === "relative" || reading.oddsBeta !== 1

/**
 * The weight of a proposition as nodes of the graph.
 * @throws RangeError for a reference proposition under the relative reading, which has none, or oddsBeta ≤ 0
 */
export const weightOf = (graph: Graph, proposition: Proposition, reading: WeightReading): Weight => {
  const { model, response } = propositionParts(proposition)
  if (!(reading.oddsBeta > 0)) throw new RangeError(`weightOf: oddsBeta must be above 0, got ${reading.oddsBeta}`)
  if (model === "Ref" && reading.semantics === "relative") {
    throw new RangeError(`weightOf: ${proposition} has no weight under the relative semantics`)
  }
  const name = logProbName(proposition)
  const input = graph.input(name)
  const count = reading.lengthNormalised ? graph.input(`n${response}`) : undefined
  const perToken = (id: NodeId): NodeId => (count === undefined ? id : graph.div(id, count))
  const common = {
    name,
    response,
    ...(model === "M" ? { policyInput: input } : {}),
    ...(count === undefined ? {} : { count })
  }
  const logP = perToken(input)
  if (reading.semantics === "relative") {
    // The difference first: nearly equal log-probabilities cancel without error.
    const logRatio = perToken(graph.sub(input, graph.input(`r${response}`)))
    return {
      ...common,
      ...fromLogOdds(graph, scaled(graph, logRatio, reading.oddsBeta)),
      slopeFactor: reading.oddsBeta
    }
  }
  const complement = graph.apply("log1mexp", logP)
  if (reading.oddsBeta === 1) {
    return { ...common, positive: logP, negative: complement, slopeFactor: 1, slopeLogComplement: complement }
  }
  const logOdds = scaled(graph, graph.sub(logP, complement), reading.oddsBeta)
  return {
    ...common,
    ...fromLogOdds(graph, logOdds),
    slopeFactor: reading.oddsBeta,
    slopeLogComplement: complement
  }
}

const scaled = (graph: Graph, id: NodeId, factor: number): NodeId => graph.mul(graph.constant(factor), id)

const fromLogOdds = (graph: Graph, logOdds: NodeId): Pick<Weight, "positive" | "negative" | "logOdds"> => ({
  positive: graph.apply("logsigmoid", logOdds),
  negative: graph.apply("logsigmoid", graph.neg(logOdds)),
  logOdds
})
