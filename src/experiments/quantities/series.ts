/** @file Numbers that say what a short series does: extremes, turning points, monotony, rank correlation, slope. Pure. */

/** Index of the first largest value. @throws RangeError for an empty series */
export const argMax = (values: ReadonlyArray<number>): number => {
  if (values.length === 0) throw new RangeError("argMax: the series is empty")
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0)
}

/**
 * Index of the first value that lies more than `amount` below the largest before it: when somebody who watches the series
 * sees it turn down. Undefined when it never does.
 */
export const firstFall = (values: ReadonlyArray<number>, amount: number): number | undefined => {
  let highest = Number.NEGATIVE_INFINITY
  for (const [i, value] of values.entries()) {
    if (value < highest - amount) return i
    highest = Math.max(highest, value)
  }
  return undefined
}

/**
 * Largest fall below a value reached before, as a share of max − min, in [0, 1]: 0 for a series that never falls, 1 when it
 * falls all the way. A constant series: 0.
 */
export const backtrack = (values: ReadonlyArray<number>): number => {
  let highest = Number.NEGATIVE_INFINITY
  let fall = 0
  for (const value of values) {
    highest = Math.max(highest, value)
    fall = Math.max(fall, highest - value)
  }
  const range = highest - values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  return range > 0 ? fall / range : 0
}

/** Ranks from 1, tied values share the mean of their ranks. */
export const ranks = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const found = new Array<number>(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let k = from; k < to; k++) found[order[k]!] = (from + 1 + to) / 2
    from = to
  }
  return found
}

const centred = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/** Least-squares slope of y on x; undefined when x does not vary. @throws RangeError for series of unequal length */
export const slope = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number | undefined => {
  if (x.length !== y.length) throw new RangeError(`slope: ${x.length} and ${y.length} values`)
  const dx = centred(x)
  const squares = dot(dx, dx)
  return squares > 0 ? dot(dx, centred(y)) / squares : undefined
}

/**
 * Spearman's rank correlation in [-1, 1]: Pearson's of the ranks, ties at their mean rank. Undefined when a series does not
 * vary. @throws RangeError for series of unequal length
 */
export const rankCorrelation = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number | undefined => {
  if (x.length !== y.length) throw new RangeError(`rankCorrelation: ${x.length} and ${y.length} values`)
  const [dx, dy] = [centred(ranks(x)), centred(ranks(y))]
  const squares = dot(dx, dx) * dot(dy, dy)
  return squares > 0 ? Math.max(-1, Math.min(1, dot(dx, dy) / Math.sqrt(squares))) : undefined
}
