/** Metrics of how well a policy, or the reward it implies, orders responses. */
import { comparisonMatrix } from "../comparisons.ts"
import type { Environment } from "../environment.ts"
import { concordance } from "../orderStatistics.ts"
import {
  type Measure,
  type Metric,
  type PartialMetric,
  pairwiseFits,
  type ScopedMetric,
  type View,
  type World
} from "./metric.ts"

/** Some contexts, and how much each counts; the weights need not sum to 1. */
interface Region {
  readonly contexts: ReadonlyArray<number>
  readonly weights: ReadonlyArray<number>
}

/** {@link rankingAccuracy} in a region. */
const accuracyIn = ({ arms, reward }: Environment, { contexts, weights }: Region, score: Float64Array): number => {
  let accuracy = 0
  let total = 0
  contexts.forEach((c, k) => {
    const [from, to] = [c * arms, (c + 1) * arms]
    const { right, pairs } = concordance(reward.subarray(from, to), score.subarray(from, to))
    accuracy += weights[k]! * (pairs === 0 ? 0.5 : right / pairs)
    total += weights[k]!
  })
  return accuracy / total
}

const everywhere = ({ contexts, contextWeights }: Environment): Region => ({
  contexts: Array.from({ length: contexts }, (_, c) => c),
  weights: [...contextWeights]
})

/**
 * Share of arm pairs with R(a) > R(b) that have score(a) > score(b), ties 1/2, each context by its weight; 1/2 in a
 * context whose rewards are all equal. O(contexts · arms log arms).
 */
export const rankingAccuracy = (environment: Environment, score: Float64Array): number =>
  accuracyIn(environment, everywhere(environment), score)

/** Domains by name (`domain0`, …); one that never occurs in training (weight 0) counts its contexts alike. */
const domainsOf = ({ domains, contextWeights }: Environment): ReadonlyArray<readonly [string, Region]> => {
  const found = new Map<number, Array<number>>()
  domains?.forEach((domain, c) => {
    found.set(domain, [...(found.get(domain) ?? []), c])
  })
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([domain, contexts]) => {
      const weights = contexts.map((c) => contextWeights[c]!)
      const region = { contexts, weights: weights.some((w) => w > 0) ? weights : weights.map(() => 1) }
      return [`domain${domain}`, region] as const
    })
}

export const policyRanking: Metric<"rankingAccuracy"> = {
  id: "rankingAccuracy",
  title: "ranking accuracy",
  unit: "share",
  better: "higher",
  definition:
    "share of pairs of arms with different gold rewards that log π orders as the rewards do (a tie counts 1/2), each context by its weight; 1/2 when all rewards are equal",
  prepare:
    ({ environment }) =>
    ({ logp }) =>
      rankingAccuracy(environment, logp)
}

export const implicitRanking: Metric<"implicitRankingAccuracy"> = {
  id: "implicitRankingAccuracy",
  title: "ranking accuracy of the implicit reward",
  unit: "share",
  better: "higher",
  definition: "rankingAccuracy by the implicit reward log π - log π_ref; 1/2 at the reference",
  prepare:
    ({ environment }) =>
    ({ drift }) =>
      rankingAccuracy(environment, drift)
}

export const implicitRankingByDomain: ScopedMetric<"implicitRankingAccuracy"> = {
  ...implicitRanking,
  definition: "implicitRankingAccuracy in the contexts of one domain (domain0, domain1, …); absent without domains",
  prepare: ({ environment }) =>
    domainsOf(environment).map(([domain, region]): [string, Measure] => [
      domain,
      ({ drift }) => accuracyIn(environment, region, drift)
    ])
}

/** Comparisons (a, b), a < b flat, with the weight of "a wins" and "b wins" in fresh data. */
interface Comparisons {
  readonly first: ReadonlyArray<number>
  readonly second: ReadonlyArray<number>
  readonly firstWins: ReadonlyArray<number>
  readonly secondWins: ReadonlyArray<number>
}

