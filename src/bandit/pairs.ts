/**
 * Labelled pairs, grouped: each (context, chosen, rejected) once, with the weight it has in the expectation, so that a
 * full-batch step costs O(unique pairs) whatever the number of draws.
 */
import type { Rng } from "../random/rng.ts"
import { comparisonMatrix, drawFrom, type PairDraw, pairDraw } from "./comparisons.ts"
import type { Environment } from "./environment.ts"
import { flipped, type PreferenceModel } from "./preferences.ts"

/** Columns of one value per unique pair; responses are named by their flat index `context * arms + arm`. */
export interface PairTable {
  readonly count: number
  readonly chosen: Int32Array
  readonly rejected: Int32Array
  /** Share of the pair in the data, sums to 1. */
  readonly weight: Float64Array
  /** log π_ref of chosen and rejected, nats. */
  readonly rw: Float64Array
  readonly rl: Float64Array
  /** Token counts of chosen and rejected. */
  readonly nw: Float64Array
  readonly nl: Float64Array
  /** Reward scores of chosen and rejected: gold, or the table that {@link DataOptions.scores} names. */
  readonly sw: Float64Array
  readonly sl: Float64Array
}

/** A pair with a weight, before grouping. */
export interface WeightedPair {
  readonly context: number
  readonly chosen: number
  readonly rejected: number
  /** ≥ 0; weights are normalised to sum 1. */
  readonly weight: number
}

/** How the world's comparisons are changed before they become data. */
export interface DataOptions {
  /** `covered[context * arms + arm]` = 0: the arm occurs in no pair. Default: all that the environment compares. */
  readonly covered?: Uint8Array
  /** Probability that a label is flipped. Default 0. */
  readonly noise?: number
  /** What the losses read as scores, shape [contexts * arms]. Default: the gold reward. */
  readonly scores?: Float64Array
}

/** Grows the columns of a {@link PairTable}. */
class PairTableBuilder {
  readonly #environment: Environment
  readonly #scores: Float64Array
  readonly #chosen: Array<number> = []
  readonly #rejected: Array<number> = []
  readonly #weight: Array<number> = []

  constructor(environment: Environment, scores: Float64Array = environment.reward) {
    this.#environment = environment
    this.#scores = scores
  }

  add(chosen: number, rejected: number, weight: number): void {
    if (weight === 0) return
    this.#chosen.push(chosen)
    this.#rejected.push(rejected)
    this.#weight.push(weight)
  }

