/**
 * @file Checking again what `compare`, `validate` and `explain --certificates` wrote: every certificate and every witness, by
 * the checker alone (landscape/checker.ts), against polynomials made anew from the structures in the document, which have to
 * be those of the losses that it names. A document is untrusted: what is malformed is an input error with its key.
 */
import * as Result from "effect/Result"
import { structureIn } from "../explain/comparison.ts"
import { readFraction, readStructureDocument, structureDocument } from "../explain/structureDocument.ts"
import { countsOf, type ExactPoint, isPolicy, oddsAt } from "../landscape/claims.ts"
import { examineDominance } from "../landscape/dominanceClaims.ts"
import { type Examined, examineEvidence } from "../landscape/propertyClaims.ts"
import { evaluateExact } from "../logic/polynomial.ts"
import { ratioName } from "../logic/proposition.ts"
import { logRational, rationalToNumber } from "../logic/rational.ts"
import type { AnyStructure, Semantics } from "../logic/structure.ts"
import type { Loss } from "../loss/loss.ts"

/** What `verify --json` prints. */
export interface Verification {
  readonly document: "compare" | "validate" | "explain"
  readonly holds: boolean
  /** How many were checked; identities are polynomials that are zero, or are not, at sight. */
  readonly checked: { readonly certificates: number; readonly witnesses: number; readonly identities: number }
  /** Properties whose verdict rests on no certificate or exact witness: searches, limits, sentences. */
  readonly unchecked: ReadonlyArray<string>
  /** The first that does not hold. */
  readonly failure?: string
}

type Fields = Readonly<Record<string, unknown>>
type Read<A> = Result.Result<A, { readonly message: string }>
type Resolve = (spec: string) => Read<Loss>

/** The document is malformed: thrown inside this module, a failure outside. */
class Malformed extends Error {}

const malformed = (key: string, expected: string, found: unknown): never => {
  const text = found === undefined ? "nothing" : (JSON.stringify(found) ?? String(found))
  throw new Malformed(`${key}: expected ${expected}, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`)
}

const fields = (value: unknown, key: string): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : malformed(key, "an object", value)

const list = (value: unknown, key: string): ReadonlyArray<unknown> =>
  value === undefined ? [] : Array.isArray(value) ? value : malformed(key, "a list", value)

const text = (value: unknown, key: string): string =>
  typeof value === "string" ? value : malformed(key, "a text", value)

const semanticsOf = (value: unknown): Semantics =>
  value === "absolute" || value === "relative" ? value : malformed("semantics", "absolute or relative", value)

const structureAt = (value: unknown, key: string): AnyStructure =>
  readStructureDocument(value) ??
  malformed(key, "propositions, and rows by name with positive fractions, none of both sides empty", value)

const pointAt = (value: unknown, key: string): ExactPoint =>
  Object.fromEntries(
    Object.entries(fields(value, key)).map(([name, fraction]) => [
      name,
      readFraction(fraction) ?? malformed(`${key}.${name}`, 'a fraction such as "1/3"', fraction)
    ])
  )

const sorted = (structure: AnyStructure): string => {
  const { propositions, ticks, crosses } = structureDocument(structure)
  return JSON.stringify([propositions, Object.entries(ticks).sort(), Object.entries(crosses).sort()])
}

/** Whether the named loss, read with the given semantics, has this structure; else a sentence. */
const mismatch = (
  resolve: Resolve,
  spec: string,
  semantics: Semantics,
  structure: AnyStructure
): string | undefined => {
  const loss = resolve(spec)
  if (Result.isFailure(loss)) throw new Malformed(loss.failure.message)
  const own = structureIn(loss.success, semantics)
  return Result.isSuccess(own) && sorted(own.success) === sorted(structure)
    ? undefined
    : `the structure in the document is not that of ${spec}`
}

/** Whether doubles beside an exact point are the nearest ones. */
const roundingMismatch = (point: Fields, exact: ExactPoint): string | undefined => {
  const wrong = Object.entries(exact).find(([name, value]) => point[name] !== rationalToNumber(value))
  return wrong === undefined ? undefined : `${wrong[0]} of a witness is not its exact fraction`
}

