/** @file Observations as a table of numbers: factors as indicator columns, everything taken from its mean within the block. */
import { type CrossProducts, crossProducts } from "./leastSquares.ts"

/** One observation, or the reason why it is none stays outside. */
export interface Observation {
  /** The seed, whose world and data all losses share. */
  readonly seed: string
  /** Conditions that have coefficients of their own; "" for all alike. */
  readonly stratum: string
  /** What is left out together and stands for one loss: its truth table, in all readings and conditions. */
  readonly unit: string
  readonly outcome: number
  /** Predictor → level of a factor (text) or value (number). */
  readonly values: Readonly<Record<string, string | number>>
}

/** A column of the table: a level of a factor against the first level, or the number itself, in one stratum. */
export interface Column {
  readonly predictor: string
  /** The level; undefined for a number. */
  readonly level?: string
  /** Number of the stratum. */
  readonly stratum: number
}

/** The observations as numbers. */
export interface Design {
  readonly predictors: ReadonlyArray<string>
  readonly columns: ReadonlyArray<Column>
  /** First level of every factor: what coefficients compare with. */
  readonly baselines: Readonly<Record<string, string>>
  /** Columns of a predictor. */
  readonly columnsOf: (predictor: string) => ReadonlyArray<number>
  /** `[x…, y]` of every observation as they are, `columns + 1` numbers each. */
  readonly raw: Float64Array
  /** The same less the mean of their block. */
  readonly centred: Float64Array
  /** Numbers per observation. */
  readonly size: number
  readonly count: number
  readonly strata: Int32Array
  readonly stratumNames: ReadonlyArray<string>
  /** What is compared within: a seed in a stratum. */
  readonly blocks: Int32Array
  readonly blockCount: number
  readonly seeds: Int32Array
  readonly seedCount: number
  readonly units: Int32Array
  readonly unitNames: ReadonlyArray<string>
  /** Cross products of `centred`. */
  readonly products: CrossProducts
}

/** Numbers 0, 1, … for distinct texts in order of first appearance. */
const numbered = (texts: ReadonlyArray<string>) => {
  const names = [...new Set(texts)]
  const place = new Map(names.map((name, i) => [name, i]))
  return { names, of: Int32Array.from(texts, (text) => place.get(text)!) }
}

/**
 * Levels of a predictor in the order given by `order`, else sorted; undefined for a number.
 * @throws RangeError for a predictor with both texts and numbers, or an observation without it
 */
const levelsOf = (
  predictor: string,
  observations: ReadonlyArray<Observation>,
  order: ReadonlyArray<string> | undefined
): ReadonlyArray<string> | undefined => {
  const values = observations.map((one) => one.values[predictor])
  if (values.every((value) => typeof value === "number" && Number.isFinite(value))) return undefined
  if (!values.every((value) => typeof value === "string")) {
    throw new RangeError(`${predictor} is neither a number everywhere nor a level everywhere`)
  }
  const present = new Set(values as ReadonlyArray<string>)
  const known = (order ?? []).filter((level) => present.has(level))
  return [...known, ...[...present].filter((level) => !known.includes(level)).sort()]
}

const columnsFor = (
  predictor: string,
  levels: ReadonlyArray<string> | undefined,
  strata: ReadonlyArray<string>
): ReadonlyArray<Column> =>
  strata.flatMap((_, stratum) =>
    levels === undefined ? [{ predictor, stratum }] : levels.slice(1).map((level) => ({ predictor, level, stratum }))
  )

/** What a column holds for an observation of its stratum. */
const entry = ({ predictor, level }: Column, { values }: Observation): number =>
  level === undefined ? (values[predictor] as number) : values[predictor] === level ? 1 : 0

/** A copy with every column less its mean within the block. */
export const centredWithin = (
  raw: Float64Array,
  size: number,
  blocks: Int32Array,
  blockCount: number
): Float64Array => {
  const sums = new Float64Array(blockCount * size)
  const counts = new Int32Array(blockCount)
  blocks.forEach((block, i) => {
    counts[block]! += 1
    for (let j = 0; j < size; j++) sums[block * size + j]! += raw[i * size + j]!
  })
  return raw.map((value, at) => {
    const block = blocks[Math.floor(at / size)]!
    return value - sums[block * size + (at % size)]! / counts[block]!
  })
}

/**
 * The table of the observations. A factor with k levels becomes k - 1 indicators against its first level; every stratum has columns
 * of its own, 0 elsewhere, so that the fit is one regression a stratum. Blocks are absorbed by taking every column from its mean
 * within the block, which gives the coefficients that an indicator a block would give.
 * @param orders levels of factors in the order wanted @throws RangeError without observations
 */
export const makeDesign = (
  observations: ReadonlyArray<Observation>,
  predictors: ReadonlyArray<string>,
  orders: Readonly<Record<string, ReadonlyArray<string>>> = {}
): Design => {
  if (observations.length === 0) throw new RangeError("a regression needs observations")
  const stratum = numbered(observations.map((one) => one.stratum))
  const block = numbered(observations.map((one) => JSON.stringify([one.seed, one.stratum])))
  const [seed, unit] = [numbered(observations.map((one) => one.seed)), numbered(observations.map((one) => one.unit))]
  const levels = predictors.map((name) => [name, levelsOf(name, observations, orders[name])] as const)
  const columns = levels.flatMap(([name, found]) => columnsFor(name, found, stratum.names))
  const size = columns.length + 1
  const raw = new Float64Array(observations.length * size)
  observations.forEach((one, i) => {
    columns.forEach((column, j) => {
      if (column.stratum === stratum.of[i]) raw[i * size + j] = entry(column, one)
    })
    raw[i * size + size - 1] = one.outcome
  })
  const centred = centredWithin(raw, size, block.of, block.names.length)
  return {
    predictors,
    columns,
    baselines: Object.fromEntries(levels.flatMap(([name, found]) => (found === undefined ? [] : [[name, found[0]!]]))),
    columnsOf: (predictor) => columns.flatMap((column, j) => (column.predictor === predictor ? [j] : [])),
    raw,
    centred,
    size,
    count: observations.length,
    strata: stratum.of,
    stratumNames: stratum.names,
    blocks: block.of,
    blockCount: block.names.length,
    seeds: seed.of,
    seedCount: seed.names.length,
    units: unit.of,
    unitNames: unit.names,
    products: crossProducts(centred, size)
  }
}
