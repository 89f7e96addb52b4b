/** The dominance order of the losses over up to two propositions, named and counted: what the command, records and figures show. */
import { type LossClass, lossClasses, structureOf } from "../landscape/classes.ts"
import { monotoneClasses } from "../landscape/counts.ts"
import {
  dominanceCovers,
  finerPairs,
  type LossOrders,
  lossOrders,
  ordersAmong,
  simplexPairs
} from "../landscape/dominanceOrder.ts"
import { decideProperty } from "../landscape/exactProperties.ts"
import { vanishingKind } from "../landscape/limits.ts"
import { levelsOf, missingJoin, pairsOf, reversed, type StrictOrder, widthOf } from "../landscape/partialOrder.ts"
import { type Proposition, rowName, rowsOf, type Structure, structureSpec } from "../logic/index.ts"
import { systematicName } from "./name.ts"
import { isSameLoss, publishedTables } from "./published.ts"

/** Which losses are ordered. */
export const orderedKinds = ["all", "monotone", "strict", "admissible"] as const

/** One of the kinds of losses that can be ordered. */
export type OrderedKind = (typeof orderedKinds)[number]

/** A loss of the order; `ticks`, `crosses` are row names of the structure that stands for it. */
export interface OrderedLoss {
  readonly name: string
  readonly loss: string
  readonly ticks: ReadonlyArray<string>
  readonly crosses: ReadonlyArray<string>
  /** Elements of a longest chain that ends here. */
  readonly level: number
  readonly vanishing: string
  readonly antisymmetric: boolean
  readonly published: boolean
  /** Positions in the list of the losses above it: by entailment, and by dominance alone. */
  readonly entails: ReadonlyArray<number>
  readonly dominatedOnly: ReadonlyArray<number>
}

/** A pair of names, the first below the second. */
export type NamedPair = readonly [string, string]

/** The order. Counts are of ordered pairs of different losses. */
export interface DominanceReport {
  readonly propositions: ReadonlyArray<Proposition>
  readonly among: OrderedKind
  readonly losses: ReadonlyArray<OrderedLoss>
  readonly pairs: {
    readonly dominance: number
    /** Some structures of the two losses entail one another. */
    readonly entailment: number
    /** The same closed transitively: by way of other losses. */
    readonly entailed: number
    /** Ordered by dominance alone. */
    readonly finer: number
    /** Ordered where the probabilities of the two answers sum to at most 1. */
    readonly onSimplex: number
    readonly undecided: number
  }
  readonly height: number
  readonly width: number
  readonly minimal: ReadonlyArray<string>
  readonly maximal: ReadonlyArray<string>
  readonly covers: ReadonlyArray<{ readonly from: string; readonly to: string; readonly kind: string }>
  /** Two losses without a least upper bound, and the minimal upper bounds they have; absent when all pairs have one. */
  readonly noJoin?: { readonly pair: NamedPair; readonly bounds: ReadonlyArray<string> }
  readonly noMeet?: { readonly pair: NamedPair; readonly bounds: ReadonlyArray<string> }
}

/** The structure that stands for a loss: a published one, or the one with the shortest systematic name. */
export const representative = (propositions: ReadonlyArray<Proposition>, { members }: LossClass): Structure => {
  const structures = members.map((masks) => structureOf(propositions, masks))
  const nameLength = (structure: Structure) => systematicName(structure, { reference: false, relative: false }).length
  return structures.reduce((best, next) => (nameLength(next) < nameLength(best) ? next : best))
}

const keptOf = (all: ReadonlyArray<LossClass>, structures: ReadonlyArray<Structure>, among: OrderedKind) => {
  const { weak, strict } = monotoneClasses(all)
  const kept = { all, monotone: weak, strict, admissible: all }[among]
  return all.flatMap((one, i) => {
    const isKept = kept.includes(one) && (among !== "admissible" || isAdmissible(structures[i]!))
    return isKept ? [i] : []
  })
}

const isAdmissible = (structure: Structure): boolean =>
  /^[A-Za-z0-9]+$/.test(systematicName(structure, { reference: false, relative: false }))

type Described = Omit<OrderedLoss, "entails" | "dominatedOnly">

const described = (structure: Structure, level: number): Described => {
  const n = structure.propositions.length
  const names = (set: bigint) => rowsOf(set).map((row) => rowName(row, n))
  return {
    name: systematicName(structure, { reference: false, relative: false }),
    loss: structureSpec(structure),
    ticks: names(structure.ticks),
    crosses: names(structure.crosses),
    level,
    vanishing: vanishingKind(structure),
    antisymmetric: decideProperty(structure, "absolute", "swap-antisymmetric").verdict === "proved",
    published: publishedTables("absolute").some((table) => isSameLoss(table.structure, structure))
  }
}

const bound = (missing: ReturnType<typeof missingJoin>, names: ReadonlyArray<string>) =>
  missing && {
    pair: [names[missing.pair[0]]!, names[missing.pair[1]]!] as const,
    bounds: missing.bounds.map((i) => names[i]!)
  }

const extremes = ({ dominance }: LossOrders, names: ReadonlyArray<string>) => {
  const { size, below } = dominance
  const has = (test: (i: number, j: number) => number, i: number) => names.some((_, j) => test(i, j) === 1)
  return {
    minimal: names.filter((_, i) => !has((a, b) => below[b * size + a]!, i)),
    maximal: names.filter((_, i) => !has((a, b) => below[a * size + b]!, i))
  }
}

/**
 * The dominance order over at most two propositions.
 * @throws RangeError for more: their pairs are too many to decide one by one
 */
export const dominanceReport = (propositions: ReadonlyArray<Proposition>, among: OrderedKind): DominanceReport => {
  if (propositions.length > 2) throw new RangeError(`dominanceReport: ${propositions.length} propositions, at most 2`)
  const all = lossClasses(propositions)
  const structures = all.map((one) => representative(propositions, one))
  const kept = keptOf(all, structures, among)
  const orders = ordersAmong(lossOrders(all), kept)
  const levels = levelsOf(orders.dominance)
  const above = ({ size, below }: StrictOrder, place: number): ReadonlyArray<number> =>
    kept.flatMap((_, j) => (below[place * size + j] === 1 ? [j] : []))
  const losses = kept.map((i, place): OrderedLoss => {
    const entails = above(orders.entailed, place)
    const dominatedOnly = above(orders.dominance, place).filter((j) => !entails.includes(j))
    return { ...described(structures[i]!, levels[place]!), entails, dominatedOnly }
  })
  const names = losses.map(({ name }) => name)
  const simplex = simplexPairs(kept.map((i) => all[i]!))
  const [noJoin, noMeet] = [orders.dominance, reversed(orders.dominance)].map((order) =>
    bound(missingJoin(order), names)
  )
  return {
    propositions,
    among,
    losses,
    pairs: {
      dominance: pairsOf(orders.dominance).length,
      entailment: pairsOf(orders.entailment).length,
      entailed: pairsOf(orders.entailed).length,
      finer: finerPairs(orders).length,
      onSimplex: simplex.ordered,
      undecided: orders.undecided + simplex.undecided
    },
    height: Math.max(0, ...levels),
    width: widthOf(orders.dominance),
    ...extremes(orders, names),
    covers: dominanceCovers(orders).map(({ from, to, kind }) => ({ from: names[from]!, to: names[to]!, kind })),
    ...(noJoin === undefined ? {} : { noJoin }),
    ...(noMeet === undefined ? {} : { noMeet })
  }
}
