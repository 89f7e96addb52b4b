/** @file The flags that `neighbourhood` and `interval` share, as their modules get them. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputError } from "../failure.ts"

export interface SearchFlags {
  readonly propositions: Option.Option<string>
  readonly require: ReadonlyArray<string>
  readonly distinct: boolean
  readonly count: boolean
  readonly limit: Option.Option<number>
  readonly json: boolean
}

/** The limit: a positive number, or none. */
export const readLimit = (limit: Option.Option<number>): Effect.Effect<number | undefined, InputError> =>
  Effect.suspend(() => {
    if (Option.isNone(limit)) return Effect.succeed(undefined)
    return limit.value > 0
      ? Effect.succeed(limit.value)
      : Effect.fail(new InputError({ message: `--limit: expected an integer > 0, found ${limit.value}` }))
  })
