/**
 * `compare` against z3 on random pairs: plain and weighted, two to four propositions, copies, uniform and close to each other.
 * `LOSSLATTICE_Z3_PAIRS=5000` asks about more than the 500 of an ordinary run.
 */
import * as Result from "effect/Result"
import fc from "fast-check"
import { expect, it } from "vitest"
import { resolve } from "../../src/cli/losses.ts"
import { compareLosses } from "../../src/explain/comparison.ts"
import { countsOf, riseOf } from "../../src/landscape/claims.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { fromPolynomial, type OddsPolynomial, scale } from "../../src/landscape/oddsPolynomial.ts"
import { isZero, variablesOf } from "../../src/logic/polynomial.ts"
import { type AnyStructure, isWeighted, makeStructure, type Structure } from "../../src/logic/structure.ts"
import { structureSpec } from "../../src/logic/structureText.ts"
import { structureArbitrary, weightedArbitrary } from "./polynomials.ts"
import { z3Oracle } from "./z3.ts"

const asked = Number(process.env.LOSSLATTICE_Z3_PAIRS ?? 500)

type Pair = readonly [AnyStructure, AnyStructure]

const withCopies = ["M(w)", "M(l)", "M2(w)"]
const renamed = (arbitrary: fc.Arbitrary<Structure>): fc.Arbitrary<Structure> =>
  arbitrary.map(({ ticks, crosses }) => makeStructure(withCopies, ticks, crosses))

/** The structure with up to four row marks changed, none of its sides emptied. */
const changed = (structure: Structure): fc.Arbitrary<Structure> => {
  const rows = 2 ** structure.propositions.length
  return fc.array(fc.nat(2 * rows - 1), { minLength: 1, maxLength: 4 }).map((bits) => {
    let { ticks, crosses } = structure
    for (const bit of bits) {
      if (bit < rows) ticks ^= 1n << BigInt(bit)
      else crosses ^= 1n << BigInt(bit - rows)
    }
    return ticks === 0n || crosses === 0n ? structure : makeStructure(structure.propositions, ticks, crosses)
  })
}

const both = (arbitrary: fc.Arbitrary<AnyStructure>): fc.Arbitrary<Pair> => fc.tuple(arbitrary, arbitrary)
const close = (arbitrary: fc.Arbitrary<Structure>): fc.Arbitrary<Pair> =>
  arbitrary.chain((structure) => fc.tuple(fc.constant(structure), changed(structure)))

const families: ReadonlyArray<fc.Arbitrary<Pair>> = [
  both(structureArbitrary(2)),
  both(weightedArbitrary(2)),
  both(structureArbitrary(3)),
  close(structureArbitrary(3)),
  both(weightedArbitrary(3)),
  both(structureArbitrary(4)),
  close(structureArbitrary(4)),
  both(renamed(structureArbitrary(3))),
  close(renamed(structureArbitrary(3))),
  both(weightedArbitrary(3, withCopies))
]

/** Which of `rho_A <= rho_B` and `rho_B <= rho_A` compare says to hold, undefined where it leaves the pair open. */
const compared = ([a, b]: Pair): readonly [boolean, boolean] | undefined => {
  const lossOf = (structure: Structure) => Result.getOrThrow(resolve(structureSpec(structure)))
  const verdict =
    isWeighted(a) || isWeighted(b)
      ? dominance(a, b).verdict
      : Result.getOrThrow(compareLosses(lossOf(a), lossOf(b))).dominance.verdict
  const known = {
    equal: [true, true],
    "A<=B": [true, false],
    "B<=A": [false, true],
    incomparable: [false, false]
  } as const
  return verdict === "undecided" ? undefined : known[verdict]
}

it(`agrees with z3 on ${asked} random pairs wherever both decide`, async () => {
  const ask = await z3Oracle(200)
  const pairs = families.flatMap((family, i) =>
    fc.sample(family, { numRuns: Math.ceil(asked / families.length), seed: 31 + i })
  )
  const count = { signs: 0, agreed: 0, holds: 0, openInZ3: 0, open: 0 }
  for (const pair of pairs) {
    const verdict = compared(pair)
    const polynomial = riseOf(countsOf(pair[0]), countsOf(pair[1]))
    const rise = fromPolynomial(polynomial, variablesOf(polynomial))
    const questions: ReadonlyArray<OddsPolynomial> = isZero(polynomial) ? [] : [rise, scale(rise, -1n)]
    if (isZero(polynomial)) expect(verdict).toEqual([true, true])
    for (const [i, question] of questions.entries()) {
      count.signs++
      const answer = await ask(question)
      if (verdict === undefined) count.open++
      if (answer === "unknown") count.openInZ3++
      if (answer === "unknown" || verdict === undefined) continue
      expect([structuresText(pair), verdict[i] ? "holds" : "fails"]).toEqual([structuresText(pair), answer])
      count.agreed++
      if (verdict[i]) count.holds++
    }
  }
  console.log(
    `z3: ${pairs.length} pairs, ${count.signs} signs; ${count.agreed} agree (${count.holds} hold), ` +
      `left open by z3 ${count.openInZ3}, by compare ${count.open}`
  )
  expect(count.open).toBe(0)
  expect(count.holds).toBeGreaterThan(asked / 10)
  expect(count.agreed).toBeGreaterThan(0.7 * count.signs)
}, 600_000)

const structuresText = (pair: Pair): string =>
  pair
    .map((s) => (isWeighted(s) ? JSON.stringify([[...s.ticks], [...s.crosses]], bigints) : structureSpec(s)))
    .join(" ")

const bigints = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value)
