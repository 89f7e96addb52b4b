/** @file Files of expected verdicts: reading them, writing those of a loss, and what disagrees with them. */
import * as Effect from "effect/Effect"
import type { Loss } from "../../loss/loss.ts"
import { pinnedProperties } from "../../properties/properties/pinned.ts"
import { findProperty } from "../../properties/registry.ts"
import { subjectOf } from "../../properties/subject.ts"
import { type PropertyResult, type Verdict, verdicts } from "../../properties/verdict.ts"
import { fromInput, InputError } from "../failure.ts"
import { readDocument } from "../files.ts"

const fail = (message: string) => Effect.fail(new InputError({ message }))

/** Expected verdicts by property id, from a file of id or name → verdict. */
export const readExpectations = (file: string): Effect.Effect<ReadonlyMap<string, Verdict>, InputError> =>
  Effect.gen(function* () {
    const document = yield* readDocument(file)
    if (typeof document !== "object" || document === null || Array.isArray(document)) {
      return yield* fail(`${file}: expected an object, property → verdict`)
    }
    const expected = new Map<string, Verdict>()
    for (const [name, verdict] of Object.entries(document)) {
      const property = yield* fromInput(findProperty(name), file)
      if (!(verdicts as ReadonlyArray<unknown>).includes(verdict)) {
        return yield* fail(`${file}: ${name}: expected one of ${verdicts.join(", ")}, found ${JSON.stringify(verdict)}`)
      }
      const before = expected.get(property.id)
      if (before !== undefined && before !== verdict) {
        return yield* fail(
          `${file}: ${name}: expected ${verdict} here and ${before} under another name of ${property.id}`
        )
      }
      expected.set(property.id, verdict as Verdict)
    }
    if (expected.size === 0) return yield* fail(`${file}: no expectations in it`)
    return expected
  })

/** A proof is more than was expected where cases were to hold. */
const isMet = (wanted: Verdict, found: Verdict): boolean =>
  wanted === found || (wanted === "held" && found === "proved")

/** What disagrees with the expectations, a sentence each. */
export const disagreements = (
  results: ReadonlyArray<PropertyResult>,
  expected: ReadonlyMap<string, Verdict>
): ReadonlyArray<string> =>
  results.flatMap(({ id, verdict }) => {
    const wanted = expected.get(id)
    return wanted === undefined || isMet(wanted, verdict) ? [] : [`${id}: expected ${wanted}, found ${verdict}`]
  })

/** Names of the properties that say which beta, which scale a loss is meant to have: its own numbers. */
export const ownNumbers = (loss: Loss): ReadonlyArray<string> => {
  const subject = subjectOf(loss)
  return pinnedProperties.flatMap(({ of, at }) => {
    const value = of(subject)
    return value === undefined || at(value).appliesTo(subject) !== true ? [] : [at(value).id]
  })
}

/** `held` stands for `proved` too: a program that does not say what it is can only be tried. */
const asExpected = (verdict: Verdict): Verdict => (verdict === "proved" ? "held" : verdict)

/**
 * The verdicts as a file of expectations: those that the loss and its bare program share, so that any program that computes the same
 * meets them. What needs more than a program (a structure, a named link) is left out.
 * @param bare the results on the same properties when only the program is looked at
 */
export const expectationsText = (
  results: ReadonlyArray<PropertyResult>,
  bare: ReadonlyArray<PropertyResult>
): string => {
  const shared = results.flatMap(({ id, verdict }, k) => {
    const expected = asExpected(verdict)
    const isTelling = expected === "held" || expected === "refuted"
    return isTelling && expected === asExpected(bare[k]!.verdict) ? [[id, expected] as const] : []
  })
  return `${JSON.stringify(Object.fromEntries(shared), null, 2)}\n`
}
