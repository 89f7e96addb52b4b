/**
 * Interval arithmetic: every operation of a loss program on closed intervals of doubles, rounded outwards, so that the true
 * value at any point of the arguments is inside the result. The last digits of Math.exp and its kin are not specified; they
 * are taken to be right to {@link functionError}, several times what the usual implementations keep.
 */
import { log1mexp, logsigmoid, scaleExp, sigmoid, softplus } from "./numerics.ts"
import { isOperation, type NodeId, type Op, type Program } from "./program.ts"

/** `[low, high]`, low ≤ high; an infinite end means unbounded on that side. */
export type Interval = readonly [low: number, high: number]

const everything: Interval = [-Infinity, Infinity]
/** Relative error of one rounding, a little more than half a unit in the last place. */
const rounding = 2.3e-16
/** Relative error granted to a transcendental function, about 16 units in the last place. */
const functionError = 4e-15
const tiny = Number.MIN_VALUE

const below = (x: number, error = rounding): number => x - Math.abs(x) * error - tiny
const above = (x: number, error = rounding): number => x + Math.abs(x) * error + tiny

/** The interval from low to high, widened by a relative error; everything when an end is no number. */
const outward = (low: number, high: number, error = rounding): Interval =>
  Number.isNaN(low) || Number.isNaN(high) ? everything : [below(low, error), above(high, error)]

/** The smallest interval around both. */
export const hull = (a: Interval, b: Interval): Interval => [Math.min(a[0], b[0]), Math.max(a[1], b[1])]

export const pointInterval = (x: number): Interval => [x, x]

/** An infinite end is a bound, not a value: 0 times unbounded is 0. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b)

export const addIntervals = (a: Interval, b: Interval): Interval => outward(a[0] + b[0], a[1] + b[1])
export const subtractIntervals = (a: Interval, b: Interval): Interval => outward(a[0] - b[1], a[1] - b[0])
export const multiplyIntervals = (a: Interval, b: Interval): Interval => {
  const ends = [times(a[0], b[0]), times(a[0], b[1]), times(a[1], b[0]), times(a[1], b[1])]
  return outward(Math.min(...ends), Math.max(...ends))
}

export const negateInterval = ([low, high]: Interval): Interval => [-high, -low]
export const divideIntervals = (a: Interval, b: Interval): Interval => {
  if (b[0] <= 0 && b[1] >= 0) return everything
  const ends = [a[0] / b[0], a[0] / b[1], a[1] / b[0], a[1] / b[1]]
  return ends.some(Number.isNaN) ? everything : outward(Math.min(...ends), Math.max(...ends))
}

/** An increasing function that is right to a relative error. */
const increasing =
  (f: (x: number) => number, error = functionError) =>
  ([low, high]: Interval): Interval =>
    outward(f(low), f(high), error)

/** A function that never goes below a bound stays above it. */
const atLeast =
  (bound: number, f: (x: Interval) => Interval) =>
  (x: Interval): Interval => {
    const [low, high] = f(x)
    return [Math.max(low, bound), high]
  }

export const expInterval = atLeast(0, increasing(Math.exp))
/** Arguments outside the domain give no statement. */
const onDomain =
  (least: number, most: number, f: (x: Interval) => Interval) =>
  (x: Interval): Interval =>
    x[0] < least || x[1] > most ? everything : f(x)

const power = (base: Interval, exponent: Interval): Interval => {
  const n = exponent[0]
  const isInteger = n === exponent[1] && Number.isInteger(n)
  if (base[0] > 0) return corners(base, exponent)
  if (!isInteger || n < 0) return everything
  if (n % 2 === 1) return increasing((x) => x ** n)(base)
  const size = absolute(base)
  return atLeast(
    0,
    increasing((x) => x ** n)
  )(size)
}

/** a^b for a > 0 is monotone in each argument alone, so its extremes are at corners. */
const corners = (a: Interval, b: Interval): Interval => {
  const ends = [a[0] ** b[0], a[0] ** b[1], a[1] ** b[0], a[1] ** b[1]]
  return ends.some(Number.isNaN) ? everything : outward(Math.min(...ends), Math.max(...ends), functionError)
}

const absolute = ([low, high]: Interval): Interval =>
  low >= 0 ? [low, high] : high <= 0 ? [-high, -low] : [0, Math.max(-low, high)]

/** log(e^a + e^b): the larger one plus log(1 + e^-|a - b|), where a rounding of the difference counts too. */
const logAddEnd = (a: number, b: number, end: (x: number, error?: number) => number): number => {
  if (a === -Infinity || b === -Infinity) return Math.max(a, b)
  const gap = Math.abs(a - b)
  const part = Math.log1p(Math.exp(-gap))
  return end(Math.max(a, b) + end(part, functionError * (2 + gap)))
}

