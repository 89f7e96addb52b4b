/**
 * Preference monotonicity on faces of the row cube: the local conditions that a search prunes with.
 *
 * Let Q = B C - A E be the slope by one proposition of a structure without copies (docs/theory.md §9). A face fixes some of the
 * other propositions. Sending their odds to 0 or infinity leaves the terms of Q of least (largest) degree in them, and these are
 * exactly the Q of the rows of the face: an exponent i + j is extreme in variable k iff rows i and j both are. A polynomial that
 * is ≥ 0 on the positive orthant has every such extreme part ≥ 0 there. So a structure can be monotone only if all its faces are,
 * and a face, being a structure of few propositions, is looked up in a table.
 */
import { popcount } from "../classes.ts"
import { type Halves, isPlainlyPositive, isPlainlyZero } from "./packed.ts"
import { type Sign, type SlopeSigns, slopeInto } from "./slopes.ts"

/** The largest number of propositions of a face whose marks index a table: 4^8 entries. */
const tabled = 3

/** A condition on some rows: rows in the order of {@link slopeInto}, and whether rho must fall instead of rise. */
interface Face {
  readonly rows: Int32Array
  readonly turned: boolean
}

/** The rows of `top` with every subset of the bits of `within` cleared or kept, the axis first. */
const faceRows = (top: number, axis: number, within: number): Int32Array => {
  const base = top & ~within
  const others: Array<number> = []
  for (let bit = 1; bit <= within; bit *= 2) if (within & bit && bit !== axis) others.push(bit)
  return Int32Array.from({ length: 2 ** (others.length + 1) }, (_, index) =>
    others.reduce((row, bit, k) => ((index >> (k + 1)) & 1 ? row | bit : row), base | (index & 1 ? axis : 0))
  )
}

/**
 * The faces of at most `most` propositions that contain the axis and whose last row is `top`, none inside another of them:
 * complete as soon as `top` is marked.
 */
const facesAt = (top: number, axis: number, most: number): Array<Int32Array> => {
  if ((top & axis) === 0) return []
  const size = Math.min(most, popcount(top))
  const found: Array<Int32Array> = []
  for (let within = 1; within <= top; within++) {
    if ((within & ~top) === 0 && (within & axis) !== 0 && popcount(within) === size) {
      found.push(faceRows(top, axis, within))
    }
  }
  return found
}

/** Position of the marks of a face in the table of its size: base 4, first row lowest. */
const tableIndex = (marks: Uint8Array, rows: Int32Array): number => {
  let index = 0
  for (let i = rows.length - 1; i >= 0; i--) index = 4 * index + marks[rows[i]!]!
  return index
}

/** The table of faces of d propositions: 1 where Q ≥ 0. @throws RangeError should one stay undecided: a table must not guess */
const makeTable = (d: number, signs: SlopeSigns): Uint8Array => {
  const rows = Int32Array.from({ length: 2 ** d }, (_, i) => i)
  const marks = new Uint8Array(2 ** d)
  const q = new Int16Array(3 ** (d - 1))
  return Uint8Array.from({ length: 4 ** (2 ** d) }, (_, index) => {
    for (let i = 0; i < marks.length; i++) marks[i] = (index >> (2 * i)) & 3
    if (slopeInto(marks, rows, false, q)) return 1
    const sign = signs.decide(q, d - 1)
    if (sign === "undecided") throw new RangeError(`faces: the slope of structure ${index} of ${d} is undecided`)
    return sign === "holds" ? 1 : 0
  })
}

/** Exchanges ticks and crosses in a table's index, so that one table serves both directions. */
const turnedTable = (table: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: table.length }, (_, index) => {
    const [ticks, crosses] = [index & 0x5555, (index >> 1) & 0x5555]
    return table[(ticks << 1) | crosses]!
  })

/** The tables of both directions by the number of propositions, made when first needed. */
const tables = new Map<number, readonly [Uint8Array, Uint8Array]>()

const tableOf = (d: number, signs: SlopeSigns): readonly [Uint8Array, Uint8Array] => {
  const known = tables.get(d)
  if (known !== undefined) return known
  const table = makeTable(d, signs)
  const both = [table, turnedTable(table)] as const
  tables.set(d, both)
  return both
}

