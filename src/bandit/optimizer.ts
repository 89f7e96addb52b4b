/** First-order optimisers on a flat parameter vector. */

/** An optimiser's rule in numbers, for code that is generated from it. */
export type UpdateRule =
  | { readonly kind: "gd"; readonly learningRate: number }
  | ({ readonly kind: "adam"; readonly learningRate: number } & Required<AdamOptions>)

/** Moves `parameters` against `gradient`, in place; both shape [size]. */
export interface Optimizer {
  /** What {@link stepInPlace} does from a fresh start; absent for a rule that has no numbers. */
  readonly rule?: UpdateRule
  readonly stepInPlace: (parameters: Float64Array, gradient: Float64Array) => void
}

const checkRate = (rate: number): void => {
  if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError(`learning rate must be positive, got ${rate}`)
}

/** θ ← θ - learningRate · g. */
export const gradientDescent = (learningRate: number): Optimizer => {
  checkRate(learningRate)
  return {
    rule: { kind: "gd", learningRate },
    stepInPlace: (parameters, gradient) => {
      for (let i = 0; i < parameters.length; i++) parameters[i]! -= learningRate * gradient[i]!
    }
  }
}

/** Decay rates and floor of Adam, defaults as published. */
export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/**
 * Adam with bias correction (Kingma & Ba 2015, Algorithm 1).
 * @param size number of parameters
 */
export const adam = (learningRate: number, size: number, options: AdamOptions = {}): Optimizer => {
  checkRate(learningRate)
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  const first = new Float64Array(size)
  const second = new Float64Array(size)
  let decay1 = 1
  let decay2 = 1
  return {
    rule: { kind: "adam", learningRate, beta1, beta2, epsilon },
    stepInPlace: (parameters, gradient) => {
      decay1 *= beta1
      decay2 *= beta2
      const rate = learningRate / (1 - decay1)
      const scale = 1 / (1 - decay2)
      for (let i = 0; i < size; i++) {
        const g = gradient[i]!
        const m = beta1 * first[i]! + (1 - beta1) * g
        const v = beta2 * second[i]! + (1 - beta2) * g * g
        first[i] = m
        second[i] = v
        parameters[i]! -= (rate * m) / (Math.sqrt(v * scale) + epsilon)
      }
    }
  }
}
