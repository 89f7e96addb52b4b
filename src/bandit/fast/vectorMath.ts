/**
 * exp, log and their relatives on two doubles at a time. Every routine emits straight code into a {@link FunctionBuilder} and
 * returns the code that reads the result.
 *
 * Method: e^x = 2^k e^r with |r| ≤ log 2 / 2, and e^r - 1 by a polynomial; log x = k log 2 + log m with m in [√½, √2) by the
 * series of artanh. The polynomials interpolate at Chebyshev points, coefficients rounded to doubles; their own relative error is
 * below 0.15 · 2^-53 (exp) and 0.05 · 2^-53 (log). Measured against 60 digits (test/bandit/fast/vectorMath.test.ts): at most 1 ulp
 * for exp and log, 2 ulp for the others. Zeros lose their sign. What a polynomial cannot do (zeros, infinities, numbers below the
 * normal range) goes to the scalar function of loss/numerics.ts, lane by lane.
 */
import type { FunctionBuilder, HostFunction } from "./assembler.ts"
import { bits, type Code, call, f64x2, when } from "./code.ts"

/** Scalar functions that the routines fall back on. */
export const hostFunctions: ReadonlyArray<HostFunction> = [
  { name: "log", parameters: 1 },
  { name: "log1p", parameters: 1 },
  { name: "log1mexp", parameters: 1 },
  { name: "logaddexp", parameters: 2 },
  { name: "pow", parameters: 2 }
]

const { add, sub, mul, div } = f64x2

/** Adding it rounds to an integer, which then stands in the low bits of the sum. */
const rounder = 1.5 * 2 ** 52
/** Exponent of the double 1. */
const bias = 1023
/** log 2 as a sum whose first part has 32 low bits of 0: multiples by small integers are exact. */
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
/** (e^r - 1 - r) / r² on |r| ≤ log 2 / 2, lowest power first. */
const expTail = [
  0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062, 0.0013888888917213717,
  0.00019841269863053618, 2.4801521295954376e-5, 2.7557268459997064e-6, 2.7620088445409746e-7, 2.510038549551032e-8
] as const
/** (log((1+s)/(1-s)) - 2s) / s³ as a polynomial of s² ≤ 0.0295, lowest power first. */
const logTail = [
  0.666666666666667, 0.3999999999989938, 0.28571428626031065, 0.22222211125723262, 0.1818288978615799,
  0.15331699634642276, 0.146167211662876
] as const
const smallestNormal = 2 ** -1022

/** e^x = 2^k (1 + high + low); `power` has k + shift in its low bits. */
interface Reduced {
  readonly power: Code
  readonly k: Code
  readonly high: Code
  readonly low: Code
}

/** c0 + c1 x + … of ten coefficients, in a short chain of operations. */
const polynomial10 = (b: FunctionBuilder, x: Code, x2: Code, c: ReadonlyArray<number>): Code => {
  const linear = (i: number): Code => add(b.constant(c[i]!), mul(x, b.constant(c[i + 1]!)))
  const x4 = b.keep(mul(x2, x2))
  const low = add(linear(0), mul(x2, linear(2)))
  const middle = add(linear(4), mul(x2, linear(6)))
  return add(low, mul(x4, add(middle, mul(x4, linear(8)))))
}

/** @param shift both lanes of `rounder` plus what is to be added to k */
const reduce = (b: FunctionBuilder, x: Code, shift: Code): Reduced => {
  const power = b.keep(add(mul(x, b.constant(Math.LOG2E)), shift))
  const k = b.keep(sub(power, shift))
  const high = b.keep(sub(x, mul(k, b.constant(ln2High))))
  const rest = b.keep(mul(k, b.constant(ln2Low)))
  const r = b.keep(sub(high, rest))
  const r2 = b.keep(mul(r, r))
  const low = b.keep(sub(mul(r2, polynomial10(b, r, r2, expTail)), rest))
  return { power, k, high, low }
}

const one = (b: FunctionBuilder): Code => b.constant(1)

/** The double with the low 11 bits of the integer as its exponent. */
const powerOfTwo = (integer: Code): Code => bits.shiftLeft(integer, 52)

/** Room in the exponent, so that powers below the normal range come out by one exact multiplication. */
const room = 100

