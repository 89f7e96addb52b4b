/** @file Does a predictor of losses say anything beyond others? Its values dealt anew among losses that the others do not tell apart. */
import type { Rng } from "../../random/rng.ts"
import type { Design } from "./design.ts"
import { explained } from "./leastSquares.ts"

/** A test and its outcome. */
export interface PermutationTest {
  readonly predictor: string
  readonly given: ReadonlyArray<string>
  /** R² of `given` and the predictor less R² of `given`. */
  readonly gain: number
  /** Mean gain of the shuffled predictors: what chance gives. */
  readonly byChance: number
  /** `(1 + #{shuffled gain ≥ gain}) / (1 + permutations)`. */
  readonly p: number
  readonly permutations: number
  /** Units that had another to change places with. */
  readonly exchangeable: number
}

/** Gains are compared as equal within rounding: the identity is among the permutations. */
const tie = 1e-9

/** Columns of a predictor in one stratum, in the order that all strata have. */
const columnsIn = (design: Design, predictor: string, stratum: number): ReadonlyArray<number> =>
  design.columnsOf(predictor).filter((column) => design.columns[column]!.stratum === stratum)

/** What a unit has in the columns of a predictor, the same in every stratum; undefined for a predictor that varies within a unit. */
const unitValues = (design: Design, predictor: string): ReadonlyArray<ReadonlyArray<number>> | undefined => {
  const columns = design.stratumNames.map((_, stratum) => columnsIn(design, predictor, stratum))
  const found: Array<ReadonlyArray<number> | undefined> = design.unitNames.map(() => undefined)
  for (let i = 0; i < design.count; i++) {
    const own = columns[design.strata[i]!]!.map((column) => design.raw[i * design.size + column]!)
    const unit = design.units[i]!
    const known = found[unit]
    if (known === undefined) found[unit] = own
    else if (known.some((value, k) => value !== own[k])) return undefined
  }
  return found as ReadonlyArray<ReadonlyArray<number>>
}