/** Whether rho at a witness and what is said of the simplex are those of its exact point. */
const rhoMismatch = (
  read: Fields,
  exact: ExactPoint,
  sides: ReadonlyArray<AnyStructure>,
  semantics: Semantics
): string | undefined => {
  if (read.onSimplex !== isPolicy(exact)) return "onSimplex of a witness is not what its probabilities sum to"
  const wrong = sides.findIndex((structure, i) => {
    const { ticks, crosses } = countsOf(structure)
    const odds = oddsAt(exact, [...new Set(structure.propositions.map(ratioName))], semantics)
    const rho = logRational(evaluateExact(ticks, odds)) - logRational(evaluateExact(crosses, odds))
    const found = i === 0 ? read.rhoA : read.rhoB
    return !(typeof found === "number" && Math.abs(found - rho) <= 1e-9 * (1 + Math.abs(rho)))
  })
  return wrong < 0 ? undefined : `rho${wrong === 0 ? "A" : "B"} of a witness is not the rho there`
}

const failed = (reason: string): Examined => ({ shown: false, reason })

const comparedSides = (document: Fields) => {
  const losses = fields(document.losses, "losses")
  return (["A", "B"] as const).map((side) => {
    const { loss, structure } = fields(losses[side], `losses.${side}`)
    return {
      loss: text(loss, `losses.${side}.loss`),
      structure: structureAt(structure, `losses.${side}.structure`)
    }
  })
}

const witnessesOf = (dominance: Fields) =>
  list(dominance.witnesses, "dominance.witnesses").map((witness, i) => {
    const key = `dominance.witnesses[${i}]`
    const read = fields(witness, key)
    return { read, exact: pointAt(read.exact, `${key}.exact`) }
  })

/** The first sentence that some check of an item comes to. */
const firstReason = <A>(items: ReadonlyArray<A>, check: (item: A) => string | undefined): string | undefined => {
  for (const item of items) {
    const reason = check(item)
    if (reason !== undefined) return reason
  }
  return undefined
}

const examineComparison = (document: Fields, resolve: Resolve): Examined => {
  const semantics = semanticsOf(document.semantics)
  const sides = comparedSides(document)
  const dominance = fields(document.dominance, "dominance")
  const verdict = text(dominance.verdict, "dominance.verdict")
  const witnesses = witnessesOf(dominance)
  const structures = sides.map(({ structure }) => structure)
  const foreign = firstReason(sides, ({ loss, structure }) => mismatch(resolve, loss, semantics, structure))
  if (foreign !== undefined) return failed(foreign)
  if (document.sameLoss !== (verdict === "equal")) return failed(`sameLoss is not what the verdict "${verdict}" says`)
  const found = examineDominance(structures[0]!, structures[1]!, semantics, {
    verdict,
    ...(dominance.onSimplex === undefined ? {} : { onSimplex: text(dominance.onSimplex, "dominance.onSimplex") }),
    certificates: list(dominance.certificates, "dominance.certificates"),
    witnesses: witnesses.map(({ exact }) => exact)
  })
  if (!found.shown) return found
  // Doubles at another power of the odds are those of the loss, fractions those of its structure.
  const plain = sides.every(({ loss }) => Result.getOrThrow(resolve(loss)).oddsBeta === 1)
  const wrong = firstReason(
    witnesses,
    ({ read, exact }) =>
      (plain ? roundingMismatch(read, exact) : undefined) ?? rhoMismatch(read, exact, structures, semantics)
  )
  return wrong === undefined ? found : failed(wrong)
}

/** A verdict on a property, wherever the document has it. */
interface Entry {
  readonly property: string
  readonly name: string
  readonly verdict: string
  readonly certificates: ReadonlyArray<unknown>
  readonly witness: unknown
}

/** Numbered properties whose exact verdict is that of a named one, word for word. */
const namedAs: Readonly<Record<string, string>> = {
  P6: "swap-antisymmetric",
  P8: "preference-monotone",
  P9: "chosen-safe",
  P10: "rejected-safe",
  P15: "level-invariant",
  P27: "reference-invariant"
}

const validated = (document: Fields): ReadonlyArray<Entry> =>
  list(document.results, "results").map((result, i) => {
    const key = `results[${i}]`
    const { id, verdict, proof, witness, certificate } = fields(result, key)
    const property = text(id, `${key}.id`)
    // A refutation found by search has a counterexample only; an exact one says why in `certificate`.
    const exact = verdict !== "refuted" || certificate !== undefined
    return {
      property,
      name: exact ? (namedAs[property] ?? property) : "",
      verdict: text(verdict, `${key}.verdict`),
      certificates: list(proof, `${key}.proof`),
      witness
    }
  })