/** e^x for x ≤ 600; anything below -746 gives 0. 1 ulp. */
export const expNonPositive = (b: FunctionBuilder, x: Code): Code => {
  const inside = b.keep(f64x2.pmax(x, b.constant(-746)))
  const { power, high, low } = reduce(b, inside, b.constant(rounder + bias + room))
  return b.keep(mul(mul(add(one(b), add(high, low)), powerOfTwo(power)), b.constant(2 ** -room)))
}

/** e^x for all x. 1 ulp. */
export const exp = (b: FunctionBuilder, x: Code): Code => {
  const inside = b.keep(f64x2.pmin(f64x2.pmax(x, b.constant(-746)), b.constant(710)))
  const grows = b.keep(f64x2.gt(inside, b.constant(0)))
  const shift = b.keep(bits.select(b.constant(rounder + bias - room), b.constant(rounder + bias + room), grows))
  const { power, high, low } = reduce(b, inside, shift)
  const rest = bits.select(b.constant(2 ** room), b.constant(2 ** -room), grows)
  return b.keep(mul(mul(add(one(b), add(high, low)), powerOfTwo(power)), rest))
}

/** a·e^x, finite wherever the product is. 2 ulp. */
export const scaleExp = (b: FunctionBuilder, a: Code, x: Code): Code => {
  const inside = b.keep(f64x2.pmin(f64x2.pmax(x, b.constant(-2100)), b.constant(2100)))
  const { k, high, low } = reduce(b, inside, b.constant(rounder))
  const shift = b.constant(rounder + bias)
  // A third of the power at a time: each third is a normal number.
  const part = b.keep(add(mul(k, b.constant(1 / 3)), shift))
  const third = b.keep(sub(part, shift))
  const scale = b.keep(powerOfTwo(part))
  const last = b.keep(powerOfTwo(add(sub(k, add(third, third)), shift)))
  return b.keep(mul(mul(mul(mul(add(one(b), add(high, low)), scale), a), scale), last))
}

/** e^x - 1 for all x. 2 ulp. */
export const expm1 = (b: FunctionBuilder, x: Code): Code => {
  const inside = b.keep(f64x2.pmin(f64x2.pmax(x, b.constant(-50)), b.constant(710)))
  const { k, high, low, power } = reduce(b, inside, b.constant(rounder + bias - 1))
  // e^x - 1 = 2^k ((1 - 2^-k) + e^r - 1); half of 2^k first, because 2^1024 is no double.
  const shift = b.constant(rounder + bias)
  const inverse = powerOfTwo(sub(shift, f64x2.pmin(k, b.constant(100))))
  const sum = add(add(sub(one(b), inverse), high), low)
  return b.keep(mul(mul(sum, b.constant(2)), powerOfTwo(power)))
}

/** e^x and 1 - e^x for x ≤ 0 (up to 300 for both to be right in sign and size). */
export const expAndComplement = (b: FunctionBuilder, x: Code) => {
  const inside = b.keep(f64x2.pmax(x, b.constant(-746)))
  const { power, k, high, low } = reduce(b, inside, b.constant(rounder + bias + room))
  const scale = b.keep(powerOfTwo(power))
  const down = b.constant(2 ** -room)
  const value = b.keep(mul(mul(add(one(b), add(high, low)), scale), down))
  // Above -log 2, k is 0 or -1, so 1 - 2^-k = k.
  const near = b.keep(f64x2.gt(inside, b.constant(-Math.LN2)))
  const difference = f64x2.neg(mul(mul(add(add(high, k), low), scale), down))
  const far = b.keep(sub(one(b), value))
  return { value, complement: b.keep(bits.select(difference, far, near)), near, far }
}

