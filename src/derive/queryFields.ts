/** Kinds of settings of a query: names of losses, properties and propositions, and the place among other losses. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { requirableProperties } from "../landscape/exactProperties.ts"
import { parseProposition } from "../logic/index.ts"
import { nearest } from "../loss/nearest.ts"
import { defaulted } from "./defaulted.ts"
import { readTable } from "./reading.ts"

/** A loss whose truth table a query speaks of: one of the sixteen by published name, or a LOSS with one structure. */
export const TableName = Schema.NonEmptyString.check(
  Schema.makeFilter((text) => {
    const table = readTable(text)
    return Result.isFailure(table) ? table.failure : undefined
  })
).annotate({ identifier: "TableName" })

/** A property that is decided exactly. */
export const PropertyName = Schema.String.check(
  Schema.makeFilter((name) =>
    (requirableProperties as ReadonlyArray<string>).includes(name)
      ? undefined
      : `unknown property ${JSON.stringify(name)}; ${nearest(name, requirableProperties)}`
  )
).annotate({ identifier: "ExactProperty" })

/** `M(w)`, `Ref(l)`, `M(y3)`, … */
export const PropositionName = Schema.String.check(
  Schema.makeFilter((name) =>
    parseProposition(name) ? undefined : `${JSON.stringify(name)} is no proposition such as M(w), Ref(l), M(y3)`
  )
)

/** Where results lie among other losses. */
export const Order = Schema.Struct({
  between: Schema.optionalKey(Schema.Tuple([TableName, TableName])).annotateKey({
    description: "Two losses, the more constrained one first: results lie between them by entailment."
  }),
  entails: Schema.optionalKey(TableName).annotateKey({ description: "Results entail this loss." }),
  entailedBy: Schema.optionalKey(TableName).annotateKey({ description: "Results are entailed by this loss." }),
  dominates: Schema.optionalKey(TableName).annotateKey({
    description: "rho is at least that of this loss at every weighting: the true order, finer than entailment."
  }),
  dominatedBy: Schema.optionalKey(TableName).annotateKey({
    description: "rho is at most that of this loss at every weighting."
  }),
  strict: defaulted(Schema.Boolean, false).annotateKey({
    description: "Whether the losses named are themselves left out, under whatever rows."
  })
})
