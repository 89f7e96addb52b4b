/** @file A validate cell: the properties of one loss. */
import * as Result from "effect/Result"
import { resolveLoss } from "../../../loss/resolve.ts"
import { validateLoss } from "../../../properties/validate.ts"
import type { Verdict } from "../../../properties/verdict.ts"
import type { Json } from "../../canonical.ts"
import type { ValidateRow } from "../../figures/records.ts"

interface ValidateSpec {
  readonly loss: string
  /** Absent: all. */
  readonly properties?: ReadonlyArray<string>
  readonly runs: number
  readonly seed: number
  /** Verdicts that are expected, by property. */
  readonly expected: Readonly<Record<string, Verdict>>
}

/** @returns the loss's rows of `records/validate.jsonl` */
export const runCell = (input: Json): ReadonlyArray<ValidateRow> => {
  const spec = input as unknown as ValidateSpec
  const loss = resolveLoss(spec.loss)
  if (Result.isFailure(loss)) throw loss.failure
  const { runs, seed, properties } = spec
  const validation = validateLoss(loss.success, { runs, seed, ...(properties ? { properties } : {}) })
  if (Result.isFailure(validation)) throw validation.failure
  return validation.success.results.map((result) => {
    const expected = spec.expected[result.property]
    return {
      loss: spec.loss,
      property: result.property,
      statement: result.statement,
      verdict: result.verdict,
      ...(result.runs === undefined ? {} : { runs: result.runs, seed }),
      ...(result.counterexample === undefined ? {} : { counterexample: result.counterexample.text }),
      ...(result.certificate === undefined ? {} : { certificate: result.certificate }),
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      ...(expected === undefined ? {} : { expected })
    }
  })
}