/** Fresh comparisons in a region, as the environment draws and labels them, but for those that `seen` names. */
const freshComparisons = (
  environment: Environment,
  { contexts, weights }: Region,
  seen: (a: number, b: number) => boolean = () => false
): Comparisons | undefined => {
  const { arms, comparisons, preference } = environment
  const [first, second]: [Array<number>, Array<number>] = [[], []]
  const [firstWins, secondWins]: [Array<number>, Array<number>] = [[], []]
  contexts.forEach((c, k) => {
    const drawn = comparisonMatrix(comparisons, c, arms)!
    for (let a = 0; a < arms; a++) {
      for (let b = a + 1; b < arms; b++) {
        const weight = weights[k]! * (drawn[a * arms + b]! + drawn[b * arms + a]!)
        if (weight === 0 || seen(c * arms + a, c * arms + b)) continue
        const wins = preference.probability(c, a, b)
        first.push(c * arms + a)
        second.push(c * arms + b)
        firstWins.push(weight * wins)
        secondWins.push(weight * (1 - wins))
      }
    }
  })
  return first.length === 0 ? undefined : { first, second, firstWins, secondWins }
}

/** Share of labels that the implicit reward predicts, ties 1/2. */
const labelAccuracy =
  ({ first, second, firstWins, secondWins }: Comparisons): Measure =>
  ({ drift }: View) => {
    let right = 0
    let total = 0
    for (let i = 0; i < first.length; i++) {
      const gap = drift[first[i]!]! - drift[second[i]!]!
      total += firstWins[i]! + secondWins[i]!
      right += gap > 0 ? firstWins[i]! : gap < 0 ? secondWins[i]! : (firstWins[i]! + secondWins[i]!) / 2
    }
    return right / total
  }

const measured = (comparisons: Comparisons | undefined): Measure | undefined =>
  comparisons === undefined ? undefined : labelAccuracy(comparisons)

export const implicitAccuracy: PartialMetric<"implicitAccuracy"> = {
  id: "implicitAccuracy",
  title: "accuracy of the implicit reward",
  unit: "share",
  better: "higher",
  definition:
    "probability that log π - log π_ref is larger for the chosen response of a fresh comparison, drawn and labelled as the environment does " +
    "(a tie counts 1/2; noisy labels keep it below 1); 1/2 at the reference; absent above 2^20 pairs",
  prepare: ({ environment }) =>
    pairwiseFits(environment) ? measured(freshComparisons(environment, everywhere(environment))) : undefined
}

export const implicitAccuracyByDomain: ScopedMetric<"implicitAccuracy"> = {
  ...implicitAccuracy,
  definition:
    "implicitAccuracy on fresh comparisons of one domain (domain0, domain1, …), seen in training or not; absent without domains",
  prepare: ({ environment }) =>
    pairwiseFits(environment)
      ? domainsOf(environment).flatMap(([domain, region]) => {
          const measure = measured(freshComparisons(environment, region))
          return measure === undefined ? [] : [[domain, measure] as const]
        })
      : []
}

/** Whether two flat responses are compared somewhere in the training data. */
const trainedPairs = ({ table, environment }: World): ((a: number, b: number) => boolean) => {
  const size = environment.contexts * environment.arms
  const keys = new Set<number>()
  for (let i = 0; i < table.count; i++) {
    const [w, l] = [table.chosen[i]!, table.rejected[i]!]
    keys.add(Math.min(w, l) * size + Math.max(w, l))
  }
  return (a, b) => keys.has(a * size + b)
}

export const heldOutAccuracy: PartialMetric<"heldOutAccuracy"> = {
  id: "heldOutAccuracy",
  title: "accuracy of the implicit reward, held-out pairs",
  unit: "share",
  better: "higher",
  definition:
    "implicitAccuracy on those fresh comparisons whose two responses are compared nowhere in the training data; absent where there are none, and above 2^20 pairs",
  prepare: (world) => {
    const { environment } = world
    if (!pairwiseFits(environment)) return undefined
    return measured(freshComparisons(environment, everywhere(environment), trainedPairs(world)))
  }
}
