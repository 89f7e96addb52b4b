/**
 * Distributions over arms as positive integer weights: probability k is weights[k] / Σ weights, so every case is made
 * of rationals that can be printed exactly and typed again.
 */
import type * as fc from "fast-check"

/** Positive integer weights, one per arm. */
export type Weights = ReadonlyArray<number>

/** The largest weight that is drawn: probabilities go down to about 1e-5. */
export const largestWeight = 10_000

/** Whether the value is a list of at least `fewest` positive integers. */
export const isWeights = (value: unknown, fewest = 1): value is Weights =>
  Array.isArray(value) && value.length >= fewest && value.every((weight) => Number.isInteger(weight) && weight > 0)

/** Sum of the weights. */
export const total = (weights: Weights): number => weights.reduce((sum, weight) => sum + weight, 0)

/** The probabilities. */
export const probabilities = (weights: Weights): Array<number> => {
  const sum = total(weights)
  return weights.map((weight) => weight / sum)
}

/** The log-probabilities, in nats. */
export const logProbabilities = (weights: Weights): Array<number> => {
  const sum = total(weights)
  // Next to 1 the logarithm is taken of what is missing, which is exact.
  return weights.map((weight) => (2 * weight > sum ? Math.log1p((weight - sum) / sum) : Math.log(weight / sum)))
}

/** Equal weights. */
export const uniform = (arms: number): Weights => Array.from({ length: arms }, () => 1)

/** Whether all arms weigh the same. */
export const isUniform = (weights: Weights): boolean => weights.every((weight) => weight === weights[0])

/** The same distribution in lowest terms: (2, 4) → (1, 2). */
export const reduced = (weights: Weights): Weights => {
  const divisor = weights.reduce((a, b) => {
    let [high, low] = [a, b]
    while (low !== 0) [high, low] = [low, high % low]
    return high
  })
  return weights.map((weight) => weight / divisor)
}

/** Weights between 1 and a bound that itself is drawn: near-uniform, moderate and extreme distributions all occur. */
export const drawWeights = (random: fc.Random, arms: number): Weights => {
  const bound = [4, 20, largestWeight][random.nextInt(0, 2)]!
  const draw = (): number =>
    // Log-uniform, so that small and large weights meet in one distribution.
    bound < largestWeight ? random.nextInt(1, bound) : Math.floor(2 ** (random.nextInt(0, 1328) / 100))
  return reduced(Array.from({ length: arms }, draw))
}

/** Two weights whose odds reach 2^50 either way: for links that turn only at large margins. */
export const drawFarWeights = (random: fc.Random): Weights => {
  const odds = Math.floor(2 ** (random.nextInt(0, 500) / 10))
  return random.nextInt(0, 1) === 0 ? [1, odds] : [odds, 1]
}

/** All weights of `arms` arms with the given sum and no common factor, lexicographically; the small, readable ones. */
export function* weightsOfTotal(arms: number, sum: number): Generator<Weights> {
  const weights: Array<number> = []
  function* extend(rest: number): Generator<Weights> {
    if (weights.length === arms - 1) {
      const complete = [...weights, rest]
      if (reduced(complete)[0] === complete[0]) yield complete
      return
    }
    for (let weight = 1; weight <= rest - (arms - 1 - weights.length); weight++) {
      weights.push(weight)
      yield* extend(rest - weight)
      weights.pop()
    }
  }
  if (sum >= arms && arms > 0) yield* extend(sum)
}

/**
 * Simpler neighbours of a distribution with the same arms: uniform, all halved, then one weight lowered by half, a quarter,
 * … down to one, so that even huge weights reach their smallest failing value in few steps.
 */
export function* simplerWeights(weights: Weights): Generator<Weights> {
  yield uniform(weights.length)
  yield reduced(weights.map((weight) => Math.ceil(weight / 2)))
  for (let arm = 0; arm < weights.length; arm++) {
    const weight = weights[arm]!
    for (let less = weight - 1; less >= 1; less = Math.floor(less / 2)) {
      yield reduced(weights.map((kept, k) => (k === arm ? weight - less : kept)))
    }
  }
}
