/** A pair case with a second policy over the same arms, reference and extra inputs. */
import { type PairCase, pairCaseShape } from "./pairCase.ts"
import { CaseArbitrary } from "./shrink.ts"
import type { LossSubject } from "./subject.ts"
import {
  drawFarWeights,
  drawWeights,
  isWeights,
  simplerWeights,
  total,
  type Weights,
  weightsOfTotal
} from "./weights.ts"

/** Two policies on one bandit. */
export interface TwoPolicyCase {
  readonly pair: PairCase
  readonly second: Weights
}

function* candidates(value: TwoPolicyCase): Generator<TwoPolicyCase> {
  const { reference, inputs } = value.pair
  const rest = {
    ...(reference === undefined ? {} : { reference: [1, 1] }),
    ...(inputs === undefined ? {} : { inputs })
  }
  for (let sum = 2; sum <= 12; sum++) {
    for (const policy of weightsOfTotal(2, sum)) {
      for (const second of weightsOfTotal(2, sum)) yield { pair: { policy, ...rest }, second }
      yield { pair: { policy, ...rest }, second: [1, 1] }
    }
  }
  for (const second of simplerWeights(value.second)) yield { ...value, second }
  for (const policy of simplerWeights(value.pair.policy)) yield { ...value, pair: { ...value.pair, policy } }
  if (reference !== undefined) {
    for (const simpler of simplerWeights(reference)) yield { ...value, pair: { ...value.pair, reference: simpler } }
  }
}

/** Two-policy cases of a loss, on two arms. */
export const twoPolicyCases = (subject: LossSubject): CaseArbitrary<TwoPolicyCase> => {
  const shape = pairCaseShape(subject, { mostArms: 2 })
  return new CaseArbitrary<TwoPolicyCase>({
    draw: (random) => {
      const far = random.nextInt(0, 1) === 0
      const pair = shape.draw(random)
      return {
        pair: far ? { ...pair, policy: drawFarWeights(random) } : pair,
        second: far ? drawFarWeights(random) : drawWeights(random, 2)
      }
    },
    isCase: (value): value is TwoPolicyCase => {
      if (typeof value !== "object" || value === null) return false
      const { pair, second } = value as Partial<Record<keyof TwoPolicyCase, unknown>>
      return shape.isCase(pair) && isWeights(second) && second.length === pair.policy.length
    },
    complexity: (value) => {
      const [arms, reference, inputs, sum, ...rest] = shape.complexity(value.pair)
      return [arms!, reference!, inputs!, sum! + total(value.second), total(value.second), ...rest, ...value.second]
    },
    candidates
  })
}
