/**
 * Signs of `d rho / d odds` straight from row marks, as small integer arrays: what a search over millions of structures asks.
 * With counts `N = A + B x`, `D = C + E x` in the odds x of one proposition the sign is that of `Q = B C - A E`, a polynomial in
 * the odds of the m others with `Q_e = Σ_{i + j = e} (b_i c_j - a_i e_j)`, i and j rows of those m (docs/theory.md §9).
 */
import { decideSign } from "../sign.ts"
import { crossBit, tickBit } from "./marks.ts"

/** What a sign came to: Q is ≥ 0 on the whole positive orthant, is negative somewhere, or neither was shown. */
export type Sign = "holds" | "fails" | "undecided"

/** Tables of polynomials of degree at most 2 in each of m variables; the exponent vector e has index `Σ_k e_k 3^k`. */
interface Cube {
  readonly size: number
  /** Index of a row's exponents: row bit k is exponent 1 of variable k. */
  readonly place: Int32Array
  /** For each index the pairs (f, g), f < g, with `f + g = 2 e`: the segments it is the midpoint of. */
  readonly segments: ReadonlyArray<Int32Array>
  /** Index maps of the symmetries: variables permuted, and each replaced by its inverse (times its square) or not. */
  readonly symmetries: ReadonlyArray<Int32Array>
  /** Values of all monomials at points whose coordinates are powers of two: exact in doubles, as are the sums below. */
  readonly points: ReadonlyArray<Float64Array>
}

const digits = (index: number, m: number): Array<number> =>
  Array.from({ length: m }, (_, k) => Math.floor(index / 3 ** k) % 3)
const indexOf = (exponents: ReadonlyArray<number>): number => exponents.reduce((sum, e, k) => sum + e * 3 ** k, 0)

const permutations = (m: number): Array<Array<number>> =>
  m === 0 ? [[]] : permutations(m - 1).flatMap((p) => Array.from({ length: m }, (_, at) => p.toSpliced(at, 0, m - 1)))

const segmentsAt = (e: number, m: number): Int32Array => {
  const middle = digits(e, m)
  const pairs: Array<number> = []
  for (let f = 0; f < e; f++) {
    const mirrored = digits(f, m).map((x, k) => 2 * middle[k]! - x)
    if (mirrored.every((x) => x >= 0 && x <= 2)) pairs.push(f, indexOf(mirrored))
  }
  return Int32Array.from(pairs)
}

// Beyond three variables the group (2^m m!) costs more than it saves.
const symmetriesOf = (m: number, size: number): Array<Int32Array> => {
  if (m > 3) return [Int32Array.from({ length: size }, (_, e) => e)]
  return permutations(m).flatMap((order) =>
    Array.from({ length: 2 ** m }, (_, turned) =>
      Int32Array.from({ length: size }, (_, e) => {
        const exponents = digits(e, m)
        return indexOf(order.map((k) => ((turned >> k) & 1 ? 2 - exponents[k]! : exponents[k]!)))
      })
    )
  )
}

// Monomials lie within 2^±18 (m ≤ 3) or 2^±10, coefficients below 2^9, terms are at most 243: every sum is exact in 53 bits.
const powersFor = (m: number): ReadonlyArray<number> => (m <= 3 ? [0, 1, -1, 2, -2, 3, -3] : [0, 1, -1])

const pointsOf = (m: number, size: number): Array<Float64Array> => {
  const powers = powersFor(m)
  return Array.from({ length: powers.length ** m }, (_, point) =>
    Float64Array.from({ length: size }, (_, e) => {
      const exponent = digits(e, m).reduce(
        (sum, d, k) => sum + d * powers[Math.floor(point / powers.length ** k) % powers.length]!,
        0
      )
      return 2 ** exponent
    })
  )
}

const cubes = new Map<number, Cube>()

const cubeOf = (m: number): Cube => {
  const known = cubes.get(m)
  if (known !== undefined) return known
  const size = 3 ** m
  const cube: Cube = {
    size,
    place: Int32Array.from({ length: 2 ** m }, (_, row) =>
      indexOf(Array.from({ length: m }, (_, k) => (row >> k) & 1))
    ),
    segments: Array.from({ length: size }, (_, e) => segmentsAt(e, m)),
    symmetries: symmetriesOf(m, size),
    points: pointsOf(m, size)
  }
  cubes.set(m, cube)
  return cube
}