  build(): PairTable {
    const { reference, lengths } = this.#environment
    const scores = this.#scores
    const total = this.#weight.reduce((sum, w) => sum + w, 0)
    if (!(total > 0 && Number.isFinite(total))) throw new RangeError(`pairs: the weights sum to ${total}`)
    const column = (flat: ReadonlyArray<number>, value: (i: number) => number): Float64Array => {
      // Float64Array.from with a function goes through an iterator, which costs as much as a thousand training steps.
      const made = new Float64Array(flat.length)
      for (let i = 0; i < flat.length; i++) made[i] = value(flat[i]!)
      return made
    }
    return {
      count: this.#chosen.length,
      chosen: Int32Array.from(this.#chosen),
      rejected: Int32Array.from(this.#rejected),
      weight: column(this.#weight, (w) => w / total),
      rw: column(this.#chosen, (i) => Math.log(reference[i]!)),
      rl: column(this.#rejected, (i) => Math.log(reference[i]!)),
      nw: column(this.#chosen, (i) => lengths?.[i] ?? 1),
      nl: column(this.#rejected, (i) => lengths?.[i] ?? 1),
      sw: column(this.#chosen, (i) => scores[i]!),
      sl: column(this.#rejected, (i) => scores[i]!)
    }
  }
}

const nothingToCompare = (context: number) => new RangeError(`pairs: no pair can be drawn in context ${context}`)

/**
 * The population of an environment: every ordered pair (a, b) with weight
 * `contextWeight * (m(a, b) + m(b, a)) * P(a ≻ b)`, m the distribution of compared pairs.
 * @throws RangeError when coverage leaves a context without a pair
 */
export const exactPairs = (environment: Environment, options: DataOptions = {}): PairTable => {
  const { contexts, arms, contextWeights, comparisons } = environment
  const preference = flipped(environment.preference, options.noise ?? 0)
  const builder = new PairTableBuilder(environment, options.scores)
  for (let c = 0; c < contexts; c++) {
    const matrix = comparisonMatrix(comparisons, c, arms, options.covered)
    if (matrix === undefined) throw nothingToCompare(c)
    for (let a = 0; a < arms; a++) {
      for (let b = 0; b < arms; b++) {
        const drawn = a === b ? matrix[a * arms + a]! : matrix[a * arms + b]! + matrix[b * arms + a]!
        const label = a === b ? 1 : preference.probability(c, a, b)
        builder.add(c * arms + a, c * arms + b, contextWeights[c]! * drawn * label)
      }
    }
  }
  return builder.build()
}

/** A sampled data set: its unique pairs, and which unique pair each draw is (in the order drawn). */
export interface SampledPairs {
  readonly table: PairTable
  readonly draws: Int32Array
}

/**
 * Draws labelled pairs: context by its weight, (y, y') by the environment's comparisons, label by its preference model.
 * @param count number of pairs, ≥ 1
 * @throws RangeError when coverage leaves a context without a pair
 */
export const sampledPairs = (
  environment: Environment,
  count: number,
  rng: Rng,
  options: DataOptions = {}
): SampledPairs => {
  if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`sampledPairs: count must be >= 1, got ${count}`)
  const preference = flipped(environment.preference, options.noise ?? 0)
  const { arms, contexts } = environment
  const contextDraw = drawFrom(environment.contextWeights)
  const pairDraws = Array.from({ length: contexts }, (_, c) => {
    const draw = pairDraw(environment.comparisons, c, arms, options.covered)
    if (draw === undefined) throw nothingToCompare(c)
    return draw
  })
  const keys = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const context = contexts === 1 ? 0 : contextDraw.next(rng)
    keys[i] = context * arms * arms + drawLabelled(preference, pairDraws[context]!, context, arms, rng)
  }
  return grouped(environment, keys, options.scores)
}

/** arms * chosen + rejected of one labelled draw. */
const drawLabelled = (preference: PreferenceModel, draw: PairDraw, context: number, arms: number, rng: Rng): number => {
  const pair = draw(rng)
  const first = Math.floor(pair / arms)
  const second = pair % arms
  return rng.uniform() < preference.probability(context, first, second) ? pair : second * arms + first
}

const grouped = (environment: Environment, keys: Float64Array, scores?: Float64Array): SampledPairs => {
  const { arms } = environment
  const unique = [...new Set(keys)].sort((a, b) => a - b)
  const position = new Map(unique.map((key, i) => [key, i]))
  const draws = Int32Array.from(keys, (key) => position.get(key)!)
  const counts = new Float64Array(unique.length)
  for (const i of draws) counts[i]! += 1
  const builder = new PairTableBuilder(environment, scores)
  unique.forEach((key, i) => {
    const chosen = Math.floor(key / arms)
    const context = Math.floor(chosen / arms)
    builder.add(chosen, context * arms + (key % arms), counts[i]!)
  })
  return { table: builder.build(), draws }
}

/** Pairs by flat responses `context * arms + arm`, which may be of different contexts; weights normalised. */
export const responsePairs = (
  environment: Environment,
  pairs: Iterable<{ readonly chosen: number; readonly rejected: number; readonly weight: number }>,
  scores?: Float64Array
): PairTable => {
  const builder = new PairTableBuilder(environment, scores)
  for (const { chosen, rejected, weight } of pairs) builder.add(chosen, rejected, weight)
  return builder.build()
}

/** The given pairs, in the order given, weights normalised. @throws RangeError for an arm or context out of range */
export const listedPairs = (environment: Environment, pairs: ReadonlyArray<WeightedPair>): PairTable => {
  const { arms, contexts } = environment
  const builder = new PairTableBuilder(environment)
  for (const { context, chosen, rejected, weight } of pairs) {
    for (const [value, limit] of [
      [context, contexts],
      [chosen, arms],
      [rejected, arms]
    ] as const) {
      if (!(Number.isInteger(value) && value >= 0 && value < limit)) {
        throw new RangeError(`listedPairs: index ${value} is not in 0..${limit - 1}`)
      }
    }
    if (!(weight >= 0)) throw new RangeError(`listedPairs: weight ${weight} is negative`)
    builder.add(context * arms + chosen, context * arms + rejected, weight)
  }
  return builder.build()
}

/**
 * 1 for every response (shape [contexts * arms]) that occurs in no pair of the data.
 * These are the answers a loss has no data on.
 */
export const unseenResponses = (environment: Environment, table: PairTable): Uint8Array => {
  const unseen = new Uint8Array(environment.contexts * environment.arms).fill(1)
  for (const i of table.chosen) unseen[i] = 0
  for (const i of table.rejected) unseen[i] = 0
  return unseen
}

/**
 * `covered` of {@link DataOptions}: the arms listed, in every context; or a fraction of the arms of each context (at
 * least two), drawn by `rng`.
 */
export const coverageMask = (
  { contexts, arms }: Environment,
  coverage: number | ReadonlyArray<number>,
  rng: Rng
): Uint8Array => {
  const mask = new Uint8Array(contexts * arms)
  const all = Array.from({ length: arms }, (_, y) => y)
  for (let c = 0; c < contexts; c++) {
    const kept =
      typeof coverage === "number"
        ? rng
            .split(c)
            .shuffled(all)
            .slice(0, Math.max(2, Math.round(coverage * arms)))
        : coverage
    for (const y of kept) {
      if (!(Number.isInteger(y) && y >= 0 && y < arms))
        throw new RangeError(`coverage: arm ${y} is not in 0..${arms - 1}`)
      mask[c * arms + y] = 1
    }
  }
  return mask
}
