/** @file What the cells of a study say when their input cannot be used. */

import * as Result from "effect/Result"

/** Input that cannot be used, in one sentence. */
export class FinetuneSpecError extends Error {
  override readonly name = "FinetuneSpecError"
}

/** The value, or its failure's message thrown as a {@link FinetuneSpecError}. */
export const orThrow = <A>(result: Result.Result<A, { readonly message: string }>): A => {
  if (Result.isFailure(result)) throw new FinetuneSpecError(result.failure.message)
  return result.success
}
