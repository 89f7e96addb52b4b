/** Numbers as narrower types keep them, and code that computes in such a type. */
import type { Program } from "../loss/program.ts"
import { type Measured, observationsOf } from "./compare.ts"
import { unit, withParams } from "./expected.ts"
import type { Hypothesis } from "./hypothesis.ts"
import type { Point } from "./inputs.ts"
import { type Reading, valuesRead, withRows } from "./readings.ts"

/** A type with fewer digits than float64. */
export type Narrow = "float32" | "float16" | "bfloat16"

const significant: Readonly<Record<Narrow, number>> = { float32: 24, float16: 11, bfloat16: 8 }

/** x rounded to the nearest number of a type, ties to even; its range is not looked at. */
export const roundTo = (x: number, type: Narrow): number => {
  if (type === "float32") return Math.fround(x)
  if (x === 0 || !Number.isFinite(x)) return x
  const scale = 2 ** (significant[type] - 1 - Math.floor(Math.log2(Math.abs(x))))
  const scaled = x * scale
  const low = Math.floor(scaled)
  const odd = scaled - low === 0.5 ? low + (low % 2 === 0 ? 0 : 1) : Math.round(scaled)
  return odd / scale
}

const logs = /^[lr][wlg]$/

const roundedReading = (type: Narrow): Reading =>
  withRows(`rounded-${type}`, `log-probabilities are rounded to ${type} (wrong dtype)`, (point: Point) =>
    Object.fromEntries(Object.entries(point).map(([name, x]) => [name, logs.test(name) ? roundTo(x, type) : x]))
  )

/** Inputs rounded to 16 bits before anything else; their gradients are of that type too. */
export const roundedInputs = (program: Program): ReadonlyArray<Hypothesis> =>
  (["bfloat16", "float16"] as const).map((type) => {
    const reading = roundedReading(type)
    return {
      id: reading.id,
      says: reading.says,
      complexity: 1,
      predict: ({ call, perPair }) => {
        const { loss, gradients } = valuesRead(withParams(program, call.params), reading, call.rows, perPair)
        const narrow = Object.entries(gradients).map(
          ([name, list]) => [name, list.map((x) => roundTo(x, type))] as const
        )
        return { loss, gradients: Object.fromEntries(narrow) }
      }
    }
  })

/**
 * The widest narrow type in which all calls agree, when they do not in their own: the code computes in it. For 16 bits, where the
 * allowance is wide, half of all errors must also be within one rounding of the type.
 */
export const computesIn = (all: ReadonlyArray<Measured>): Narrow | undefined => {
  const fits = (type: Narrow): boolean => {
    const precision = (one: Measured): keyof typeof unit => (unit[one.call.dtype] > unit[type] ? one.call.dtype : type)
    const seen = all.flatMap((one, k) => observationsOf(one, k, precision(one)))
    if (type === "float32") return seen.every(({ agrees }) => agrees)
    const errors = seen.map(
      ({ observed, expected, scale }) => Math.abs(observed - expected) / (unit[type] * (0.05 + scale))
    )
    const sorted = errors.sort((a, b) => a - b)
    return (sorted[Math.floor(sorted.length / 2)] ?? 1) < 0.5 && (sorted.at(-1) ?? Number.POSITIVE_INFINITY) < 4
  }
  return (["float32", "float16", "bfloat16"] as const).find(fits)
}