/** log(u) + correction for a normal u > 0; the correction is small beside log(u), or u is 1. */
const logCore = (b: FunctionBuilder, u: Code, correction?: Code): Code => {
  const root = b.bitsConstant(0x3fe6a09e667f3bcdn)
  const moved = b.keep(bits.add(u, b.bitsConstant(0x3ff0000000000000n - 0x3fe6a09e667f3bcdn)))
  const exponent = bits.or(bits.shiftRight(moved, 52), b.bitsConstant(0x4330000000000000n))
  const k = b.keep(sub(exponent, b.constant(2 ** 52 + bias)))
  const m = bits.add(bits.and(moved, b.bitsConstant(0x000fffffffffffffn)), root)
  const f = b.keep(sub(m, one(b)))
  const s = b.keep(div(f, add(f, b.constant(2))))
  const z = b.keep(mul(s, s))
  const z2 = b.keep(mul(z, z))
  const c = (i: number): Code => b.constant(logTail[i]!)
  const linear = (i: number): Code => add(c(i), mul(z, c(i + 1)))
  const high = add(linear(4), mul(z2, c(6)))
  const tail = mul(z, add(linear(0), mul(z2, add(linear(2), mul(z2, high)))))
  const half = b.keep(mul(mul(b.constant(0.5), f), f))
  const lowLog = mul(k, b.constant(ln2Low))
  const rest = add(mul(s, add(half, tail)), correction === undefined ? lowLog : add(lowLog, correction))
  return b.keep(sub(mul(k, b.constant(ln2High)), sub(sub(half, rest), f)))
}

/** The result, with the lanes of `bad` replaced by the scalar function of the arguments. */
const patched = (b: FunctionBuilder, result: Code, bad: Code, name: string, ...args: ReadonlyArray<Code>): Code => {
  const local = b.local("v128")
  const mask = b.keep(bad)
  const fix = (lane: 0 | 1): Code => {
    const scalar = call(b.hostIndex(name), ...args.map((arg) => f64x2.lane(arg, lane)))
    const isBad = [...f64x2.lane(f64x2.abs(bits.select(one(b), b.constant(0), mask)), lane)]
    return when([...isBad, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x62], local.set(f64x2.replaceLane(local.get, lane, scalar)))
  }
  b.emit(local.set(result), when(bits.anySet(mask), [...fix(0), ...fix(1)]))
  return local.get
}

/** Where a number is not in [low, high): NaN is not. */
const outside = (b: FunctionBuilder, x: Code, low: number, high = Number.POSITIVE_INFINITY): Code =>
  bits.not(bits.and(f64x2.ge(x, b.constant(low)), f64x2.lt(x, b.constant(high))))

/** log x for x known to be normal and positive. 1 ulp. */
export const logNormal = (b: FunctionBuilder, x: Code): Code => logCore(b, x)

/** log x for all x. 1 ulp. */
export const log = (b: FunctionBuilder, x: Code): Code =>
  patched(b, logCore(b, x), outside(b, x, smallestNormal), "log", x)

/** log(1 + e) for e in [0, 1]. 2 ulp. */
export const log1pUnit = (b: FunctionBuilder, e: Code): Code => {
  const u = b.keep(add(e, one(b)))
  return logCore(b, u, div(sub(e, sub(u, one(b))), u))
}

/** log(1 + x) for all x. 2 ulp. */
export const log1p = (b: FunctionBuilder, x: Code): Code => {
  const u = b.keep(add(x, one(b)))
  const small = sub(x, sub(u, one(b)))
  const large = sub(one(b), sub(u, x))
  const lost = bits.select(large, small, f64x2.gt(x, one(b)))
  return patched(b, logCore(b, u, div(lost, u)), outside(b, u, smallestNormal), "log1p", x)
}

/** log(1 - e^x) for x ≤ 0, NaN above. 2 ulp. */
export const log1mexp = (b: FunctionBuilder, x: Code): Code => {
  const { value, complement, near, far } = expAndComplement(b, x)
  const lost = bits.andNot(div(sub(sub(one(b), far), value), far), near)
  return patched(b, logCore(b, complement, lost), outside(b, complement, smallestNormal), "log1mexp", x)
}

/** log(e^x + e^y); -Infinity stands for an absent term. 2 ulp. */
export const logaddexp = (b: FunctionBuilder, x: Code, y: Code): Code => {
  const gap = b.keep(f64x2.abs(sub(x, y)))
  const result = add(f64x2.max(x, y), log1pUnit(b, expNonPositive(b, f64x2.neg(gap))))
  return patched(b, result, outside(b, gap, 0), "logaddexp", x, y)
}

/** x^y, by the scalar function. */
export const pow = (b: FunctionBuilder, x: Code, y: Code): Code => {
  const at = (lane: 0 | 1): Code => call(b.hostIndex("pow"), f64x2.lane(x, lane), f64x2.lane(y, lane))
  return b.keep(f64x2.replaceLane(f64x2.splat(at(0)), 1, at(1)))
}
