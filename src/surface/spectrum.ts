/** @file Spectra of symmetric operators that are known by their products only: extreme eigenvalues and the trace. */
import { symmetricEigensystem } from "../bandit/linearAlgebra.ts"
import type { Rng } from "../random/rng.ts"
import type { Operator } from "./surface.ts"

/** An eigenvalue with a bound: some eigenvalue of the operator lies within `residual` of `value`. */
export interface RitzValue {
  readonly value: number
  /** `‖A x - value x‖` of the unit Ritz vector. */
  readonly residual: number
}

/** The ends of a spectrum. */
export interface Spectrum {
  /** Largest first; fewer than asked for where the operator has fewer. */
  readonly largest: ReadonlyArray<RitzValue>
  /** Smallest first. */
  readonly smallest: ReadonlyArray<RitzValue>
  /** Products taken. */
  readonly products: number
}

/** Limits of {@link spectrumEnds}. */
export interface LanczosOptions {
  /** Eigenvalues wanted at each end. */
  readonly count: number
  /** Most products; default min(size, 80). */
  readonly iterations?: number
  /** Residual at which to stop, as a share of the largest |value|; default 1e-8. */
  readonly tolerance?: number
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!
  return total
}

/** Takes the components along unit vectors off, twice: once leaves what rounding left. */
const orthogonaliseInPlace = (vector: Float64Array, basis: ReadonlyArray<Float64Array>): void => {
  for (let pass = 0; pass < 2; pass++) {
    for (const unit of basis) {
      const share = dot(vector, unit)
      for (let i = 0; i < vector.length; i++) vector[i]! -= share * unit[i]!
    }
  }
}

/** A unit vector orthogonal to the basis, or undefined when the basis is full. */
const freshUnit = (size: number, basis: ReadonlyArray<Float64Array>, rng: Rng): Float64Array | undefined => {
  if (basis.length >= size) return undefined
  for (let attempt = 0; attempt < 5; attempt++) {
    const vector = Float64Array.from({ length: size }, () => rng.normal())
    orthogonaliseInPlace(vector, basis)
    const length = Math.sqrt(dot(vector, vector))
    if (length > 1e-8) return vector.map((value) => value / length)
  }
  return undefined
}

interface Tridiagonal {
  readonly diagonal: Array<number>
  /** Entry k couples basis vectors k and k + 1; 0 after a restart. */
  readonly beside: Array<number>
}

/** Ritz values ascending, each with the last entry of its vector. */
const ritz = ({ diagonal, beside }: Tridiagonal) => {
  const k = diagonal.length
  const matrix = new Float64Array(k * k)
  for (let i = 0; i < k; i++) {
    matrix[i * k + i] = diagonal[i]!
    if (i + 1 < k) {
      matrix[i * k + i + 1] = beside[i]!
      matrix[(i + 1) * k + i] = beside[i]!
    }
  }
  const { values, vectors } = symmetricEigensystem(matrix, k)
  return { values, last: vectors.map((vector) => vector[k - 1]!) }
}

const endsOf = (tridiagonal: Tridiagonal, coupling: number, count: number, products: number): Spectrum => {
  const { values, last } = ritz(tridiagonal)
  const all = [...values].map((value, i) => ({ value, residual: Math.abs(coupling * last[i]!) }))
  return { largest: all.toReversed().slice(0, count), smallest: all.slice(0, count), products }
}

const settled = ({ largest, smallest }: Spectrum, count: number, tolerance: number): boolean => {
  const ends = [...largest, ...smallest]
  const scale = Math.max(...ends.map(({ value }) => Math.abs(value)))
  return largest.length >= count && ends.every(({ residual }) => residual <= tolerance * scale)
}

/**
 * Largest and smallest eigenvalues by Lanczos with full reorthogonalisation: O(products · size) memory. With as many products
 * as parameters it goes on from a new random vector whenever the Krylov space is exhausted, and finds multiple eigenvalues as
 * often as they occur; with fewer it stops when both ends have settled, and a Krylov space shows each of them once.
 * @throws RangeError when a product is not finite
 * @see Golub & Van Loan, Matrix Computations, §10.1 and §10.3
 */
export const spectrumEnds = (apply: Operator, size: number, options: LanczosOptions, rng: Rng): Spectrum => {
  const { count, tolerance = 1e-8 } = options
  const most = Math.min(size, options.iterations ?? 80)
  const basis: Array<Float64Array> = []
  const tridiagonal: Tridiagonal = { diagonal: [], beside: [] }
  let next = freshUnit(size, basis, rng)
  let found: Spectrum = { largest: [], smallest: [], products: 0 }
  let scale = 0
  while (next !== undefined && basis.length < most) {
    const product = new Float64Array(size)
    apply(next, product)
    const alpha = dot(next, product)
    if (!Number.isFinite(alpha)) throw new RangeError(`spectrumEnds: a product is not finite (${alpha})`)
    basis.push(next)
    tridiagonal.diagonal.push(alpha)
    orthogonaliseInPlace(product, basis)
    const coupling = Math.sqrt(dot(product, product))
    scale = Math.max(scale, Math.abs(alpha), coupling)
    const exhausted = coupling <= 1e-12 * scale
    found = endsOf(tridiagonal, exhausted ? 0 : coupling, count, basis.length)
    if (!exhausted && most < size && settled(found, count, tolerance)) return found
    tridiagonal.beside.push(exhausted ? 0 : coupling)
    next = exhausted ? freshUnit(size, basis, rng) : product.map((value) => value / coupling)
  }
  return found
}

/** An estimate with its standard error. */
export interface Estimate {
  readonly mean: number
  readonly standardError: number
}

/**
 * Trace by Hutchinson's estimator: the mean of `s·A s` over vectors of random signs; exact for a diagonal operator.
 * @param probes at least 2
 * @see Hutchinson 1990, "A stochastic estimator of the trace of the influence matrix"
 */
export const traceEstimate = (apply: Operator, size: number, probes: number, rng: Rng): Estimate => {
  if (!(Number.isInteger(probes) && probes >= 2))
    throw new RangeError(`traceEstimate: probes must be >= 2, got ${probes}`)
  const values = Array.from({ length: probes }, () => {
    const signs = Float64Array.from({ length: size }, () => (rng.uniform() < 0.5 ? -1 : 1))
    const product = new Float64Array(size)
    apply(signs, product)
    return dot(signs, product)
  })
  const mean = values.reduce((sum, value) => sum + value, 0) / probes
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (probes - 1)
  return { mean, standardError: Math.sqrt(variance / probes) }
}

/** The matrix [size * size] of an operator, a product a column, symmetrised. */
export const denseMatrix = (apply: Operator, size: number): Float64Array => {
  const matrix = new Float64Array(size * size)
  const unit = new Float64Array(size)
  const product = new Float64Array(size)
  for (let k = 0; k < size; k++) {
    unit.fill(0)
    unit[k] = 1
    apply(unit, product)
    for (let i = 0; i < size; i++) {
      matrix[i * size + k]! += product[i]! / 2
      matrix[k * size + i]! += product[i]! / 2
    }
  }
  return matrix
}