/** Units that `given` does not tell apart, as far as it is about units. */
const strataOf = (design: Design, given: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<number>> => {
  const values = given.flatMap((name) => {
    const found = unitValues(design, name)
    return found === undefined ? [] : [found]
  })
  const strata = new Map<string, Array<number>>()
  design.unitNames.forEach((_, unit) => {
    const key = JSON.stringify(values.map((one) => one[unit]))
    strata.set(key, [...(strata.get(key) ?? []), unit])
  })
  return [...strata.values()]
}

/** A random rearrangement within strata: unit → unit whose value it gets. */
export const dealt = (strata: ReadonlyArray<ReadonlyArray<number>>, units: number, rng: Rng): Int32Array => {
  const from = new Int32Array(units)
  for (const stratum of strata) {
    const order = [...stratum]
    for (let i = order.length - 1; i > 0; i--) {
      const j = rng.int(i + 1)
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    stratum.forEach((unit, k) => {
      from[unit] = order[k]!
    })
  }
  return from
}

/** What the cross products of a predictor that belongs to units are worked out from. */
interface UnitSums {
  /** Sums of `centred` over a unit in a stratum: strata × units × size. */
  readonly sums: Float64Array
  /** Observations of a unit in a block: blocks × units. */
  readonly counts: Float64Array
  /** Blocks of every stratum. */
  readonly blocks: ReadonlyArray<ReadonlyArray<number>>
}

const unitSums = (design: Design): UnitSums => {
  const { centred, size, count, units, blocks, strata, unitNames, blockCount, stratumNames } = design
  const sums = new Float64Array(stratumNames.length * unitNames.length * size)
  const counts = new Float64Array(blockCount * unitNames.length)
  const own = stratumNames.map(() => new Set<number>())
  for (let i = 0; i < count; i++) {
    const [unit, block, stratum] = [units[i]!, blocks[i]!, strata[i]!]
    own[stratum]!.add(block)
    counts[block * unitNames.length + unit]! += 1
    const at = (stratum * unitNames.length + unit) * size
    for (let j = 0; j < size; j++) sums[at + j]! += centred[i * size + j]!
  }
  return { sums, counts, blocks: own.map((set) => [...set]) }
}

/** `Σ (a - ā)(b - b̄)` over the observations of one stratum, a and b a value a unit each, means within blocks. */
const productWithin = (
  { counts, blocks }: UnitSums,
  stratum: number,
  a: ReadonlyArray<number>,
  b: ReadonlyArray<number>
): number => {
  let total = 0
  for (const block of blocks[stratum]!) {
    let [n, sumA, sumB, sumAB] = [0, 0, 0, 0]
    for (let unit = 0; unit < a.length; unit++) {
      const count = counts[block * a.length + unit]!
      n += count
      sumA += count * a[unit]!
      sumB += count * b[unit]!
      sumAB += count * a[unit]! * b[unit]!
    }
    total += sumAB - (sumA * sumB) / n
  }
  return total
}

/** The cross products with the predictor's columns replaced by values of units: exact, without going through observations. */
const replacedProducts = (
  design: Design,
  sums: UnitSums,
  predictor: string,
  values: ReadonlyArray<ReadonlyArray<number>>
): Float64Array => {
  const { size, columns } = design
  const products = Float64Array.from(design.products.values)
  const set = (i: number, j: number, value: number): void => {
    products[i * size + j] = value
    products[j * size + i] = value
  }
  const width = values[0]?.length ?? 0
  const byColumn = Array.from({ length: width }, (_, k) => values.map((own) => own[k]!))
  design.stratumNames.forEach((_, stratum) => {
    const own = columnsIn(design, predictor, stratum)
    const at = stratum * values.length * size
    own.forEach((column, k) => {
      for (let j = 0; j < size; j++) {
        if (j < size - 1 && columns[j]!.predictor === predictor) continue
        set(
          column,
          j,
          byColumn[k]!.reduce((total, value, unit) => total + value * sums.sums[at + unit * size + j]!, 0)
        )
      }
      own.forEach((other, m) => {
        if (m >= k) set(column, other, productWithin(sums, stratum, byColumn[k]!, byColumn[m]!))
      })
    })
  })
  return products
}

/**
 * Whether a predictor says anything beyond others: the gain in R² from adding it, against the gains when its values are dealt
 * anew among the units that `given` does not tell apart. Exact under the hypothesis that losses alike in `given` are exchangeable.
 * @param predictor one whose value belongs to the unit @throws RangeError for one that varies within a unit
 */
export const permutationTest = (
  design: Design,
  predictor: string,
  given: ReadonlyArray<string>,
  permutations: number,
  rng: Rng
): PermutationTest => {
  const values = unitValues(design, predictor)
  if (values === undefined) {
    throw new RangeError(`${predictor} varies within a loss: only what belongs to a loss can be dealt anew`)
  }
  const [own, base] = [design.columnsOf(predictor), given.flatMap(design.columnsOf)]
  const without = explained(design.products, base)
  const gain = explained(design.products, [...base, ...own]) - without
  const strata = strataOf(design, given)
  const sums = unitSums(design)
  let [asLarge, total] = [0, 0]
  for (let b = 0; b < permutations; b++) {
    const from = dealt(strata, values.length, rng)
    const moved = values.map((_, unit) => values[from[unit]!]!)
    const products = { size: design.size, values: replacedProducts(design, sums, predictor, moved) }
    const other = explained(products, [...base, ...own]) - without
    total += other
    if (other >= gain - tie) asLarge++
  }
  return {
    predictor,
    given,
    gain,
    byChance: permutations === 0 ? 0 : total / permutations,
    p: (1 + asLarge) / (1 + permutations),
    permutations,
    exchangeable: strata.filter((stratum) => stratum.length > 1).reduce((sum, stratum) => sum + stratum.length, 0)
  }
}
