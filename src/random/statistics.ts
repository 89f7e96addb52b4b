/** Means with 95 % intervals: Student's t over independent observations. */

/** A mean and where it may lie. `low` and `high` are absent when one observation alone says nothing about spread. */
export interface Interval {
  readonly mean: number
  readonly low?: number
  readonly high?: number
  readonly n: number
}

/** Half width of a normal 95 % interval in standard errors. */
export const normalQuantile = 1.959963984540054

const logGamma = (x: number): number => {
  // Lanczos approximation (g = 7, 9 terms), relative error below 1e-14 for x > 0.5.
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
  ]
  let sum = terms[0]!
  for (let i = 1; i < terms.length; i++) sum += terms[i]! / (x - 1 + i)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** Continued fraction of the incomplete beta function (Lentz), for x < (a + 1) / (a + b + 2). */
const betaFraction = (a: number, b: number, x: number): number => {
  const tiny = 1e-300
  let c = 1
  let d = 1 / Math.max(1 - ((a + b) * x) / (a + 1), tiny)
  let h = d
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d)
    c = 1 + even / c
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d)
    c = 1 + odd / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return h
}

/** Regularised incomplete beta function I_x(a, b). */
const incompleteBeta = (a: number, b: number, x: number): number => {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b
}

/** P(|T| > t) for Student's t with `degrees` degrees of freedom. */
export const studentTail = (t: number, degrees: number): number =>
  incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t))

const quantiles = new Map<string, number>()

/** The t with P(|T| > t) = alpha, by bisection. @throws RangeError unless degrees >= 1 and 0 < alpha < 1 */
export const studentQuantile = (alpha: number, degrees: number): number => {
  const key = `${alpha} ${degrees}`
  const known = quantiles.get(key)
  if (known !== undefined) return known
  const found = bisected(alpha, degrees)
  quantiles.set(key, found)
  return found
}

const bisected = (alpha: number, degrees: number): number => {
  if (!(degrees >= 1) || !(alpha > 0 && alpha < 1)) {
    throw new RangeError(`studentQuantile: degrees >= 1 and 0 < alpha < 1 needed, got ${degrees}, ${alpha}`)
  }
  let low = 0
  let high = 1
  while (studentTail(high, degrees) > alpha) high *= 2
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (studentTail(middle, degrees) > alpha) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const meanOf = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Mean of independent observations with Student's interval `mean ± t(alpha, n−1) s/√n`, s² the unbiased variance; 95 % by default.
 * @throws RangeError without observations, or when one is not finite
 */
export const studentInterval = (values: ReadonlyArray<number>, alpha = 0.05): Interval => {
  if (values.length === 0 || values.some((value) => !Number.isFinite(value))) {
    throw new RangeError("studentInterval: needs at least one observation, all of them finite")
  }
  const n = values.length
  const mean = meanOf(values)
  if (n === 1) return { mean, n }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = studentQuantile(alpha, n - 1) * Math.sqrt(variance / n)
  return { mean, low: mean - half, high: mean + half, n }
}

/** Differences of equal floating-point sums are of this size: runs that end at 0 and at 4e-16 end alike. */
export const rounding = 1e-12

/** A claim "this differs from zero" is resolved when its interval exists and leaves zero out by more than {@link rounding}. */
export const resolved = ({ low, high }: Interval): boolean =>
  low !== undefined && high !== undefined && (low > rounding || high < -rounding)
