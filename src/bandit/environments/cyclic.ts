/**
 * An arbitrary preference matrix, intransitive by default: P = [[.5,.9,.2],[.1,.5,.8],[.8,.2,.5]] (each response beats one
 * and loses to one; its Nash equilibrium is (.3, .3, .4)). No reward explains such preferences, so no Bradley–Terry fit is
 * exact. Gold reward: the win rate P(y ≻ π_ref).
 */
import * as Schema from "effect/Schema"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { preferenceMatrix, winRates } from "../preferences.ts"
import { Fraction, Positive } from "./options.ts"
import { flatTable, normaliseRowsInPlace, uniform } from "./tables.ts"

const published = [
  [0.5, 0.9, 0.2],
  [0.1, 0.5, 0.8],
  [0.8, 0.2, 0.5]
]

const fields = Schema.Struct({
  kind: Schema.Literal("cyclic"),
  /** P(row ≻ column); complementary entries sum to 1. Default: the matrix above. */
  preference: Schema.optionalKey(Schema.Array(Schema.Array(Fraction))),
  /** π_ref, normalised. Default: uniform. */
  reference: Schema.optionalKey(Schema.Array(Positive)),
  /** Who proposes the pairs (y, y') ~ mu × mu, y ≠ y'. Default: uniform. */
  behaviour: Schema.optionalKey(Schema.Array(Positive)),
  /** Weight of the KL term in J. Default 1. */
  beta: Schema.optionalKey(Positive)
})

const matrixIssues = (matrix: ReadonlyArray<ReadonlyArray<number>>) => {
  const issues: Array<{ path: ReadonlyArray<PropertyKey>; issue: string }> = []
  if (matrix.length < 2) issues.push({ path: ["preference"], issue: "preference needs at least two rows" })
  matrix.forEach((row, a) => {
    if (row.length !== matrix.length) {
      issues.push({ path: ["preference", a], issue: `row ${a} has ${row.length} of ${matrix.length} entries` })
    }
    row.forEach((p, b) => {
      const other = matrix[b]?.[a]
      if (b <= a && other !== undefined && Math.abs(p + other - 1) > 1e-12) {
        issues.push({ path: ["preference", a, b], issue: `P(${a}, ${b}) + P(${b}, ${a}) = ${p + other}, must be 1` })
      }
    })
  })
  return issues
}

/** Options, all but `kind` optional. */
export const CyclicOptions = fields.check(
  Schema.makeFilter((spec) => {
    const matrix = spec.preference ?? published
    const rowIssue = (name: "reference" | "behaviour") =>
      spec[name] === undefined || spec[name].length === matrix.length
        ? []
        : [{ path: [name], issue: `${name} has ${spec[name].length} of ${matrix.length} entries` }]
    return [...matrixIssues(matrix), ...rowIssue("reference"), ...rowIssue("behaviour")]
  })
)
export type CyclicOptions = typeof CyclicOptions.Type

const make = (spec: CyclicOptions): Environment => {
  const rows = spec.preference ?? published
  const arms = rows.length
  const matrix = Float64Array.from(rows.flat())
  const policy = (row: ReadonlyArray<number> | undefined): Float64Array =>
    row === undefined ? uniform(1, arms) : normaliseRowsInPlace(flatTable(row, 1, arms), arms)
  const reference = policy(spec.reference)
  const behaviour = policy(spec.behaviour)
  return checkedEnvironment({
    id: "cyclic",
    contexts: 1,
    arms,
    reward: winRates(matrix, reference),
    reference,
    contextWeights: Float64Array.of(1),
    preference: preferenceMatrix(matrix, arms),
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical: false },
    beta: spec.beta ?? 1
  })
}

export const cyclicEnvironment = {
  id: "cyclic",
  title: "An arbitrary preference matrix, intransitive by default",
  schema: CyclicOptions,
  make
} as const