const explained = (document: Fields): ReadonlyArray<Entry> => {
  const verdicts = fields(document.properties, "properties")
  return Object.entries(fields(document.evidence, "evidence")).map(([property, value]) => {
    const { certificates, witness } = fields(value, `evidence.${property}`)
    return {
      property,
      name: property,
      verdict: text(verdicts[property], `properties.${property}`),
      certificates: list(certificates, `evidence.${property}.certificates`),
      witness
    }
  })
}

const examineEntry = (structure: AnyStructure, semantics: Semantics, entry: Entry): Examined | undefined => {
  const { property, name, verdict, certificates } = entry
  if (entry.witness === undefined) return examineEvidence(structure, semantics, name, { verdict, certificates })
  const { point, exact } = fields(entry.witness, `${property}.witness`)
  const witness = pointAt(exact, `${property}.witness.exact`)
  const reason = roundingMismatch(fields(point, `${property}.witness.point`), witness)
  if (reason !== undefined) return failed(reason)
  return examineEvidence(structure, semantics, name, { verdict, certificates, witness })
}

/** Absolute verdicts that are those of one power of the odds: the checker knows the claims at power 1. */
const ofOnePower: ReadonlySet<string> = new Set(["chosen-safe", "rejected-safe", "chosen-led", "level-invariant"])

const examineProperties = (
  document: Fields,
  spec: string,
  entries: ReadonlyArray<Entry>,
  resolve: Resolve
): Omit<Verification, "document"> => {
  const checked = { certificates: 0, witnesses: 0, identities: 0 }
  const unchecked: Array<string> = []
  const structure = structureAt(document.structure, "structure")
  const semantics = semanticsOf(document.semantics)
  const wrong = mismatch(resolve, spec, semantics, structure)
  if (wrong !== undefined) return { holds: false, checked, unchecked, failure: wrong }
  const isPowered = semantics === "absolute" && Result.getOrThrow(resolve(spec)).oddsBeta !== 1
  for (const entry of entries) {
    const found = isPowered && ofOnePower.has(entry.name) ? undefined : examineEntry(structure, semantics, entry)
    if (found === undefined) {
      unchecked.push(entry.property)
      continue
    }
    if (!found.shown) {
      return { holds: false, checked, unchecked, failure: `${entry.property} (${entry.verdict}): ${found.reason}` }
    }
    checked.certificates += found.certificates
    checked.witnesses += found.witnesses
    checked.identities += found.identities
  }
  return { holds: true, checked, unchecked }
}

const none = { certificates: 0, witnesses: 0, identities: 0 }

const verify = (value: unknown, resolve: Resolve): Verification => {
  const document = fields(value, "the document")
  if (document.dominance !== undefined) {
    const found = examineComparison(document, resolve)
    return found.shown
      ? { document: "compare", holds: true, checked: checkedOf(found), unchecked: [] }
      : { document: "compare", holds: false, checked: none, unchecked: [], failure: found.reason }
  }
  if (document.results !== undefined) {
    const spec = text(document.loss, "loss")
    return { document: "validate", ...examineProperties(document, spec, validated(document), resolve) }
  }
  if (document.evidence !== undefined) {
    const spec = text(document.spec, "spec")
    return { document: "explain", ...examineProperties(document, spec, explained(document), resolve) }
  }
  throw new Malformed(
    "no dominance, results or evidence in it: expected what compare, validate or explain --certificates wrote with --json"
  )
}

const checkedOf = ({ certificates, witnesses, identities }: Extract<Examined, { shown: true }>) => ({
  certificates,
  witnesses,
  identities
})

/**
 * Checks a document.
 * @param resolve how the losses it names are found
 * @returns a failure when it is malformed, names an unknown loss, or has nothing in it to check
 */
export const verifyDocument = (value: unknown, resolve: Resolve): Read<Verification> => {
  try {
    const found = verify(value, resolve)
    const { certificates, witnesses, identities } = found.checked
    if (found.holds && certificates + witnesses + identities === 0)
      return Result.fail({ message: "no certificate or exact witness in it: there is nothing to check" })
    return Result.succeed(found)
  } catch (error) {
    if (error instanceof Malformed) return Result.fail({ message: error.message })
    throw error
  }
}
