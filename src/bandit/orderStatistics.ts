/** Exact distributions of the best of several draws, and agreement of two orders. All rows are of one context, [arms]. */

/** Indices by value ascending; ties by index. */
export const ascending = (values: Float64Array): Int32Array =>
  Int32Array.from(values, (_, i) => i).sort((a, b) =>
    values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : a - b
  )

/** Dense ranks 0, 1, … of the values: equal values share one. */
export const denseRanks = (values: Float64Array): { readonly ranks: Int32Array; readonly count: number } => {
  const order = ascending(values)
  const ranks = new Int32Array(values.length)
  let rank = -1
  order.forEach((i, at) => {
    if (at === 0 || values[i]! > values[order[at - 1]!]!) rank += 1
    ranks[i] = rank
  })
  return { ranks, count: rank + 1 }
}

/**
 * Agreement of a score with an order: over pairs (a, b) with value(a) > value(b), `pairs` of them, `right` counts those
 * with score(a) > score(b), and half of those with equal scores. Counts in a Fenwick tree, O(arms log arms).
 */
export const concordance = (
  values: Float64Array,
  score: Float64Array
): { readonly right: number; readonly pairs: number } => {
  const { ranks, count } = denseRanks(score)
  const tree = new Float64Array(count + 1)
  const upTo = (rank: number): number => {
    let total = 0
    for (let k = rank + 1; k > 0; k -= k & -k) total += tree[k]!
    return total
  }
  const order = ascending(values)
  let right = 0
  let pairs = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1
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
const topRanks = (ranks: Int32Array, count: number, policy: ArrayLike<number>, draws: number): Float64Array => {
  const mass = new Float64Array(count)
  for (let y = 0; y < ranks.length; y++) mass[ranks[y]!]! += policy[y]!
  let below = 0
  return mass.map((p) => {
    below += p
    return p === 0 ? 0 : below ** draws * -Math.expm1(draws * Math.log1p(-Math.min(1, p / below)))
  })
}

const checkDraws = (name: string, draws: number): void => {
  if (!(Number.isInteger(draws) && draws >= 1)) {
    throw new RangeError(`${name}: the number of draws must be a positive integer, got ${draws}`)
  }
}

/**
 * Distribution of the response with the highest score among `draws` independent draws from a policy, exact: the chance
 * that its score is the highest one, shared among equal scores as the policy shares it (which of several drawn with the
 * highest score is taken makes no difference).
 * @param score, policy shape [arms]; the policy sums to 1
 * @throws RangeError unless draws is a positive integer
 */
export const bestOf = (score: Float64Array, policy: Float64Array, draws: number): Float64Array => {
  checkDraws("bestOf", draws)
  const { ranks, count } = denseRanks(score)
  const top = topRanks(ranks, count, policy, draws)
  const mass = new Float64Array(count)
  for (let y = 0; y < policy.length; y++) mass[ranks[y]!]! += policy[y]!
  return policy.map((p, y) => (p === 0 ? 0 : (p / mass[ranks[y]!]!) * top[ranks[y]!]!))
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
  checkDraws("bestOfWinRate", draws)
  const { ranks, count } = denseRanks(score)
  const ours = topRanks(ranks, count, policy, draws)
  const theirs = topRanks(ranks, count, other, draws)
  let below = 0
  let wins = 0
  for (let g = 0; g < count; g++) {
    wins += ours[g]! * (below + theirs[g]! / 2)
    below += theirs[g]!
  }
  return wins
}
