/**
 * Shrinking that keeps a counterexample meaningful. A case is plain data with a complexity (a list of numbers compared
 * first to last); a failing case is replaced by any simpler one that still fails, simplest first, until none does. The
 * small cases are listed exhaustively, so what is printed is the simplest failing case among them, not a local minimum.
 */
import * as fc from "fast-check"

/** How cases of one shape are drawn, recognised and simplified. */
export interface CaseShape<Case> {
  /** Draws a case; all randomness comes from the argument. */
  draw(random: fc.Random): Case
  /** Whether the value is a valid case of this shape (cases come back from JSON when one is replayed). */
  isCase(value: unknown): value is Case
  /** Smaller is simpler, compared entry by entry. */
  complexity(value: Case): ReadonlyArray<number>
  /** Candidates to try instead, most welcome first; those that are not simpler are dropped. */
  candidates(value: Case): Iterable<Case>
}

/** Lexicographic order of complexities: negative when the first is simpler. Missing entries count as 0. */
export const compareComplexity = (first: ReadonlyArray<number>, second: ReadonlyArray<number>): number => {
  for (let k = 0; k < Math.max(first.length, second.length); k++) {
    const difference = (first[k] ?? 0) - (second[k] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The strictly simpler candidates of a case, in the order in which its shape offers them. */
export function* simplerCases<Case>(shape: CaseShape<Case>, value: Case): Generator<Case> {
  const limit = shape.complexity(value)
  for (const candidate of shape.candidates(value)) {
    if (compareComplexity(shape.complexity(candidate), limit) < 0) yield candidate
  }
}

/** A fast-check arbitrary of a case shape: draws, and shrinks by {@link simplerCases}. */
export class CaseArbitrary<Case> extends fc.Arbitrary<Case> {
  readonly shape: CaseShape<Case>

  constructor(shape: CaseShape<Case>) {
    super()
    this.shape = shape
  }

  override generate(random: fc.Random): fc.Value<Case> {
    return new fc.Value(this.shape.draw(random), undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is Case {
    return this.shape.isCase(value)
  }

  override shrink(value: Case): fc.Stream<fc.Value<Case>> {
    const { shape } = this
    function* values(): Generator<fc.Value<Case>> {
      for (const candidate of simplerCases(shape, value)) yield new fc.Value(candidate, undefined)
    }
    return fc.stream(values())
  }
}
