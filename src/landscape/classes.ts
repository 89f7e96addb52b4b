/**
 * The distinct losses of a list of up to three propositions: all structures grouped by equal rho (docs/theory.md §7).
 * Structures are listed canonical first, sorted into groups by a fingerprint of rho (its value modulo a prime at two fixed
 * points), and compared exactly within a group, so a collision of fingerprints costs time and never an answer.
 */
import { ratioName } from "../logic/proposition.ts"
import { makeStructure, type Structure } from "../logic/structure.ts"
import { Rng } from "../random/rng.ts"
import { difference, type OddsCounts, oddsCounts, oddsVariables } from "./odds.ts"
import { isZero } from "./oddsPolynomial.ts"

/** Masks of ticks and crosses as numbers: up to 8 rows. */
export interface Masks {
  readonly ticks: number
  readonly crosses: number
}

/** One distinct loss: the canonical structure first among its members, and the counts of that one. */
export interface LossClass {
  readonly members: ReadonlyArray<Masks>
  readonly counts: OddsCounts
}

/** Hears how far a long count has come: what is counted, how much of it is done. Called some hundred times a second at most. */
export type CountProgress = (what: string, done: number, all: number) => void

/** Calls the listener for every 256th item. */
export const everyFew = (progress: CountProgress | undefined, what: string, all: number) => {
  let done = 0
  return (): void => {
    if (done++ % 256 === 0) progress?.(what, done - 1, all)
  }
}

/** The largest number of propositions whose structures are listed. */
export const listable = 3

/** The structure of the masks over the propositions. */
export const structureOf = (propositions: ReadonlyArray<string>, { ticks, crosses }: Masks): Structure =>
  makeStructure(propositions, BigInt(ticks), BigInt(crosses))

/** Number of bits set. */
export const popcount = (mask: number): number => {
  let total = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) total++
  return total
}

// The largest prime below 2^26: products of two residues are exact in a double.
const prime = 67_108_859

const inverse = (value: number): number => {
  let [result, base] = [1, value]
  for (let exponent = prime - 2; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = (result * base) % prime
    base = (base * base) % prime
  }
  return result
}

/** Value modulo the prime of the count of every row set, at random odds; sets whose count vanishes there ask for other odds. */
const residues = (propositions: ReadonlyArray<string>, rng: Rng): { values: Float64Array; inverses: Float64Array } => {
  const rows = 2 ** propositions.length
  const odds = new Map(oddsVariables(propositions).map((name) => [name, 1 + rng.int(prime - 1)]))
  const weights = Array.from({ length: rows }, (_, row) =>
    propositions.reduce((product, p, k) => ((row >> k) & 1 ? (product * odds.get(ratioName(p))!) % prime : product), 1)
  )
  const values = new Float64Array(2 ** rows)
  for (let set = 1; set < values.length; set++) {
    values[set] = (values[set & (set - 1)]! + weights[31 - Math.clz32(set & -set)]!) % prime
    if (values[set] === 0) return residues(propositions, rng)
  }
  return { values, inverses: values.map((value, set) => (set === 0 ? 0 : inverse(value))) }
}

/** All non-degenerate structures in the canonical order: fewest rows, then smaller ticks, then smaller crosses. */
const canonicalOrder = (rows: number): Array<Masks> => {
  const sets = 2 ** rows
  const bySize: Array<Array<Masks>> = Array.from({ length: 2 * rows + 1 }, () => [])
  for (let ticks = 1; ticks < sets; ticks++) {
    for (let crosses = 1; crosses < sets; crosses++) {
      bySize[popcount(ticks) + popcount(crosses)]!.push({ ticks, crosses })
    }
  }
  return bySize.flat()
}

/**
 * All distinct losses over the propositions, canonical structures first and in the canonical order.
 * @throws RangeError for more than three propositions
 */
export const lossClasses = (
  propositions: ReadonlyArray<string>,
  progress?: CountProgress
): ReadonlyArray<LossClass> => {
  if (propositions.length > listable)
    throw new RangeError(`lossClasses: ${propositions.length} propositions are too many to list`)
  const rng = Rng.fromSeed("fingerprints")
  const [first, second] = [residues(propositions, rng.split("first")), residues(propositions, rng.split("second"))]
  const variables = oddsVariables(propositions)
  // A count depends on its row set alone: 2^rows polynomials serve all structures.
  const count = Array.from({ length: 2 ** (2 ** propositions.length) }, (_, set) =>
    set === 0 ? undefined : oddsCounts(structureOf(propositions, { ticks: set, crosses: set })).ticks
  )
  const groups = new Map<number, Array<{ members: Array<Masks>; counts: OddsCounts }>>()
  const classes: Array<LossClass> = []
  const structures = canonicalOrder(2 ** propositions.length)
  const advance = everyFew(progress, "structures compared", structures.length)
  for (const masks of structures) {
    advance()
    const [a, b] = [first, second].map(
      ({ values, inverses }) => (values[masks.ticks]! * inverses[masks.crosses]!) % prime
    )
    const fingerprint = a! * prime + b!
    const group = groups.get(fingerprint)
    const own: OddsCounts = { variables, ticks: count[masks.ticks]!, crosses: count[masks.crosses]! }
    const known = group?.find((other) => isZero(difference(other.counts, own)))
    if (known !== undefined) {
      known.members.push(masks)
      continue
    }
    const fresh = { members: [masks], counts: own }
    classes.push(fresh)
    if (group === undefined) groups.set(fingerprint, [fresh])
    else group.push(fresh)
  }
  return classes
}

/**
 * The number of distinct losses of n propositions without copies, in closed form. A class is a coprime pair of counts over
 * exactly k propositions times a common factor over the other n - k, so with c(k) such pairs over k given propositions the
 * `(2^(2^n) - 1)^2` non-degenerate structures are `Σ_k C(n,k) c(k) (2^(2^(n-k)) - 1)`; solved for c, the classes are
 * `Σ_k C(n,k) c(k)`: 7, 187, 63475, 4294246507 for n = 1 to 4.
 */
export const distinctLossCount = (n: number): bigint => {
  const choose = (m: number, k: number): bigint => {
    let value = 1n
    for (let i = 0; i < k; i++) value = (value * BigInt(m - i)) / BigInt(i + 1)
    return value
  }
  const sets = (m: number): bigint => 2n ** (2n ** BigInt(m)) - 1n
  const coprime: Array<bigint> = []
  for (let m = 0; m <= n; m++) {
    let left = sets(m) ** 2n
    for (let k = 0; k < m; k++) left -= choose(m, k) * coprime[k]! * sets(m - k)
    coprime.push(left / sets(0))
  }
  return coprime.reduce((sum, value, k) => sum + choose(n, k) * value, 0n)
}
