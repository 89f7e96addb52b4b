/** Metrics of how well a policy, or the reward it implies, orders responses. */
import { comparisonMatrix } from "../comparisons.ts"
import type { Environment } from "../environment.ts"
import { concordance, denseRanks, type Ranking } from "../orderStatistics.ts"
import type { Measure, Metric, PartialMetric, ScopedMetric, View, World } from "./metric.ts"

/** Some contexts, and how much each counts; the weights need not sum to 1. */
interface Region {
  readonly contexts: ReadonlyArray<number>
  readonly weights: ReadonlyArray<number>
}

/** {@link rankingAccuracy} in a region. */
const accuracyIn = (
  rewardRanks: ReadonlyArray<Ranking>,
  { contexts, weights }: Region,
  score: Float64Array
): number => {
  const arms = score.length / rewardRanks.length
  let accuracy = 0
  let total = 0
  contexts.forEach((c, k) => {
    const { right, pairs } = concordance(rewardRanks[c]!, score.subarray(c * arms, (c + 1) * arms))
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
export const rankingAccuracy = (environment: Environment, score: Float64Array): number => {
  const { contexts, arms, reward } = environment
  const ranks = Array.from({ length: contexts }, (_, c) => denseRanks(reward.subarray(c * arms, (c + 1) * arms)))
  return accuracyIn(ranks, everywhere(environment), score)
}

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
  prepare: (world) => {
    const region = everywhere(world.environment)
    return ({ logp }) => accuracyIn(world.rewardRanks(), region, logp)
  }
}

export const implicitRanking: Metric<"implicitRankingAccuracy"> = {
  id: "implicitRankingAccuracy",
  title: "ranking accuracy of the implicit reward",
  unit: "share",
  better: "higher",
  definition: "rankingAccuracy by the implicit reward log π - log π_ref; 1/2 at the reference",
  prepare: (world) => {
    const region = everywhere(world.environment)
    return ({ drift }) => accuracyIn(world.rewardRanks(), region, drift)
  }
}

export const implicitRankingByDomain: ScopedMetric<"implicitRankingAccuracy"> = {
  ...implicitRanking,
  definition: "implicitRankingAccuracy in the contexts of one domain (domain0, domain1, …); absent without domains",
  prepare: ({ environment, rewardRanks }) =>
    domainsOf(environment).map(([domain, region]): [string, Measure] => [
      domain,
      ({ drift }) => accuracyIn(rewardRanks(), region, drift)
    ])
}

/** Comparisons of two flat responses each, with the weight of "the first wins" and "the second wins" in fresh data. */
interface Comparisons {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly firstWins: Float64Array
  readonly secondWins: Float64Array
}

const noComparisons = (size: number): Comparisons => ({
  first: new Int32Array(size),
  second: new Int32Array(size),
  firstWins: new Float64Array(size),
  secondWins: new Float64Array(size)
})

/** The first `count` of them; undefined when that is none. */
const firstOf = (all: Comparisons, count: number): Comparisons | undefined =>
  count === 0
    ? undefined
    : {
        first: all.first.slice(0, count),
        second: all.second.slice(0, count),
        firstWins: all.firstWins.slice(0, count),
        secondWins: all.secondWins.slice(0, count)
      }

/** Fresh comparisons in a region, as the environment draws and labels them; undefined when there are none, or too many. */
const freshComparisons = ({ environment, wins }: World, { contexts, weights }: Region): Comparisons | undefined => {
  const table = wins()
  if (table === undefined) return undefined
  const { arms, comparisons } = environment
  const found = noComparisons((contexts.length * arms * (arms - 1)) / 2)
  let count = 0
  contexts.forEach((c, k) => {
    const drawn = comparisonMatrix(comparisons, c, arms)!
    for (let a = 0; a < arms; a++) {
      for (let b = a + 1; b < arms; b++) {
        const weight = weights[k]! * (drawn[a * arms + b]! + drawn[b * arms + a]!)
        if (weight === 0) continue
        found.first[count] = c * arms + a
        found.second[count] = c * arms + b
        found.firstWins[count] = weight * table[(c * arms + a) * arms + b]!
        found.secondWins[count] = weight - found.firstWins[count]!
        count += 1
      }
    }
  })
  return firstOf(found, count)
}

const everywhereFresh = new WeakMap<World, { readonly comparisons: Comparisons | undefined }>()

/** {@link freshComparisons} of all contexts, made once for the metrics that share them. */
const allComparisons = (world: World): Comparisons | undefined => {
  const known = everywhereFresh.get(world) ?? { comparisons: freshComparisons(world, everywhere(world.environment)) }
  everywhereFresh.set(world, known)
  return known.comparisons
}

/** Those whose two responses are compared nowhere in the training data, in either order. */
const heldOut = ({ table, environment }: World, all: Comparisons): Comparisons | undefined => {
  const { contexts, arms } = environment
  const trained = new Uint8Array(contexts * arms * arms)
  for (let i = 0; i < table.count; i++) {
    const [w, l] = [table.chosen[i]!, table.rejected[i]!]
    trained[Math.min(w, l) * arms + (Math.max(w, l) % arms)] = 1
  }
  const found = noComparisons(all.first.length)
  let count = 0
  for (let i = 0; i < all.first.length; i++) {
    if (trained[all.first[i]! * arms + (all.second[i]! % arms)] === 1) continue
    found.first[count] = all.first[i]!
    found.second[count] = all.second[i]!
    found.firstWins[count] = all.firstWins[i]!
    found.secondWins[count] = all.secondWins[i]!
    count += 1
  }
  return firstOf(found, count)
}

/** Share of labels that the implicit reward predicts, ties 1/2. */
const labelAccuracy = ({ first, second, firstWins, secondWins }: Comparisons): Measure => {
  let total = 0
  for (let i = 0; i < first.length; i++) total += firstWins[i]! + secondWins[i]!
  return ({ drift }: View) => {
    let right = 0
    for (let i = 0; i < first.length; i++) {
      const gap = drift[first[i]!]! - drift[second[i]!]!
      right += gap > 0 ? firstWins[i]! : gap < 0 ? secondWins[i]! : (firstWins[i]! + secondWins[i]!) / 2
    }
    return right / total
  }
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
  prepare: (world) => measured(allComparisons(world))
}

export const implicitAccuracyByDomain: ScopedMetric<"implicitAccuracy"> = {
  ...implicitAccuracy,
  definition:
    "implicitAccuracy on fresh comparisons of one domain (domain0, domain1, …), seen in training or not; absent without domains",
  prepare: (world) =>
    domainsOf(world.environment).flatMap(([domain, region]) => {
      const measure = measured(freshComparisons(world, region))
      return measure === undefined ? [] : [[domain, measure] as const]
    })
}

export const heldOutAccuracy: PartialMetric<"heldOutAccuracy"> = {
  id: "heldOutAccuracy",
  title: "accuracy of the implicit reward, held-out pairs",
  unit: "share",
  better: "higher",
  definition:
    "implicitAccuracy on those fresh comparisons whose two responses are compared nowhere in the training data; absent where there are none, and above 2^20 pairs",
  prepare: (world) => {
    const all = allComparisons(world)
    return measured(all && heldOut(world, all))
  }
}
