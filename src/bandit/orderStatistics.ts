/** Exact distributions of the best of several draws, and agreement of two orders. All rows are of one context, [arms]. */

/** Rows by rank: equal values share one, ranks are 0, 1, … from the smallest value up. */
export interface Ranking {
  readonly ranks: Int32Array
  readonly count: number
}

/** Dense ranks of finite values, O(n log n). */
export const denseRanks = (values: Float64Array): Ranking => {
  const distinct = Float64Array.from(values).sort()
  let count = 0
  for (const value of distinct) {
    // The distinct ones move to the front.
    if (count === 0 || value > distinct[count - 1]!) distinct[count++] = value
  }
  const ranks = new Int32Array(values.length)
  for (let i = 0; i < values.length; i++) ranks[i] = positionOf(distinct, count, values[i]!)
  return { ranks, count }
}

/** Index of a value among the first `count` of ascending distinct ones, by bisection. */
const positionOf = (distinct: Float64Array, count: number, value: number): number => {
  let [low, high] = [0, count - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (distinct[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The same with the order turned round. */
export const reversed = ({ ranks, count }: Ranking): Ranking => ({ ranks: ranks.map((r) => count - 1 - r), count })

/** Indices by rank ascending, and where each rank ends. */
const byRank = ({ ranks, count }: Ranking): { readonly order: Int32Array; readonly ends: Int32Array } => {
  const ends = new Int32Array(count)
  for (let i = 0; i < ranks.length; i++) ends[ranks[i]!]! += 1
  for (let r = 1; r < count; r++) ends[r]! += ends[r - 1]!
  const next = ends.slice()
  const order = new Int32Array(ranks.length)
  for (let i = ranks.length - 1; i >= 0; i--) order[--next[ranks[i]!]!] = i
  return { order, ends }
}

/**
 * Agreement of a score with an order: over pairs (a, b) with value(a) > value(b), `pairs` of them, `right` counts those
 * with score(a) > score(b), and half of those with equal scores. Counts in a Fenwick tree, O(arms log arms).
 * @param values ranks of the values
 */
export const concordance = (
  values: Ranking,
  score: Float64Array
): { readonly right: number; readonly pairs: number } => {
  const { ranks, count } = denseRanks(score)
  const tree = new Float64Array(count + 1)
  const upTo = (rank: number): number => {
    let total = 0
    for (let k = rank + 1; k > 0; k -= k & -k) total += tree[k]!
    return total
  }
  const { order, ends } = byRank(values)
  let right = 0
  let pairs = 0
  let from = 0
  for (const to of ends) {
    // The arms of one value are compared with those below, then they join them.
    for (let k = from; k < to; k++) {
      const rank = ranks[order[k]!]!
      right += (upTo(rank) + upTo(rank - 1)) / 2
      pairs += from
    }
    for (let k = from; k < to; k++) for (let i = ranks[order[k]!]! + 1; i <= count; i += i & -i) tree[i]! += 1
    from = to
  }
  return { right, pairs }
}

/**
 * Probability of each rank to be the highest of `draws` independent draws:
 * `F(g)^N - F(g-1)^N = F(g)^N (1 - (1 - p(g)/F(g))^N)`, F the cumulative sum; the second form keeps tiny probabilities.
 */
export const bestRanks = ({ ranks, count }: Ranking, policy: ArrayLike<number>, draws: number): Float64Array => {
  checkDraws(draws)
  const mass = new Float64Array(count)
  for (let y = 0; y < ranks.length; y++) mass[ranks[y]!]! += policy[y]!
  let below = 0
  return mass.map((p) => {
    below += p
    return p === 0 ? 0 : below ** draws * -Math.expm1(draws * Math.log1p(-Math.min(1, p / below)))
  })
}

const checkDraws = (draws: number): void => {
  if (Number.isInteger(draws) && draws >= 1) return
  throw new RangeError(`best of several draws: their number must be a positive integer, got ${draws}`)
}

/**
 * Distribution of the response with the highest score among `draws` independent draws from a policy, exact: the chance
 * that its score is the highest one, shared among equal scores as the policy shares it (which of several drawn with the
 * highest score is taken makes no difference).
 * @param score, policy shape [arms]; the policy sums to 1
 * @throws RangeError unless draws is a positive integer
 */
export const bestOf = (score: Float64Array, policy: Float64Array, draws: number): Float64Array => {
  const ranking = denseRanks(score)
  const { ranks, count } = ranking
  const top = bestRanks(ranking, policy, draws)
  const mass = new Float64Array(count)
  for (let y = 0; y < policy.length; y++) mass[ranks[y]!]! += policy[y]!
  return policy.map((p, y) => (p === 0 ? 0 : (p / mass[ranks[y]!]!) * top[ranks[y]!]!))
}

/** Probability that one distribution over ranks gives a higher rank than another, ties 1/2. */
export const higherRank = (ours: Float64Array, theirs: Float64Array): number => {
  let below = 0
  let wins = 0
  for (let g = 0; g < ours.length; g++) {
    wins += ours[g]! * (below + theirs[g]! / 2)
    below += theirs[g]!
  }
  return wins
}

/**
 * Probability that the best of `draws` draws from one policy has a higher score than the best of `draws` from another,
 * ties 1/2; 1/2 against itself.
 */
export const bestOfWinRate = (
  score: Float64Array,
  policy: Float64Array,
  other: Float64Array,
  draws: number
): number => {
  const ranking = denseRanks(score)
  return higherRank(bestRanks(ranking, policy, draws), bestRanks(ranking, other, draws))
}
