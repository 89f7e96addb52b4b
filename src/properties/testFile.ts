/** Writes a counterexample down as a test, so that a loss once caught stays caught. */
import type { Validation } from "./validate.ts"
import type { PropertyResult } from "./verdict.ts"

const commented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  // ${line}`.trimEnd())
    .join("\n")

const testOf = (loss: string, { id, statement, counterexample }: PropertyResult): string => `
it(${JSON.stringify(`${loss} fails ${id}: ${statement}`)}, () => {
${commented(counterexample!.text)}
  const loss = Result.getOrThrow(resolveLoss(${JSON.stringify(loss)}))
  const property = Result.getOrThrow(findProperty(${JSON.stringify(id)}))
  const outcome = replayCase(loss, property, ${JSON.stringify(counterexample!.case)})
  expect(outcome).toMatchObject({ holds: false })
})
`

/**
 * The text of a vitest file with one test per refuted property that has a case: each tries the case again and expects it
 * to fail. Undefined when there is no such property.
 * @param library module that exports resolveLoss, findProperty and replayCase
 */
export const writeTestFile = (validation: Validation, library = "losslattice"): string | undefined => {
  const failing = validation.results.filter(
    ({ counterexample }) => counterexample != null && counterexample.case !== null
  )
  if (failing.length === 0) return undefined
  return `import * as Result from "effect/Result"
import { expect, it } from "vitest"
import { findProperty, replayCase, resolveLoss } from ${JSON.stringify(library)}
${failing.map((result) => testOf(validation.loss, result)).join("")}`
}