export const logAddIntervals = (a: Interval, b: Interval): Interval => {
  const [low, high] = [logAddEnd(a[0], b[0], below), logAddEnd(a[1], b[1], above)]
  return Number.isNaN(low) || Number.isNaN(high) ? everything : [low, high]
}

/** 1 where certainly true, 0 where certainly false, else undefined. */
const comparison = (op: "less" | "atMost", a: Interval, b: Interval): 0 | 1 | undefined => {
  const strict = op === "less"
  if (strict ? a[1] < b[0] : a[1] <= b[0]) return 1
  if (strict ? a[0] >= b[1] : a[0] > b[1]) return 0
  return undefined
}

type Smooth = Exclude<Op, "max" | "min" | "less" | "atMost" | "where" | "abs">

const operations: Readonly<Record<Smooth, (...args: ReadonlyArray<Interval>) => Interval>> = {
  neg: (x) => negateInterval(x!),
  exp: (x) => expInterval(x!),
  expm1: (x) => atLeast(-1, increasing(Math.expm1))(x!),
  log: (x) => onDomain(0, Infinity, increasing(Math.log))(x!),
  log1p: (x) => onDomain(-1, Infinity, increasing(Math.log1p))(x!),
  // Decreasing.
  log1mexp: (x) => onDomain(-Infinity, 0, ([low, high]) => outward(log1mexp(high), log1mexp(low), functionError))(x!),
  sigmoid: (x) => atLeast(0, increasing(sigmoid))(x!),
  logsigmoid: (x) => increasing(logsigmoid)(x!),
  softplus: (x) => atLeast(0, increasing(softplus))(x!),
  sqrt: (x) => onDomain(0, Infinity, atLeast(0, increasing(Math.sqrt)))(x!),
  stopGradient: (x) => x!,
  add: (a, b) => addIntervals(a!, b!),
  sub: (a, b) => subtractIntervals(a!, b!),
  mul: (a, b) => multiplyIntervals(a!, b!),
  div: (a, b) => divideIntervals(a!, b!),
  pow: (a, b) => power(a!, b!),
  logaddexp: (a, b) => logAddIntervals(a!, b!),
  scaleExp: (a, x) => {
    const ends = [scaleExp(a![0], x![0]), scaleExp(a![0], x![1]), scaleExp(a![1], x![0]), scaleExp(a![1], x![1])]
    return ends.some(Number.isNaN)
      ? everything
      : outward(Math.min(...ends), Math.max(...ends), functionError * (2 + Math.abs(x![0]) + Math.abs(x![1])))
  }
}

const onlyOne = (low: Interval, high: Interval): boolean => low[1] < high[0]

/** One operation; undefined when the arguments reach both sides of a kink. */
const applyInterval = (op: Op, args: ReadonlyArray<Interval>): Interval | undefined => {
  const [a, b, c] = args as [Interval, Interval, Interval]
  switch (op) {
    case "less":
    case "atMost": {
      const decided = comparison(op, a, b)
      return decided === undefined ? undefined : [decided, decided]
    }
    case "where":
      return a[0] === a[1] ? (a[0] !== 0 ? b : c) : undefined
    case "max":
      return onlyOne(a, b) ? b : onlyOne(b, a) ? a : undefined
    case "min":
      return onlyOne(a, b) ? a : onlyOne(b, a) ? b : undefined
    case "abs":
      return a[0] >= 0 || a[1] <= 0 ? absolute(a) : undefined
    default:
      return operations[op](...args)
  }
}

/**
 * Ranges of nodes of a program over a box of inputs: every value the program takes in the box is inside. Undefined when
 * the box reaches both sides of a kink that some node depends on (a comparison that is not decided, a maximum of two
 * overlapping intervals): the program is then not one smooth function on it.
 * @param box an interval per input
 * @throws RangeError when an input has no interval
 */
export const rangesOf = (
  program: Pick<Program, "nodes" | "params">,
  box: Readonly<Record<string, Interval>>,
  wanted: ReadonlyArray<NodeId>
): ReadonlyArray<Interval> | undefined => {
  const ranges: Array<Interval> = []
  for (const node of program.nodes) {
    if (isOperation(node)) {
      const range = applyInterval(
        node.op,
        node.args.map((arg) => ranges[arg]!)
      )
      if (range === undefined) return undefined
      ranges.push(range)
    } else if (node.op === "const") ranges.push(pointInterval(node.value))
    else {
      const value = node.op === "param" ? program.params[node.name] : undefined
      const range = value === undefined ? box[node.name] : pointInterval(value)
      if (range === undefined) throw new RangeError(`rangesOf: no interval for input "${node.name}"`)
      ranges.push(range)
    }
  }
  return wanted.map((id) => ranges[id]!)
}
