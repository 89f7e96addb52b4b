/** @file What `landscape --semantics relative` adds: which counts stay by theorem, and what is decided anew (docs/theory.md §11). */
import * as Result from "effect/Result"
import { lossClasses, structureOf } from "../landscape/classes.ts"
import { monotoneClasses } from "../landscape/counts.ts"
import { decideProperty, type ExactPropertyName } from "../landscape/exactProperties.ts"
import { pairsAtReference, type ReferencePairs } from "../landscape/fixedReference.ts"
import { propositionParts } from "../logic/proposition.ts"
import {
  compareRational,
  divideRational,
  one,
  parseDecimal,
  type Rational,
  rational,
  rationalText
} from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import { tableLines, wrap } from "./output.ts"

/** Properties that weigh the two derivatives against each other or take a limit in p. */
const anew = [
  "chosen-safe",
  "rejected-safe",
  "chosen-led",
  "level-invariant",
  "reference-invariant",
  "escapes-on-policies"
] as const satisfies ReadonlyArray<ExactPropertyName>

/** How many of the monotone losses have a property, in each reading. */
interface Anew {
  readonly property: ExactPropertyName
  readonly absolute: number
  readonly relative: number
}

/** The keys that the relative reading adds to the counts of `landscape --json`. */
export interface RelativeLandscape {
  /** The counts that are those of the absolute reading: in odds both have the same polynomials on the same orthant. */
  readonly sameByTheorem: ReadonlyArray<string>
  /** Among the monotone losses; null beyond two propositions. */
  readonly decidedAnew: ReadonlyArray<Anew> | null
  /** Ordered pairs (a, b) with rho_a <= rho_b at one fixed reference: each p below 1 (box), all together (simplex). */
  readonly atReference?: { readonly reference: string; readonly box: ReferencePairs; readonly simplex: ReferencePairs }
}

/** The largest number of propositions whose losses are asked one by one. */
const listed = 2

const sameByTheorem = [
  "structures",
  "nonDegenerate",
  "distinctLosses",
  "zeroClassSize",
  "monotone",
  "strictlyMonotone",
  "swapAntisymmetricStrictlyMonotone",
  "admissible",
  "admissibleCovers",
  "comparablePairs"
]

const isRefusal = (names: ReadonlyArray<string>, semantics: Semantics): string | undefined => {
  if (semantics === "absolute") return undefined
  const found = names.find((name) => propositionParts(name).model === "Ref")
  return found === undefined
    ? undefined
    : `--semantics: relative has no proposition ${found}: the reference is in the weights of M`
}

const readRational = (text: string): Rational | undefined => {
  const [top, bottom, ...more] = text.split("/")
  const [n, d] = [parseDecimal(top!), bottom === undefined ? one : parseDecimal(bottom)]
  return n === undefined || d === undefined || d.num === 0n || more.length > 0 ? undefined : divideRational(n, d)
}

/**
 * Reads `--reference`, and checks it and the propositions against the reading. The reference gives each of n responses the
 * same probability, so at most 1/n.
 */
export const readReference = (
  names: ReadonlyArray<string>,
  semantics: Semantics,
  text: string | undefined
): Result.Result<Rational | undefined, { readonly message: string }> => {
  const refusal = isRefusal(names, semantics)
  if (refusal !== undefined) return Result.fail({ message: refusal })
  if (text === undefined) return Result.succeed(undefined)
  const fail = (message: string) => Result.fail({ message: `--reference: ${message}` })
  if (semantics === "absolute") return fail("only --semantics relative has a reference in the weights")
  if (names.length > listed) return fail(`at most ${listed} propositions are compared pair by pair`)
  const most = rational(1, Math.max(2, names.length))
  const r = readRational(text)
  if (r === undefined || r.num <= 0n || compareRational(r, most) > 0)
    return fail(`expected a probability above 0 and at most ${rationalText(most)}, such as 1/10, found "${text}"`)
  return Result.succeed(r)
}

const decidedAnew = (names: ReadonlyArray<string>): ReadonlyArray<Anew> => {
  const losses = monotoneClasses(lossClasses(names)).weak.map(({ members }) => structureOf(names, members[0]!))
  const having = (property: ExactPropertyName, semantics: Semantics): number =>
    losses.filter((loss) => decideProperty(loss, semantics, property).verdict === "proved").length
  return anew.map((property) => ({
    property,
    absolute: having(property, "absolute"),
    relative: having(property, "relative")
  }))
}

/** What the relative reading adds; `reference` adds the pairs at that reference. */
export const relativeLandscape = (names: ReadonlyArray<string>, reference?: Rational): RelativeLandscape => ({
  sameByTheorem,
  decidedAnew: names.length > listed ? null : decidedAnew(names),
  ...(reference === undefined
    ? {}
    : {
        atReference: {
          reference: rationalText(reference),
          box: pairsAtReference(names, reference, "box"),
          simplex: pairsAtReference(names, reference, "simplex")
        }
      })
})

const pairsText = ({ ordered, undecided }: ReferencePairs): string =>
  ordered.toLocaleString("en-US") + (undecided === 0 ? "" : ` (${undecided} undecided)`)

/** The same for people. */
export const relativeLines = ({ decidedAnew: rows, atReference }: RelativeLandscape): ReadonlyArray<string> => [
  "",
  ...wrap(
    "These counts are those of the absolute reading, by theorem: in odds, p/r for p/(1-p), both readings have the same polynomials, and p/r fills the positive orthant as p/(1-p) does."
  ),
  ...(rows === null
    ? []
    : [
        "",
        ...tableLines([
          ["decided anew, monotone losses with", "absolute", "relative"],
          ...rows.map(({ property, absolute, relative }) => [property, String(absolute), String(relative)])
        ])
      ]),
  ...(atReference === undefined
    ? []
    : [
        "",
        ...tableLines([
          [`ordered pairs at r = ${atReference.reference} of each response`, "pairs"],
          ["each p below 1", pairsText(atReference.box)],
          ["p of all responses together below 1", pairsText(atReference.simplex)]
        ])
      ])
]
