/** What the page asks the worker that decides exactly, and what it answers. */
import type { Comparison } from "../../../explain/comparison.ts"
import type { Explanation } from "../../../explain/explanation.ts"

/** A question: one loss explained, or two compared; LOSS texts that name losses. */
export type Question =
  | { readonly kind: "explain"; readonly loss: string }
  | { readonly kind: "compare"; readonly a: string; readonly b: string }

/** An answer; `failure` is one sentence. Certificates come as their sentences: a reader wants no polynomials. */
export type Answer =
  | { readonly kind: "explain"; readonly explanation: Explanation; readonly proofs: Readonly<Record<string, string>> }
  | { readonly kind: "compare"; readonly comparison: Comparison }
  | { readonly kind: "failure"; readonly failure: string }

/** A question or an answer with the number of the question. */
export interface Numbered<A> {
  readonly id: number
  readonly body: A
}
