/**
 * @file The two ways a command fails. Input that is wrong ends with exit code 2, work that failed with 1; either prints
 * one sentence on stderr, never a stack trace.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** The input is wrong: names the file or argument, the position or key, what was found and what is allowed. Exit code 2. */
export class InputError extends Data.TaggedError("InputError")<{ readonly message: string }> {}

/** The work itself failed, or a check it was asked to make found a disagreement. Exit code 1. */
export class WorkError extends Data.TaggedError("WorkError")<{ readonly message: string }> {}

export type CliFailure = InputError | WorkError

/** Lifts the result of pure code: its error's own sentence becomes an input error, after the name of what was read. */
export const fromInput = <A>(
  result: Result.Result<A, { readonly message: string }>,
  where?: string
): Effect.Effect<A, InputError> =>
  Result.isSuccess(result)
    ? Effect.succeed(result.success)
    : Effect.fail(new InputError({ message: where ? `${where}: ${result.failure.message}` : result.failure.message }))

/** Lifts the errors of studies, which say themselves which exit code they mean. */
export const fromStudy = <A, R>(
  effect: Effect.Effect<A, { readonly message: string; readonly exitCode: 1 | 2 }, R>
): Effect.Effect<A, CliFailure, R> =>
  Effect.mapError(effect, ({ message, exitCode }) =>
    exitCode === 2 ? new InputError({ message }) : new WorkError({ message })
  )
