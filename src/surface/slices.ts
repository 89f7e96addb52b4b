/**
 * @file Two-dimensional slices of a surface: `f(a, b) = L(θ + a d₁ + b d₂)`. Random directions are normalised by groups of
 * parameters that act together (a table's row of logits, a response's weight vector, a neuron's filter), so that a unit is as
 * large for every group as the group itself; else a slice shows the scale of the parameters and not the loss.
 */
import type { Rng } from "../random/rng.ts"

/** Ranges `[from, to)` of parameters that are normalised together. */
export type Groups = ReadonlyArray<readonly [number, number]>

/** The plane of a slice. */
export interface Plane {
  /** Where (0, 0) is, [n]. */
  readonly origin: Float64Array
  /** The two directions, [n] each; a unit of a or b is one of them. */
  readonly directions: readonly [Float64Array, Float64Array]
}

const length = (values: Float64Array): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/** Groups of equal size, one after the other. @throws RangeError unless `size` is a multiple of `each` */
export const equalGroups = (size: number, each: number): Groups => {
  if (size % each !== 0) throw new RangeError(`equalGroups: ${size} parameters are not groups of ${each}`)
  return Array.from({ length: size / each }, (_, k) => [k * each, (k + 1) * each] as const)
}

/**
 * Rescales a direction in place so that in every group it is as long as the parameters are: `d_g ← d_g ‖θ_g‖ / ‖d_g‖`
 * (filter normalisation). Parameters that no group holds get 0: a slice leaves biases and norms alone.
 * @see Li et al. 2018, "Visualizing the loss landscape of neural nets", §4
 */
export const filterNormaliseInPlace = (direction: Float64Array, parameters: Float64Array, groups: Groups): void => {
  const kept = Float64Array.from(direction)
  direction.fill(0)
  for (const [from, to] of groups) {
    const own = kept.subarray(from, to)
    const scale = length(parameters.subarray(from, to)) / length(own)
    if (!Number.isFinite(scale)) continue
    for (let i = from; i < to; i++) direction[i] = scale * kept[i]!
  }
}

/**
 * Rescales a direction of a table of logits in place: mean 0 in every group (a constant changes no policy), root mean square 1
 * over all, so that a unit moves logits by about a nat. Groups are the contexts.
 */
export const plainNormaliseInPlace = (direction: Float64Array, groups: Groups): void => {
  for (const [from, to] of groups) {
    const own = direction.subarray(from, to)
    const mean = own.reduce((sum, v) => sum + v, 0) / own.length
    for (let i = from; i < to; i++) direction[i]! -= mean
  }
  const scale = Math.sqrt(direction.length) / length(direction)
  for (let i = 0; i < direction.length; i++) direction[i]! *= scale
}

/** How random directions are made comparable with the parameters. */
export type Normalise = (direction: Float64Array, parameters: Float64Array) => void

/** The plane through θ along two random directions, normalised; the second is made orthogonal to the first before that. */
export const randomPlane = (parameters: Float64Array, normalise: Normalise, rng: Rng): Plane => {
  const draw = (label: string): Float64Array => {
    const stream = rng.split(label)
    return Float64Array.from(parameters, () => stream.normal())
  }
  const [first, second] = [draw("first"), draw("second")]
  const share = dot(second, first) / dot(first, first)
  for (let i = 0; i < second.length; i++) second[i]! -= share * first[i]!
  normalise(first, parameters)
  normalise(second, parameters)
  return { origin: Float64Array.from(parameters), directions: [first, second] }
}

/** A plane through given points, and where they are in it. */
export interface PlaneThrough extends Plane {
  readonly places: ReadonlyArray<readonly [number, number]>
}

/**
 * The plane through three parameter vectors, by Gram–Schmidt: the first is the origin, the second lies on the first axis. A
 * unit is the distance of the first two.
 * @throws RangeError when the three lie on a line
 */
export const planeThrough = (points: readonly [Float64Array, Float64Array, Float64Array]): PlaneThrough => {
  const [origin, second, third] = points
  const first = second.map((value, i) => value - origin[i]!)
  const unit = length(first)
  const rest = third.map((value, i) => value - origin[i]!)
  const along = dot(rest, first) / (unit * unit)
  const across = rest.map((value, i) => value - along * first[i]!)
  const height = length(across)
  if (!(unit > 0) || !(height > 1e-9 * unit)) throw new RangeError("planeThrough: the three points lie on a line")
  return {
    origin: Float64Array.from(origin),
    directions: [first, across.map((value) => (value * unit) / height)],
    places: [
      [0, 0],
      [1, 0],
      [along, height / unit]
    ]
  }
}

/** The parameters at (a, b) of a plane. */
export const pointOf = ({ origin, directions: [first, second] }: Plane, a: number, b: number): Float64Array =>
  origin.map((value, i) => value + a * first[i]! + b * second[i]!)

/** A rectangle of a plane and how many values are taken along each side, at cell centres. */
export interface Window {
  readonly a: readonly [number, number]
  readonly b: readonly [number, number]
  readonly size: number
}

/** Values over a window, rows from the largest b down, a to the right: [size * size]. A loss that is not finite stays so. */
export const slice = (
  lossAt: (parameters: Float64Array) => number,
  plane: Plane,
  { a, b, size }: Window
): ReadonlyArray<number> =>
  Array.from({ length: size * size }, (_, k) => {
    const [row, column] = [Math.floor(k / size), k % size]
    const x = a[0] + ((a[1] - a[0]) * (column + 0.5)) / size
    const y = b[1] - ((b[1] - b[0]) * (row + 0.5)) / size
    return lossAt(pointOf(plane, x, y))
  })
