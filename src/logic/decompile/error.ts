/** Why a ratio is no preference structure. */
import * as Data from "effect/Data"
import { shortened } from "./expression.ts"

/**
 * A ratio that has no structure, with the reason; where a row weighs less than nothing, `row` names it (letters T and F by
 * declared proposition) and `value` is its exact weight.
 */
export class DecompileError extends Data.TaggedError("DecompileError")<{
  readonly expression: string
  readonly reason: string
  readonly row?: string
  readonly value?: string
}> {
  /** One sentence naming the ratio and the reason. */
  override get message(): string {
    return `ratio "${shortened(this.expression)}": ${this.reason}`
  }
}

/** A refusal on its way out of a recursion; `decompileRatio` turns it into a {@link DecompileError}. */
export class Refusal extends Error {
  readonly row?: string
  readonly value?: string

  constructor(reason: string, at?: { readonly row: string; readonly value: string }) {
    super(reason)
    if (at !== undefined) {
      this.row = at.row
      this.value = at.value
    }
  }
}
