/** Typed failure of a query. */
import * as Data from "effect/Data"

/** A query that cannot be searched: every problem, one sentence each. */
export class DeriveQueryError extends Data.TaggedError("DeriveQueryError")<{
  readonly problems: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.problems.join("\n")
  }
}
