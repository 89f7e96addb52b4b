/** Preference models: the probability that one response is judged better than another in a context. */

/**
 * `probability(context, first, second)` is P(first ≻ second | context), in [0, 1], with
 * P(a ≻ b) + P(b ≻ a) = 1 and hence P(a ≻ a) = 1/2.
 */
export interface PreferenceModel {
  readonly probability: (context: number, first: number, second: number) => number
}

/** σ(z) = 1 / (1 + e^-z), without overflow. σ(z) + σ(-z) is 1 up to one rounding. */
export const sigmoid = (z: number): number => {
  if (z >= 0) return 1 / (1 + Math.exp(-z))
  const e = Math.exp(z)
  return e / (1 + e)
}

/**
 * Bradley–Terry: P(a ≻ b) = σ((R(a) - R(b)) / temperature). Temperature 0 is the deterministic limit (ties 1/2).
 * @param reward shape [contexts * arms], row per context
 * @throws RangeError for a negative temperature
 */
export const bradleyTerry = (reward: Float64Array, arms: number, temperature: number): PreferenceModel => {
  if (!(temperature >= 0)) throw new RangeError(`bradleyTerry: temperature must be >= 0, got ${temperature}`)
  return {
    probability: (context, first, second) => {
      const gap = reward[context * arms + first]! - reward[context * arms + second]!
      if (gap === 0) return 0.5
      return temperature === 0 ? (gap > 0 ? 1 : 0) : sigmoid(gap / temperature)
    }
  }
}

/**
 * An arbitrary preference matrix, the same in every context, or one for each.
 * @param matrix shape [arms * arms] or [contexts * arms * arms], entry (a, b) = P(a ≻ b)
 * @throws RangeError when a matrix is not complementary to 1e-12 or has an entry outside [0, 1]
 */
export const preferenceMatrix = (matrix: Float64Array, arms: number): PreferenceModel => {
  const size = arms * arms
  if (matrix.length === 0 || matrix.length % size !== 0) {
    throw new RangeError(`preferenceMatrix: expected ${size} entries per matrix, got ${matrix.length}`)
  }
  for (let from = 0; from < matrix.length; from += size) {
    for (let a = 0; a < arms; a++) {
      for (let b = 0; b <= a; b++) {
        const forward = matrix[from + a * arms + b]!
        const total = forward + matrix[from + b * arms + a]!
        if (!(forward >= 0 && forward <= 1 && Math.abs(total - 1) <= 1e-12)) {
          throw new RangeError(
            `preferenceMatrix: P(${a}, ${b}) = ${forward} and P(${b}, ${a}) must be in [0, 1], sum 1`
          )
        }
      }
    }
  }
  const stride = matrix.length === size ? 0 : size
  return { probability: (context, first, second) => matrix[context * stride + first * arms + second]! }
}

/** Labels flipped with probability `rate`: P' = (1 - rate) P + rate (1 - P). @throws RangeError outside [0, 1] */
export const flipped = (model: PreferenceModel, rate: number): PreferenceModel => {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`flipped: rate must be in [0, 1], got ${rate}`)
  if (rate === 0) return model
  return {
    probability: (context, first, second) => {
      const p = model.probability(context, first, second)
      return (1 - rate) * p + rate * (1 - p)
    }
  }
}

/**
 * Win rate of every response against a policy: `w(y) = Σ_y' policy(y') P(y ≻ y')`, the gold reward of environments that
 * are given by preferences alone.
 * @param matrix P(row ≻ column), shape [arms * arms]
 * @param policy probabilities, shape [arms]
 */
export const winRates = (matrix: Float64Array, policy: Float64Array): Float64Array => {
  const arms = policy.length
  return Float64Array.from({ length: arms }, (_, y) => {
    let total = 0
    for (let other = 0; other < arms; other++) total += policy[other]! * matrix[y * arms + other]!
    return total
  })
}