/**
 * The coefficients of Q for one proposition, into `out`.
 * @param marks mark of every row
 * @param rows the `2^(m+1)` rows of a face: those at places 2i and 2i + 1 differ in the proposition alone, false then true
 * @param turned exchanges ticks and crosses: then it is -Q, the sign asked of p_l
 * @param out of `3^m` places
 * @returns whether no coefficient is negative, so that Q ≥ 0 at sight
 */
export const slopeInto = (marks: Uint8Array, rows: Int32Array, turned: boolean, out: Int16Array): boolean => {
  const half = rows.length / 2
  const { place } = cubeOf(Math.log2(half))
  const [tick, cross] = turned ? [crossBit, tickBit] : [tickBit, crossBit]
  out.fill(0)
  for (let i = 0; i < half; i++) {
    const [below, above] = [marks[rows[2 * i]!]!, marks[rows[2 * i + 1]!]!]
    const [a, b] = [below & tick, above & tick]
    if (a === 0 && b === 0) continue
    for (let j = 0; j < half; j++) {
      if (b !== 0 && (marks[rows[2 * j]!]! & cross) !== 0) out[place[i]! + place[j]!]!++
      if (a !== 0 && (marks[rows[2 * j + 1]!]! & cross) !== 0) out[place[i]! + place[j]!]!--
    }
  }
  return out.every((coefficient) => coefficient >= 0)
}

/**
 * Whether the inequality `y^f + y^g ≥ 2 y^((f+g)/2)` of means, taken with non-negative multiples from disjoint shares of the
 * positive coefficients, pays for every negative one: then Q is a sum of such differences and of positive terms, so ≥ 0. Greedy,
 * in order; true proves, false says nothing.
 */
export const isSumOfMeans = (q: Int16Array, m: number, scratch: Int16Array): boolean => {
  const { segments, size } = cubeOf(m)
  // Doubled, so that a negative unit costs one unit of each end.
  for (let e = 0; e < size; e++) scratch[e] = 2 * q[e]!
  for (let e = 0; e < size; e++) {
    let owed = -q[e]!
    const pairs = segments[e]!
    for (let p = 0; owed > 0 && p < pairs.length; p += 2) {
      const share = Math.min(owed, scratch[pairs[p]!]!, scratch[pairs[p + 1]!]!)
      if (share <= 0) continue
      scratch[pairs[p]!]! -= share
      scratch[pairs[p + 1]!]! -= share
      owed -= share
    }
    if (owed > 0) return false
  }
  return true
}

const isNegativeSomewhere = (q: Int16Array, { points, size }: Cube): boolean =>
  points.some((monomials) => {
    let value = 0
    for (let e = 0; e < size; e++) value += q[e]! * monomials[e]!
    return value < 0
  })

/** The least text among those of the polynomials that a symmetry turns q into: one decision serves them all. */
const orbitKey = (q: Int16Array, { symmetries }: Cube): string => {
  let least: string | undefined
  for (const map of symmetries) {
    let text = ""
    for (const from of map) text += String.fromCharCode(q[from]! + 1024)
    if (least === undefined || text < least) least = text
  }
  return least!
}

/** Decides signs and remembers them: few polynomials up to symmetry occur in many structures. */
export interface SlopeSigns {
  /** The sign of Q in m variables. */
  readonly decide: (q: Int16Array, m: number) => Sign
}

/** A fresh memory of signs: what the quick exact tests leave open is decided once for all its symmetric forms. */
export const slopeSigns = (): SlopeSigns => {
  const known = new Map<string, Sign>()
  const scratch = new Int16Array(3 ** 5)
  return {
    decide: (q, m) => {
      const cube = cubeOf(m)
      if (isSumOfMeans(q, m, scratch)) return "holds"
      if (isNegativeSomewhere(q, cube)) return "fails"
      const key = orbitKey(q, cube)
      const found = known.get(key)
      if (found !== undefined) return found
      const variables = Array.from({ length: m }, (_, k) => `o${k}`)
      const { verdict } = decideSign({
        variables,
        degrees: variables.map(() => 2),
        coefficients: Array.from(q, BigInt)
      })
      known.set(key, verdict)
      return verdict
    }
  }
}
