/**
 * Hypotheses about wrong code: the loss (or another one) with other parameters, read wrongly, given out wrongly. Each predicts
 * every number of every call, and is judged by how many of them it meets.
 */
import type { Program } from "../loss/program.ts"
import { type Measured, quantities, quantityOf } from "./compare.ts"
import { allowedError, type Params, unit, type Values, withParams } from "./expected.ts"
import { type Output, plainOutput } from "./outputs.ts"
import { plainReading, type Reading, valuesRead } from "./readings.ts"

/** A change of parameters. */
export interface ParameterChange {
  readonly id: string
  readonly says: string
  readonly change: (params: Params) => Params
}

export const plainParameters: ParameterChange = { id: "as-is", says: "", change: (params) => params }

/** One explanation of what the code does. */
export interface Hypothesis {
  readonly id: string
  /** In words that follow "looks as if ". */
  readonly says: string
  /** The number of things that are wrong; the simplest explanation is preferred. */
  readonly complexity: number
  readonly predict: (measured: Pick<Measured, "call" | "perPair">) => Values
}

/** The pieces of a hypothesis; what is left out is as it should be. */
export interface Pieces {
  readonly program: Program
  /** What the other loss is called, when the program is not that of the loss itself. */
  readonly other?: { readonly id: string; readonly says: string }
  readonly parameters?: ParameterChange
  readonly reading?: Reading
  readonly output?: Output
}

/** A hypothesis of pieces. */
export const hypothesis = ({
  program,
  other,
  parameters = plainParameters,
  reading = plainReading,
  output = plainOutput
}: Pieces): Hypothesis => {
  const parts = [other ?? { id: "as-is", says: "" }, parameters, reading, output].filter(({ id }) => id !== "as-is")
  return {
    id: parts.map(({ id }) => id).join("+") || "as-is",
    says: parts.map(({ says }) => says).join(", and "),
    complexity: parts.length + (other === undefined ? 0 : 0.5),
    predict: ({ call, perPair }) => {
      const params = parameters.change(call.params)
      const values = valuesRead(withParams(program, params), reading, call.rows, perPair)
      return output.apply(values, { rows: call.rows, params: call.params, perPair })
    }
  }
}

/** How many numbers a hypothesis meets, of how many. */
export interface Score {
  readonly met: number
  readonly of: number
}

/**
 * Whether a predicted number is what was observed. Predictions carry no sensitivity of their own; they get that of the loss at
 * the point, and a relative margin that tells no two different formulas apart wrongly.
 */
const meets = (observed: number, predicted: number, scale: number, precision: keyof typeof unit): boolean => {
  if (!Number.isFinite(predicted)) return false
  const sensitivity = Math.max(Math.abs(predicted), Number.isFinite(scale) ? scale : 0)
  return (
    Math.abs(observed - predicted) <=
    Math.max(allowedError(sensitivity, precision, 0.1), 1e3 * unit[precision] * Math.abs(predicted))
  )
}

/** The score over calls; with `upTo`, stops at the first call that has more misses than that. */
export const score = (
  { predict }: Hypothesis,
  all: ReadonlyArray<Measured>,
  precision: keyof typeof unit,
  upTo = Number.POSITIVE_INFINITY
): Score => {
  let [met, of] = [0, 0]
  for (const one of all) {
    if (one.observed === undefined) continue
    const predicted = predict(one)
    for (const [name, list] of quantities(one.expected.values)) {
      const mine = quantityOf(predicted, name)
      const seen = quantityOf(one.observed, name)
      const scales = quantityOf(one.expected.scales, name)!
      for (const [row, expected] of list.entries()) {
        if (!Number.isFinite(expected)) continue
        of += 1
        if (meets(seen?.[row] ?? 0, mine?.[row] ?? 0, scales[row]!, precision)) met += 1
        else if (of - met > upTo) return { met, of }
      }
    }
  }
  return { met, of }
}
