/** exp and log by series on integers, about 1,000 bits: slow, and with nothing in common with what it measures. */

/** Bits after the point: e^-745 still has 200 good ones. */
const places = 1300n
const unit = 1n << places

/** A finite double as a fixed-point number, cut below 2^-1300. */
export const fixed = (value: number): bigint => {
  const pattern = new BigUint64Array(Float64Array.of(value).buffer)[0]!
  const exponent = (pattern >> 52n) & 0x7ffn
  const fraction = pattern & 0xfffffffffffffn
  const mantissa = exponent === 0n ? fraction : fraction | (1n << 52n)
  const size = mantissa << (places - 1074n + (exponent === 0n ? 0n : exponent - 1n))
  return value < 0 ? -size : size
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> places
const over = (a: bigint, b: bigint): bigint => (a << places) / b

/** 2 artanh(s) for |s| ≤ 1/3: log((1 + s) / (1 - s)). */
const twiceArtanh = (s: bigint): bigint => {
  const square = times(s, s)
  let power = s
  let sum = 0n
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += power / n
    power = times(power, square)
  }
  return 2n * sum
}

const ln2 = twiceArtanh(unit / 3n)

export const bigExp = (x: bigint): bigint => {
  const k = (x + ln2 / 2n) / ln2
  const r = x - k * ln2
  let term = unit
  let sum = 0n
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term
    term = times(term, r) / n
  }
  return k >= 0n ? sum << k : sum >> -k
}

/** @param x positive */
export const bigLog = (x: bigint): bigint => {
  let k = 0n
  let m = x
  for (; m > (3n * unit) / 2n; k++) m >>= 1n
  for (; m < (3n * unit) / 4n; k--) m <<= 1n
  return k * ln2 + twiceArtanh(over(m - unit, m + unit))
}

export const one = unit

/** How far a double is from the true value, in units of the last place of the double nearest to it. */
export const ulps = (value: number, truth: bigint): number => {
  const error = fixed(value) - truth
  const size = error < 0n ? -error : error
  const absolute = truth < 0n ? -truth : truth
  // Position of the leading bit gives the exponent of the nearest double.
  const exponent = BigInt(absolute.toString(2).length) - 1n - places
  const last = 1n << ((exponent < -1022n ? -1022n : exponent) - 52n + places)
  return Number((size * 1_000_000n) / last) / 1e6
}
