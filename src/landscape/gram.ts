/**
 * The blocks of a sum of squares: a polynomial is ≥ 0 on the positive orthant when it is `Σ_S o^S v_S' G_S v_S` with G_S positive
 * semidefinite, S running through the sets of odds and v_S through monomials (with `o_k = t_k²` it is a sum of squares in t). Which
 * monomials can occur is read off the Newton polytope (Reznick 1978): twice each, times o^S, lies inside.
 */
import { type OddsPolynomial, termsOf } from "./oddsPolynomial.ts"

/** Exponents of a monomial. */
export type Exponents = ReadonlyArray<number>

/** One block: the odds that stand before it, and the monomials of its squares. */
export interface GramBlock {
  readonly odd: Exponents
  readonly monomials: ReadonlyArray<Exponents>
}

const keyOf = (exponents: Exponents): string => exponents.join()

/** The exponents of the product that entry (i, j) of a block stands for. */
export const productOf = ({ odd, monomials }: GramBlock, i: number, j: number): Exponents =>
  odd.map((e, k) => e + monomials[i]![k]! + monomials[j]![k]!)

const vectors = (most: Exponents, entries: (k: number) => ReadonlyArray<number>): Array<Array<number>> =>
  most.reduce<Array<Array<number>>>(
    (heads, _, k) => heads.flatMap((head) => entries(k).map((entry) => [...head, entry])),
    [[]]
  )

/** A test that lets through all of the Newton polytope and little else: its bounds in directions with entries -1, 0, 1. */
const polytopeTest = (a: OddsPolynomial): ((exponents: Exponents) => boolean) => {
  const support = termsOf(a).map(({ exponents }) => exponents)
  const along = (d: Exponents, e: Exponents): number => d.reduce((sum, value, k) => sum + value * e[k]!, 0)
  const bounds = vectors(a.degrees, () => [-1, 0, 1]).map((direction) => ({
    direction,
    most: Math.max(...support.map((e) => along(direction, e)))
  }))
  return (exponents) => bounds.every(({ direction, most }) => along(direction, exponents) <= most)
}

/** Whether an entry stands on the diagonal only: its group then bounds every diagonal entry in it. */
const pruned = (blocks: ReadonlyArray<GramBlock>, support: ReadonlySet<string>): ReadonlyArray<GramBlock> => {
  const mixed = new Set<string>()
  for (const block of blocks)
    block.monomials.forEach((_, i) => {
      for (let j = 0; j < i; j++) mixed.add(keyOf(productOf(block, i, j)))
    })
  return blocks.map((block) => ({
    ...block,
    monomials: block.monomials.filter((_, i) => {
      const key = keyOf(productOf(block, i, i))
      return support.has(key) || mixed.has(key)
    })
  }))
}

/** The blocks for a polynomial; monomials whose square nothing can cancel are left out. */
export const gramBlocks = (a: OddsPolynomial): ReadonlyArray<GramBlock> => {
  const isInside = polytopeTest(a)
  const support = new Set(termsOf(a).map(({ exponents }) => keyOf(exponents)))
  let blocks: ReadonlyArray<GramBlock> = vectors(a.degrees, () => [0, 1]).map((odd) => ({
    odd,
    monomials: vectors(a.degrees, (k) => Array.from({ length: Math.floor(a.degrees[k]! / 2) + 1 }, (_, e) => e)).filter(
      (m) => isInside(odd.map((e, k) => e + 2 * m[k]!))
    )
  }))
  for (let count = -1; ; ) {
    const left = blocks.reduce((sum, { monomials }) => sum + monomials.length, 0)
    if (left === count) return blocks.filter(({ monomials }) => monomials.length > 0)
    count = left
    blocks = pruned(blocks, support)
  }
}
