/** A pair case with a rewriting of the structure's core: the rows on which the rewritten core differs, all of them free. */
import { allRows, count, type RowSet, rowsOf } from "../logic/rows.ts"
import type { Structure } from "../logic/structure.ts"
import { type PairCase, pairCaseShape } from "./pairCase.ts"
import { readMask } from "./rows.ts"
import { CaseArbitrary } from "./shrink.ts"
import type { LossSubject } from "./subject.ts"

/** The rows where the core is changed, as decimal digits, and the bandit at which both forms are evaluated. */
export interface RewriteCase {
  readonly pair: PairCase
  readonly flipped: string
}

/** Rows on which the core's value is irrelevant: outside P_C (neither tick nor cross) or inside P_A (both). */
export const freeRows = ({ propositions, ticks, crosses }: Structure): RowSet =>
  allRows(propositions.length) & ~(ticks ^ crosses)

/** Rewritings of a loss that has a structure. @throws RangeError when it has none */
export const rewriteCases = (subject: LossSubject): CaseArbitrary<RewriteCase> => {
  const { structure } = subject.loss
  if (structure === undefined) throw new RangeError(`rewriteCases: ${subject.loss.spec} has no structure`)
  const shape = pairCaseShape(subject)
  const free = freeRows(structure)
  return new CaseArbitrary<RewriteCase>({
    draw: (random) => {
      const flipped = rowsOf(free).reduce(
        (set, row) => (random.nextInt(0, 1) === 1 ? set | (1n << BigInt(row)) : set),
        0n
      )
      return { pair: shape.draw(random), flipped: String(flipped) }
    },
    isCase: (value): value is RewriteCase => {
      if (typeof value !== "object" || value === null) return false
      const { pair, flipped } = value as Partial<Record<keyof RewriteCase, unknown>>
      const mask = readMask(flipped, structure.propositions.length)
      return shape.isCase(pair) && mask !== undefined && (mask & ~free) === 0n
    },
    complexity: (value) => [value.pair.policy.length, count(BigInt(value.flipped)), ...shape.complexity(value.pair)],
    *candidates(value) {
      for (const pair of shape.candidates(value.pair)) yield { pair, flipped: "0" }
      yield { ...value, flipped: "0" }
      for (const row of rowsOf(BigInt(value.flipped))) yield { ...value, flipped: String(1n << BigInt(row)) }
    }
  })
}
