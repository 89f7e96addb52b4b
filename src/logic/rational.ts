/** Exact rational numbers on bigints: always in lowest terms with a positive denominator, so equality is field by field. */

/** `num / den`, den > 0, lowest terms. */
export interface Rational {
  readonly num: bigint
  readonly den: bigint
}

const abs = (a: bigint): bigint => (a < 0n ? -a : a)

/** Greatest common divisor, ≥ 0; `gcd(0, 0) = 0`. */
export const gcdInteger = (a: bigint, b: bigint): bigint => {
  let [x, y] = [abs(a), abs(b)]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** The rational `num / den`. @throws RangeError when den is 0 */
export const rational = (num: bigint | number, den: bigint | number = 1n): Rational => {
  const [n, d] = [BigInt(num), BigInt(den)]
  if (d === 0n) throw new RangeError(`rational: ${n}/0`)
  const divisor = gcdInteger(n, d) * (d < 0n ? -1n : 1n)
  return { num: n / divisor, den: d / divisor }
}

/** 0. */
export const zero: Rational = rational(0)
/** 1. */
export const one: Rational = rational(1)
/** a + b. */
export const addRational = (a: Rational, b: Rational): Rational =>
  rational(a.num * b.den + b.num * a.den, a.den * b.den)
/** a - b. */
export const subtractRational = (a: Rational, b: Rational): Rational =>
  rational(a.num * b.den - b.num * a.den, a.den * b.den)
/** a b. */
export const multiplyRational = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den)
/** `a / b`. @throws RangeError when b is 0 */
export const divideRational = (a: Rational, b: Rational): Rational => rational(a.num * b.den, a.den * b.num)
/** -a. */
export const negateRational = (a: Rational): Rational => ({ num: -a.num, den: a.den })
/** Whether a = b: both are in lowest terms. */
export const equalRational = (a: Rational, b: Rational): boolean => a.num === b.num && a.den === b.den
/** Negative, zero or positive as a is less than, equal to or greater than b. */
export const compareRational = (a: Rational, b: Rational): number => {
  const difference = a.num * b.den - b.num * a.den
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
/** -1, 0 or 1. */
export const signRational = (a: Rational): number => (a.num < 0n ? -1 : a.num > 0n ? 1 : 0)

/** The largest rational g such that every value is an integer multiple of it; 0 when all are 0. */
export const contentRational = (values: Iterable<Rational>): Rational => {
  let [num, den] = [0n, 1n]
  for (const value of values) {
    num = gcdInteger(num, value.num)
    den = (den / gcdInteger(den, value.den)) * value.den
  }
  return rational(num, den)
}

/** Text: `3`, `-1/2`. */
export const rationalText = (a: Rational): string => (a.den === 1n ? `${a.num}` : `${a.num}/${a.den}`)

/** The nearest double up to one rounding of the quotient; exact huge terms are scaled down first, so no Infinity/Infinity. */
export const rationalToNumber = (a: Rational): number => {
  const excess = Math.max(bitLength(a.num), bitLength(a.den)) - 1000
  if (excess <= 0) return Number(a.num) / Number(a.den)
  const shift = BigInt(excess)
  // One side keeps at least 1000 bits; should the other vanish, the quotient is beyond the doubles anyway.
  return Number(a.num >> shift) / Number(a.den >> shift)
}

const bitLength = (a: bigint): number => abs(a).toString(2).length

/** `log a` in nats for a > 0, exact to rounding for terms of any size. @throws RangeError unless a > 0 */
export const logRational = (a: Rational): number => {
  if (a.num <= 0n) throw new RangeError(`logRational: ${rationalText(a)} is not positive`)
  const ratio = rationalToNumber(a)
  // Near 1 the difference of logs would cancel; away from it either form is accurate.
  if (ratio > 0.5 && ratio < 2) return Math.log1p(rationalToNumber(rational(a.num - a.den, a.den)))
  return Number.isFinite(ratio) && ratio > 0 ? Math.log(ratio) : logInteger(a.num) - logInteger(a.den)
}

const logInteger = (a: bigint): number => {
  const excess = bitLength(a) - 1000
  return excess <= 0 ? Math.log(Number(a)) : Math.log(Number(a >> BigInt(excess))) + excess * Math.LN2
}

/** The exact value of a decimal text such as `0.25` or `1e-3`; undefined when it is none or its exponent exceeds ±400. */
export const parseDecimal = (text: string): Rational | undefined => {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim())
  if (match === null || `${match[2]}${match[3]}` === "") return undefined
  const exponent = Number(match[4] ?? 0) - match[3]!.length
  if (Math.abs(exponent) > 400) return undefined
  const digits = BigInt(`${match[2]}${match[3]}`) * (match[1] === "-" ? -1n : 1n)
  return exponent >= 0 ? rational(digits * 10n ** BigInt(exponent)) : rational(digits, 10n ** BigInt(-exponent))
}
