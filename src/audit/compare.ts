/** Answers beside what they should be: one observation per number. */
import type { Program } from "../loss/program.ts"
import { allowedError, type Expected, expectedOf, type unit, type Values, withParams } from "./expected.ts"
import type { Answer, Call, Dtype } from "./protocol.ts"

/** A number that the user's code gave, beside the loss's. */
export interface Observation {
  /** Which of the calls, and which row; a loss of the whole batch has row 0. */
  readonly call: number
  readonly row: number
  /** `loss`, `dlw`, `dll`, …: the derivative by that log-probability. */
  readonly quantity: string
  readonly observed: number
  readonly expected: number
  /** Sensitivity of the expected number, see {@link Expected}. */
  readonly scale: number
  readonly agrees: boolean
}

/** A call with its answer in the form of {@link Values}, and what it should have given. */
export interface Measured {
  readonly call: Call
  readonly answer: Answer
  /** Whether a loss per pair came back. */
  readonly perPair: boolean
  /** Absent when the call raised an exception. */
  readonly observed?: Values
  readonly expected: Expected
}

/** Gradients that autograd saw no dependence for are 0. */
const observedValues = ({ losses, value, gradients }: Answer, rows: number): Values => ({
  loss: losses ?? [value!],
  gradients: Object.fromEntries(
    Object.entries(gradients ?? {}).map(([name, list]) => [name, list ?? Array.from({ length: rows }, () => 0)])
  )
})

/** Puts an answer beside the loss's own values. */
export const measured = (program: Program, call: Call, answer: Answer): Measured => {
  const perPair = answer.losses !== undefined
  const expected = expectedOf(withParams(program, call.params), call.rows, perPair)
  return {
    call,
    answer,
    perPair,
    ...(answer.error === undefined ? { observed: observedValues(answer, call.rows.length) } : {}),
    expected
  }
}

/** Smallest size at which a loss (a gradient) is told apart from 0 to full precision. */
const floors = { loss: 1, gradient: 0.1 } as const

/** Whether two numbers are equal in a precision. */
export const isEqual = (
  observed: number,
  expected: number,
  scale: number,
  precision: keyof typeof unit,
  isGradient: boolean
): boolean =>
  Math.abs(observed - expected) <= allowedError(scale, precision, isGradient ? floors.gradient : floors.loss)

/** The names of the numbers of {@link Values} in order, with a reader for each. */
export const quantities = (values: Values): ReadonlyArray<readonly [name: string, list: ReadonlyArray<number>]> => [
  ["loss", values.loss],
  ...Object.entries(values.gradients).map(([name, list]) => [`d${name}`, list] as const)
]

/** The list of a quantity; undefined when the values have none. */
export const quantityOf = (values: Values, name: string): ReadonlyArray<number> | undefined =>
  name === "loss" ? values.loss : values.gradients[name.slice(1)]

/**
 * All numbers of a call that the loss gives a finite value for. A call that raised has none.
 * @param precision  of the comparison: the call's own type unless something else is asked
 */
export const observationsOf = (
  { call, observed, expected }: Measured,
  index: number,
  precision: keyof typeof unit = call.dtype
): ReadonlyArray<Observation> => {
  if (observed === undefined) return []
  return quantities(expected.values).flatMap(([quantity, list]) => {
    const own = quantityOf(observed, quantity)
    const scales = quantityOf(expected.scales, quantity)!
    return list.flatMap((value, row) => {
      if (!Number.isFinite(value)) return []
      const seen = own?.[row] ?? 0
      const agrees = isEqual(seen, value, scales[row]!, precision, quantity !== "loss")
      return [{ call: index, row, quantity, observed: seen, expected: value, scale: scales[row]!, agrees }]
    })
  })
}

/** Calls of a dtype, with their places in the list. */
export const ofDtype = (all: ReadonlyArray<Measured>, dtype: Dtype): ReadonlyArray<readonly [number, Measured]> =>
  all.flatMap((one, k) => (one.call.dtype === dtype ? [[k, one] as const] : []))
