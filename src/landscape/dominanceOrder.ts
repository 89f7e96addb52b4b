/**
 * The true order of distinct losses (docs/theory.md §8): a < b when `rho_a <= rho_b` everywhere and the losses differ. It is
 * compared with what entailment says of the classes: some structure of a entails some structure of b, closed transitively.
 */
import type { LossClass } from "./classes.ts"
import { difference } from "./odds.ts"
import { scale } from "./oddsPolynomial.ts"
import { closure, coversOf, isStrictOrder, pairsOf, type StrictOrder } from "./partialOrder.ts"
import { decideSign } from "./sign.ts"
import { restrictToSimplex } from "./simplex.ts"

/** The orders on a list of losses, each by the positions in the list. */
export interface LossOrders {
  readonly dominance: StrictOrder
  /** Pairs of which some structures entail one another. */
  readonly entailment: StrictOrder
  /** The transitive closure of that: what entailment can tell of losses. */
  readonly entailed: StrictOrder
  /** Ordered pairs that are neither shown nor refuted. */
  readonly undecided: number
}

const emptyTable = (size: number): Uint8Array => new Uint8Array(size * size)

const classEntails = (a: LossClass, b: LossClass): boolean =>
  a.members.some((x) => b.members.some((y) => (x.ticks & ~y.ticks) === 0 && (y.crosses & ~x.crosses) === 0))

/** The orders on the losses. @throws RangeError when dominance, as decided, is no strict order: the decisions then contradict */
export const lossOrders = (losses: ReadonlyArray<LossClass>): LossOrders => {
  const size = losses.length
  const [dominance, entailment] = [emptyTable(size), emptyTable(size)]
  let undecided = 0
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const rise = difference(losses[i]!.counts, losses[j]!.counts)
      const [up, down] = [decideSign(rise).verdict, decideSign(scale(rise, -1n)).verdict]
      undecided += [up, down].filter((verdict) => verdict === "undecided").length
      if (up === "holds") dominance[i * size + j] = 1
      if (down === "holds") dominance[j * size + i] = 1
      if (classEntails(losses[i]!, losses[j]!)) entailment[i * size + j] = 1
      if (classEntails(losses[j]!, losses[i]!)) entailment[j * size + i] = 1
    }
  }
  const order = { size, below: dominance }
  if (undecided === 0 && !isStrictOrder(order)) throw new RangeError("lossOrders: dominance is no strict order")
  const direct = { size, below: entailment }
  return { dominance: order, entailment: direct, entailed: closure(direct), undecided }
}

/** Covers of dominance, and whether entailment knows them. */
export interface OrderCover {
  readonly from: number
  readonly to: number
  readonly kind: "entailment" | "dominance only"
}

/** The transitive reduction of dominance. */
export const dominanceCovers = ({ dominance, entailed }: LossOrders): ReadonlyArray<OrderCover> =>
  coversOf(dominance).map(([from, to]) => ({
    from,
    to,
    kind: entailed.below[from * dominance.size + to] === 1 ? "entailment" : "dominance only"
  }))

/** Pairs that dominance orders and entailment does not. */
export const finerPairs = ({ dominance, entailed }: LossOrders): ReadonlyArray<readonly [number, number]> =>
  pairsOf(dominance).filter(([i, j]) => entailed.below[i * dominance.size + j] === 0)

/** Ordered pairs of losses with `rho_a <= rho_b` wherever the probabilities of each model sum to at most 1; undecided ones apart. */
export const simplexPairs = (
  losses: ReadonlyArray<LossClass>
): { readonly ordered: number; readonly undecided: number } => {
  let [ordered, undecided] = [0, 0]
  for (const [i, a] of losses.entries()) {
    for (const b of losses.slice(i + 1)) {
      const rise = restrictToSimplex(difference(a.counts, b.counts))
      for (const sign of [1n, -1n]) {
        const { verdict } = decideSign(scale(rise, sign))
        if (verdict === "holds") ordered++
        if (verdict === "undecided") undecided++
      }
    }
  }
  return { ordered, undecided }
}

const restricted = ({ size, below }: StrictOrder, kept: ReadonlyArray<number>): StrictOrder => ({
  size: kept.length,
  below: Uint8Array.from(kept.flatMap((i) => kept.map((j) => below[i * size + j]!)))
})

/** The orders among some of the losses, by their positions: entailment by way of the others counts. */
export const ordersAmong = (orders: LossOrders, kept: ReadonlyArray<number>): LossOrders => ({
  dominance: restricted(orders.dominance, kept),
  entailment: restricted(orders.entailment, kept),
  entailed: restricted(orders.entailed, kept),
  undecided: orders.undecided
})
