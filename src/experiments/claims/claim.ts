/**
 * @file A claim of a study file: one sentence, and what in the bandit records decides it.
 *
 * A claim is decided by 95 % intervals over seeds: it `holds` when the interval says so, `fails` when it says the contrary, and
 * stays `open` otherwise. Where a selection has several losses or settings, the claim is about each of them.
 */
import * as Schema from "effect/Schema"
import { defaulted, NonNegative } from "../fields.ts"
import { FormulaText, quantityFields } from "../quantities/quantity.ts"
import { Selection } from "../quantities/select.ts"

/** Another quantity; what it does not say is as in the quantity compared with it. Compared seed by seed. */
export const Other = Schema.Struct({
  of: Schema.optionalKey(Selection),
  ...quantityFields,
  value: Schema.optionalKey(FormulaText)
}).annotate({ identifier: "Other" })
export type Other = typeof Other.Type

/** A number, a formula of the run's settings and metrics at its end, or another quantity. */
export const Bound = Schema.Union([Schema.Finite, Schema.String, Other])
export type Bound = typeof Bound.Type

/** By at least how much, in the quantity's units. */
const by = Schema.optionalKey(NonNegative)

/** What may be said of a quantity; exactly one of these. */
export const checkFields = {
  below: Schema.optionalKey(Schema.Struct({ than: Bound, by })),
  above: Schema.optionalKey(Schema.Struct({ than: Bound, by })),
  between: Schema.optionalKey(Schema.Tuple([Schema.Finite, Schema.Finite])),
  close: Schema.optionalKey(Schema.Struct({ to: Bound, within: NonNegative })),
  increases: Schema.optionalKey(Schema.Struct({ slack: defaulted(NonNegative, 0.05), by })).annotateKey({
    description:
      "From the first checkpoint to the last, falling back by at most the share `slack` of the range on the way."
  }),
  decreases: Schema.optionalKey(Schema.Struct({ slack: defaulted(NonNegative, 0.05), by })),
  interiorMaximum: Schema.optionalKey(Schema.Struct({ by })).annotateKey({
    description: "Between the first and the last checkpoint it is higher than at both."
  })
} as const

/** Name of a check. */
export type CheckName = keyof typeof checkFields
export const checkNames = Object.keys(checkFields) as ReadonlyArray<CheckName>

const Id = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9-]*$/u, { expected: "lower-case letters, digits and '-'" })
)

const fields = Schema.Struct({
  id: Id,
  says: Schema.NonEmptyString.annotateKey({ description: "One sentence." }),
  source: Schema.NonEmptyString.annotateKey({ description: "Where it was published, or whose observation it is." }),
  of: defaulted(Selection, {}),
  ...quantityFields,
  ...checkFields,
  expect: defaulted(Schema.Literals(["holds", "refuted"]), "holds").annotateKey({
    description: "`refuted`: the claim was published and is false here; the study stands when it fails."
  }),
  because: Schema.optionalKey(Schema.NonEmptyString).annotateKey({ description: "Why the claim is expected to fail." }),
  figure: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "Id of the figure that shows it; the report says it there too."
  })
})

const along: ReadonlyArray<CheckName> = ["increases", "decreases", "interiorMaximum"]

const problemsOf = (claim: typeof fields.Type) => {
  const given = checkNames.filter((name) => claim[name] !== undefined)
  const pooled = claim.across !== undefined || claim.fit !== undefined
  const path = given[0] ?? "value"
  return [
    ...(given.length === 1
      ? []
      : [{ path: [], issue: `needs exactly one of ${checkNames.join(", ")}; has ${given.join(", ") || "none"}` }]),
    ...(claim.across && claim.fit ? [{ path: ["fit"], issue: "not together with across" }] : []),
    ...(claim.fit && claim.at !== undefined ? [{ path: ["at"], issue: "a fit is to all checkpoints" }] : []),
    ...(given.some((name) => along.includes(name)) && (pooled || claim.at !== undefined)
      ? [{ path: [path], issue: "is about whole runs: not with at, across or fit" }]
      : []),
    ...(claim.between !== undefined && claim.between[0] > claim.between[1]
      ? [{ path: ["between"], issue: `${claim.between[0]} is above ${claim.between[1]}` }]
      : []),
    ...(claim.expect === "refuted" && claim.because === undefined
      ? [{ path: ["expect"], issue: "a refuted claim needs because: why" }]
      : [])
  ]
}

/** One claim of a study. */
export const Claim = fields.check(Schema.makeFilter(problemsOf)).annotate({ identifier: "Claim" })
export type Claim = typeof Claim.Type

/** The check of a claim. @throws RangeError when it has none, which the schema refuses */
export const checkOf = (claim: Claim): CheckName => {
  const found = checkNames.find((name) => claim[name] !== undefined)
  if (found === undefined) throw new RangeError(`claim ${claim.id} says nothing`)
  return found
}
