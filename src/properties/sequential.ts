/**
 * A sequential test of a mean, by betting: for properties that are statements about an average over random data sets. It may be
 * looked at after every observation and stopped at any of them; its error rate holds all the same.
 *
 * For observations X in [0, 1] and the null hypothesis "mean ≤ m", the wealth `Π (1 + λ (X_i - m))` of a gambler who stakes λ in
 * [0, 1/m) is a supermartingale from 1 on, and so is the average over a fixed grid of λ. By Ville's inequality it ever reaches
 * 1/alpha with probability at most alpha while the null is true (Waudby-Smith and Ramdas 2024, arXiv 2010.09686, §4).
 */

/** The claims that a mean is above and below a threshold, each rejected with probability at most `alpha` where it is true. */
export interface MeanTest {
  /** m in (0, 1). */
  readonly threshold: number
  /** In (0, 1). */
  readonly alpha: number
}

/** Where the test stands: `above` rejects "mean ≤ threshold", `below` rejects "mean ≥ threshold". */
export interface MeanVerdict {
  readonly verdict: "above" | "below" | "open"
  readonly count: number
  readonly mean: number
  /** Wealth against "mean ≤ threshold" and against "mean ≥ threshold". */
  readonly againstAtMost: number
  readonly againstAtLeast: number
}

/** Stakes as shares of the largest allowed: small ones suit small differences. */
const stakes = Array.from({ length: 20 }, (_, k) => (k + 0.5) / 20)

/** Log-wealth of each stake against "mean ≤ m"; against "mean ≥ m" the same with 1 - X and 1 - m. */
class Gambler {
  readonly #logs = stakes.map(() => 0)
  readonly #threshold: number

  constructor(threshold: number) {
    this.#threshold = threshold
  }

  bet(value: number): void {
    stakes.forEach((share, k) => {
      this.#logs[k]! += Math.log1p((share / this.#threshold) * (value - this.#threshold))
    })
  }

  get wealth(): number {
    return this.#logs.reduce((sum, log) => sum + Math.exp(log), 0) / stakes.length
  }
}

/**
 * Draws observations until one side is rejected or `most` are made.
 * @param observe the i-th observation, in [0, 1], i = 0, 1, …
 * @param most stated beforehand
 * @throws RangeError for an observation outside [0, 1], or a threshold or alpha outside (0, 1)
 */
export const testMean = (
  { threshold, alpha }: MeanTest,
  most: number,
  observe: (index: number) => number
): MeanVerdict => {
  for (const [name, value] of Object.entries({ threshold, alpha })) {
    if (!(value > 0 && value < 1)) throw new RangeError(`testMean: ${name} must be in (0, 1), got ${value}`)
  }
  const [above, below] = [new Gambler(threshold), new Gambler(1 - threshold)]
  let sum = 0
  for (let i = 0; ; i++) {
    const verdict = above.wealth >= 1 / alpha ? "above" : below.wealth >= 1 / alpha ? "below" : "open"
    if (verdict !== "open" || i >= most) {
      const mean = i === 0 ? Number.NaN : sum / i
      return { verdict, count: i, mean, againstAtMost: above.wealth, againstAtLeast: below.wealth }
    }
    const value = observe(i)
    if (!(value >= 0 && value <= 1)) throw new RangeError(`testMean: observation ${i} is ${value}, outside [0, 1]`)
    sum += value
    above.bet(value)
    below.bet(1 - value)
  }
}
