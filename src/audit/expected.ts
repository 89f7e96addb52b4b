/**
 * What a call should give: the loss program in float64 at the call's own numbers, and how far a right implementation in the
 * call's precision may be from it.
 */
import { interpret } from "../loss/interpret.ts"
import type { Program } from "../loss/program.ts"
import type { Point } from "./inputs.ts"
import type { Dtype } from "./protocol.ts"

/** Values of the parameters by name. */
export type Params = Readonly<Record<string, number>>

/** Loss of one pair and its derivatives by policy log-probabilities (lw and ll always, others where the loss has them). */
export interface PairValue {
  readonly loss: number
  readonly gradients: Readonly<Record<string, number>>
}

/**
 * What a call gives: one loss per pair or one for the batch (`loss` then has length 1), and the derivatives of it by the
 * policy's log-probabilities, [rows] each.
 */
export interface Values {
  readonly loss: ReadonlyArray<number>
  readonly gradients: Readonly<Record<string, ReadonlyArray<number>>>
}

/** Relative spacing of the numbers of a type. */
export const unit: Readonly<Record<Dtype | "bfloat16" | "float16", number>> = {
  float64: 2 ** -52,
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7
}

/** The program with other parameter values; those it does not have are left out. */
export const withParams = (program: Program, params: Params): Program => ({
  ...program,
  params: Object.fromEntries(Object.entries(program.params).map(([name, value]) => [name, params[name] ?? value]))
})

/** The loss of a pair as the program says. */
export const pairValue = (program: Program, point: Point): PairValue => {
  const { loss, dlw, dll, gradients } = interpret(program, point)
  return { loss, gradients: { ...gradients, lw: dlw, ll: dll } }
}

/** Pairs as a call returns them: each by itself, or their mean. */
export const gathered = (pairs: ReadonlyArray<PairValue>, perPair: boolean): Values => {
  const share = perPair ? 1 : 1 / pairs.length
  const names = Object.keys(pairs[0]!.gradients)
  return {
    loss: perPair ? pairs.map(({ loss }) => loss) : [pairs.reduce((sum, { loss }) => sum + loss, 0) * share],
    gradients: Object.fromEntries(names.map((name) => [name, pairs.map(({ gradients }) => gradients[name]! * share)]))
  }
}

/** A value with the least and most that nearby numbers give, and its sensitivity `|v| + Σ |x ∂v/∂x|` over inputs and parameters. */
interface Sensed {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly scale: number
}

const step = 1e-7

/** Every output of the program at a point with its sensitivity, by central differences of relative step 1e-7. */
const sense = (program: Program, point: Point): Readonly<Record<string, Sensed>> => {
  const at = (p: Program, x: Point): Readonly<Record<string, number>> => {
    const { loss, gradients } = pairValue(p, x)
    return { loss, ...gradients }
  }
  const centre = at(program, point)
  const both = (move: (factor: number) => Readonly<Record<string, number>>) => [move(1 + step), move(1 - step)] as const
  const pairs = [
    ...program.inputs.map((name) => both((f) => at(program, { ...point, [name]: point[name]! * f }))),
    ...Object.entries(program.params).map(([name, x]) => both((f) => at(withParams(program, { [name]: x * f }), point)))
  ]
  return Object.fromEntries(
    Object.entries(centre).map(([name, value]) => {
      // Beside the edge of a domain (log(1 - p) at p near 1) one neighbour has no value.
      const near = pairs.flatMap(([a, b]) => [a[name]!, b[name]!]).filter(Number.isFinite)
      const slopes = pairs.map(([a, b]) => Math.abs(a[name]! - b[name]!) / (2 * step)).filter(Number.isFinite)
      return [
        name,
        {
          value,
          low: Math.min(value, ...near),
          high: Math.max(value, ...near),
          scale: Math.abs(value) + slopes.reduce((sum, slope) => sum + slope, 0)
        }
      ]
    })
  )
}

/** The expected values of a call, and the error allowed for each in units of the type's spacing. */
export interface Expected {
  readonly values: Values
  /** Sensitivities, of the same shape: the allowed error is `roundings · unit · (floor + scale)`. */
  readonly scales: Values
}

/** The expected values of a batch. A kink within the rounding of the inputs widens what is allowed to both of its sides. */
export const expectedOf = (program: Program, rows: ReadonlyArray<Point>, perPair: boolean): Expected => {
  const sensed = rows.map((row) => sense(program, row))
  const pairs = (of: (s: Sensed) => number): ReadonlyArray<PairValue> =>
    sensed.map(({ loss, ...gradients }) => ({
      loss: of(loss!),
      gradients: Object.fromEntries(Object.entries(gradients).map(([name, s]) => [name, of(s)]))
    }))
  // A jump between neighbours (a gradient at a kink) is allowed as a whole, whatever the precision.
  const jump = ({ low, high }: Sensed): number =>
    high - low > 0.1 * Math.max(Math.abs(low), Math.abs(high)) + 1e-12 ? (high - low) / unit.float64 : 0
  return {
    values: gathered(
      pairs(({ value }) => value),
      perPair
    ),
    scales: gathered(
      pairs((s) => s.scale + jump(s)),
      perPair
    )
  }
}

/** Roundings granted: a loss of twenty operations, some of them library functions good to a few units. */
const roundings = 64

/** The error allowed for a value of the given sensitivity in a precision; values smaller than the floor are told to its precision. */
export const allowedError = (scale: number, precision: keyof typeof unit, floor: number): number =>
  roundings * unit[precision] * (floor + scale)