/** The conditions that marking one row completes: looked up in tables, and decided where no table is. */
interface Checks {
  readonly looked: ReadonlyArray<{ readonly rows: Int32Array; readonly table: Uint8Array }>
  readonly decided: ReadonlyArray<Face>
}

/** The four row sets of a face of four propositions. */
const halvesOf = (marks: Uint8Array, { rows, turned }: Face): Halves => {
  let [a, b, c, e] = [0, 0, 0, 0]
  for (let i = 0; i < 8; i++) {
    const [below, above] = [marks[rows[2 * i]!]!, marks[rows[2 * i + 1]!]!]
    a |= (below & 1) << i
    c |= (below >> 1) << i
    b |= (above & 1) << i
    e |= (above >> 1) << i
  }
  return turned ? { a: c, b: e, c: a, e: b } : { a, b, c, e }
}

/** The directions of monotonicity: positions of propositions, -1 for none. */
interface Directions {
  /** Rho must not fall as this probability rises. */
  readonly up: number
  /** Rho must not rise as this one rises. */
  readonly down: number
}

/** Monotonicity tested row by row, rows being marked in ascending order. */
export interface MonotoneFaces {
  /** Whether no face completed by the given row rules the marks out; rows above it do not count. */
  readonly passes: (marks: Uint8Array, row: number) => boolean
  /** The verdict on all marks, given that every row has passed. */
  readonly verdict: (marks: Uint8Array) => Sign
  /** Whether rho depends on each direction asked for: no slope is zero identically. */
  readonly isStrict: (marks: Uint8Array) => boolean
}

/** The conditions over n propositions, none of them a copy of another. */
export const monotoneFaces = (n: number, { up, down }: Directions, signs: SlopeSigns): MonotoneFaces => {
  const directions = [
    { position: up, turned: false },
    { position: down, turned: true }
  ].filter(({ position }) => position >= 0)
  const facesOf = (top: number, most: number): Array<Face> =>
    directions.flatMap(({ position, turned }) => facesAt(top, 2 ** position, most).map((rows) => ({ rows, turned })))
  const checks: ReadonlyArray<Checks> = Array.from({ length: 2 ** n }, (_, top) => ({
    looked: facesOf(top, tabled).map(({ rows, turned }) => ({
      rows,
      table: tableOf(Math.log2(rows.length), signs)[turned ? 1 : 0]
    })),
    // Faces of four are worth a decision inside a larger cube; the whole cube comes last, by itself.
    decided: n > 4 ? facesOf(top, 4).filter(({ rows }) => rows.length === 16) : []
  }))
  const whole = facesOf(2 ** n - 1, n)
  const slopes = Array.from({ length: n }, (_, m) => new Int16Array(3 ** m))
  const signOf = (marks: Uint8Array, face: Face): Sign => {
    const { rows, turned } = face
    if (rows.length === 16 && isPlainlyPositive(halvesOf(marks, face))) return "holds"
    const m = Math.log2(rows.length) - 1
    return slopeInto(marks, rows, turned, slopes[m]!) ? "holds" : signs.decide(slopes[m]!, m)
  }
  const isConstant = (marks: Uint8Array, face: Face): boolean => {
    if (face.rows.length === 16) return isPlainlyZero(halvesOf(marks, face))
    const slope = slopes[n - 1]!
    slopeInto(marks, face.rows, face.turned, slope)
    return slope.every((coefficient) => coefficient === 0)
  }
  return {
    passes: (marks, row) => {
      const { looked, decided } = checks[row]!
      for (const { rows, table } of looked) if (table[tableIndex(marks, rows)] === 0) return false
      return decided.every((face) => signOf(marks, face) !== "fails")
    },
    verdict: (marks) => {
      // Up to three propositions the last row's table was the whole.
      if (n <= tabled) return "holds"
      let verdict: Sign = "holds"
      for (const face of whole) {
        const sign = signOf(marks, face)
        if (sign === "fails") return "fails"
        if (sign === "undecided") verdict = "undecided"
      }
      return verdict
    },
    isStrict: (marks) => !whole.some((face) => isConstant(marks, face))
  }
}
