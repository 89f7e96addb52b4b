/**
 * A first look at `Q = B C - A E` of four sets of eight rows (slopes.ts): whether no coefficient is negative, in a few operations.
 * The 27 coefficients of a product of two counts are at most 8, so a product is five words of six 5-bit fields, and
 * `(x | guards) - y` keeps the guard, the top bit of a field, exactly where x ≥ y there.
 */

const words = 5
const fieldsPerWord = 6
const fieldBits = 5

/** The top bit of every field. */
const guards = Array.from({ length: fieldsPerWord }, (_, k) => 1 << (fieldBits * k + fieldBits - 1)).reduce(
  (a, b) => a | b
)

/** Index of a row's exponents among the 27: bit k of the row is exponent 1 of variable k. */
const place = Array.from({ length: 8 }, (_, row) => (row & 1) + 3 * ((row >> 1) & 1) + 9 * (row >> 2))

let table: Int32Array | undefined

/** All products of two sets of rows: words from `5 (256 first + second)` on. */
const products = (): Int32Array => {
  if (table !== undefined) return table
  table = new Int32Array(words * 65_536)
  for (let first = 1; first < 256; first++) {
    for (let second = 1; second < 256; second++) {
      // A product with one row fewer, and that row's terms added.
      const row = 31 - Math.clz32(first)
      const at = words * (256 * first + second)
      table.copyWithin(
        at,
        words * (256 * (first ^ (1 << row)) + second),
        words * (256 * (first ^ (1 << row)) + second + 1)
      )
      for (let other = 0; other < 8; other++) {
        if (((second >> other) & 1) === 0) continue
        const index = place[row]! + place[other]!
        table[at + Math.floor(index / fieldsPerWord)]! += 1 << (fieldBits * (index % fieldsPerWord))
      }
    }
  }
  return table
}

/** Sets of the eight rows of three propositions: ticks and crosses where a fourth is false (a, c) and where it is true (b, e). */
export interface Halves {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly e: number
}

/** Whether `B C = A E`. */
export const isPlainlyZero = ({ a, b, c, e }: Halves): boolean => {
  const product = products()
  const [plus, minus] = [words * (256 * b + c), words * (256 * a + e)]
  for (let word = 0; word < words; word++) if (product[plus + word] !== product[minus + word]) return false
  return true
}

/** Whether no coefficient of `B C - A E` is negative. */
export const isPlainlyPositive = ({ a, b, c, e }: Halves): boolean => {
  const product = products()
  const [plus, minus] = [words * (256 * b + c), words * (256 * a + e)]
  for (let word = 0; word < words; word++) {
    if ((((product[plus + word]! | guards) - product[minus + word]!) & guards) ^ guards) return false
  }
  return true
}
