/** @file Counterexamples as a test file: what `validate` found, kept where a change of the loss will show. */
import * as Result from "effect/Result"
import { resolveLoss } from "../../loss/resolve.ts"
import type { PropertyResult } from "../../properties/verdict.ts"

/** The results that a test can try again: refuted, with a case. */
export const replayable = (results: ReadonlyArray<PropertyResult>): ReadonlyArray<PropertyResult> =>
  results.filter(({ counterexample }) => counterexample !== undefined && counterexample.case !== null)

/** Text inside a block comment: nothing in it may end the comment. */
const commented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `   * ${line.replaceAll("*/", "* /")}`.trimEnd())
    .join("\n")

const testOf = (result: PropertyResult): string => {
  const { id, title, counterexample } = result
  const name = JSON.stringify(`${id} is refuted: ${title}`)
  return `  /**
${commented(`${result.statement}\n\n${counterexample!.text}`)}
   */
  it(${name}, () => {
    const found = replayCase(loss, valueOf(findProperty(${JSON.stringify(id)})), ${JSON.stringify(counterexample!.case)})
    expect(found).toMatchObject({ holds: false })
  })`
}

/**
 * A Vitest file that tries the stored cases again.
 * @param spec the LOSS text as typed; a loss file is read relative to where the tests run
 * @param results refuted with a case, at least one
 */
export const testFileText = (spec: string, seed: number, results: ReadonlyArray<PropertyResult>): string => {
  const isFile = Result.isFailure(resolveLoss(spec))
  const text = JSON.stringify(spec)
  const loss = isFile ? `resolveLoss(${text}, (path) => readFileSync(path, "utf8"))` : `resolveLoss(${text})`
  return `/** Counterexamples that \`losslattice validate\` found, seed ${seed}: each is tried again on the loss. */
${isFile ? 'import { readFileSync } from "node:fs"\n' : ""}import { findProperty, replayCase, resolveLoss } from "losslattice"
import { describe, expect, it } from "vitest"

type Found<A> = { readonly success: A } | { readonly failure: { readonly message: string } }

const valueOf = <A>(found: Found<A>): A => {
  if ("success" in found) return found.success
  throw new Error(found.failure.message)
}

describe(${text}, () => {
  const loss = valueOf(${loss})

${results.map(testOf).join("\n\n")}
})
`
}
