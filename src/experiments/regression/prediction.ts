/** @file How well a loss that the regression has not seen is predicted: every unit left out in turn. */
import { rounding } from "../statistics.ts"
import type { Design } from "./design.ts"
import { addOuter, type CrossProducts, leastSquares } from "./leastSquares.ts"

/** Sums over the observations of one unit in one block. */
interface Part {
  readonly unit: number
  readonly block: number
  count: number
  readonly sum: Float64Array
}

/** The observations of all units but one: what is known when that unit is predicted. */
interface Fold {
  /** Taken from the means of the blocks that remain. */
  readonly products: CrossProducts
  /** Means of the blocks: blocks × size. */
  readonly means: Float64Array
  /** Observations left in a block. */
  readonly counts: Int32Array
  /** The observations left out. */
  readonly members: ReadonlyArray<number>
}

/** What leaving units out needs; made once for a design, for all models on its columns. */
export interface Folds {
  readonly design: Design
  /** One a unit. */
  readonly folds: ReadonlyArray<Fold>
}

const partsOf = ({ centred, size, count, units, blocks }: Design): ReadonlyArray<Part> => {
  const parts = new Map<string, Part>()
  for (let i = 0; i < count; i++) {
    const [unit, block] = [units[i]!, blocks[i]!]
    const key = `${unit} ${block}`
    const part = parts.get(key) ?? { unit, block, count: 0, sum: new Float64Array(size) }
    parts.set(key, part)
    part.count += 1
    for (let j = 0; j < size; j++) part.sum[j]! += centred[i * size + j]!
  }
  return [...parts.values()]
}

/** Sums over whole blocks, from those over units in blocks. */
const blockTotals = (parts: ReadonlyArray<Part>, { size, blockCount }: Design) => {
  const sums = new Float64Array(blockCount * size)
  const counts = new Int32Array(blockCount)
  for (const { block, count, sum } of parts) {
    counts[block]! += count
    for (let j = 0; j < size; j++) sums[block * size + j]! += sum[j]!
  }
  return { sums, counts }
}

/** Every unit left out in turn: all sums less the unit's own, then taken from the means that remain. */
export const makeFolds = (design: Design): Folds => {
  const { centred, size, count, units, unitNames, blockCount } = design
  const all = new Float64Array(size * size)
  for (let i = 0; i < count; i++) addOuter(all, centred, i * size, size, 1)
  const parts = partsOf(design)
  const totals = blockTotals(parts, design)
  const least = Float64Array.from({ length: size }, (_, j) => rounding * design.products.values[j * size + j]!)
  const folds = unitNames.map((_, unit): Fold => {
    const members = [...units.keys()].filter((i) => units[i] === unit)
    const values = Float64Array.from(all)
    for (const i of members) addOuter(values, centred, i * size, size, -1)
    const [sums, counts] = [Float64Array.from(totals.sums), Int32Array.from(totals.counts)]
    for (const part of parts) {
      if (part.unit !== unit) continue
      counts[part.block]! -= part.count
      for (let j = 0; j < size; j++) sums[part.block * size + j]! -= part.sum[j]!
    }
    for (let block = 0; block < blockCount; block++) {
      if (counts[block]! > 0) addOuter(values, sums, block * size, size, -1 / counts[block]!)
    }
    const means = sums.map((value, at) => value / counts[Math.floor(at / size)]!)
    return { products: { size, values, least }, means, counts, members }
  })
  return { design, folds }
}

/**
 * Cross-validated R²: `1 - Σ (y - ŷ)² / Σ (y - ȳ)²`, ŷ from the fit to all other units and ȳ the block's mean over them. Negative
 * where the predictors mislead about a loss that is not among those fitted. Undefined with fewer than two units, or where the outcome
 * does not vary. Observations in blocks that only the left-out unit has are passed over.
 * @param predictors which of the design's
 */
export const predictiveR2 = ({ design, folds }: Folds, predictors: ReadonlyArray<string>): number | undefined => {
  const { centred, size, blocks, unitNames } = design
  if (unitNames.length < 2) return undefined
  const columns = predictors.flatMap(design.columnsOf)
  let [missed, total] = [0, 0]
  for (const { products, means, counts, members } of folds) {
    const { coefficients } = leastSquares(products, columns)
    for (const i of members) {
      const block = blocks[i]!
      if (counts[block] === 0) continue
      const away = centred[i * size + size - 1]! - means[block * size + size - 1]!
      let predicted = 0
      columns.forEach((column, k) => {
        predicted += (coefficients[k] ?? 0) * (centred[i * size + column]! - means[block * size + column]!)
      })
      missed += (away - predicted) ** 2
      total += away ** 2
    }
  }
  return total > 0 ? 1 - missed / total : undefined
}
