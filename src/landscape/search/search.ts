/**
 * Structures of a space that have the properties asked for, found without listing the others: rows are marked one after another,
 * and a partial marking is given up as soon as bounds, distances or a test (tests.ts) rule out all its completions.
 */
import { rowCount } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"
import { popcount } from "../classes.ts"
import { hasCopies } from "../odds.ts"
import { distinctFilter } from "./distinct.ts"
import { crossBit, isDegenerateMarking, markAt, structureOfMarks, tickBit } from "./marks.ts"
import { isWhole, nonDegenerateSize, type SearchSpace, wholeSpace } from "./space.ts"
import { type SearchTest, searchTests } from "./tests.ts"

/** What a search did; fields grow as it goes on. */
export interface SearchStats {
  /** Complete structures whose properties were decided. */
  examined: number
  /** Structures of the space, degenerate ones aside, that were never completed: with `examined`, all of them at the end. */
  pruned: bigint
  /** Structures handed out. */
  found: number
  /** Structures left out only because a property stayed undecided. */
  undecided: number
}

/** Counters at zero. */
export const searchStats = (): SearchStats => ({ examined: 0, pruned: 0n, found: 0, undecided: 0 })

/** For each row the marks that the bounds allow, ascending: none, tick, cross, both. */
const allowedMarks = ({ propositions, low, high }: SearchSpace): ReadonlyArray<ReadonlyArray<number>> => {
  const rows = rowCount(propositions.length)
  const bit = (code: bigint, at: number): number => Number((code >> BigInt(at)) & 1n)
  return Array.from({ length: rows }, (_, row) =>
    [0, 1, 2, 3].filter((mark) => {
      const [tick, notCross] = [mark & tickBit ? 1 : 0, mark & crossBit ? 0 : 1]
      return (
        bit(low, row) <= tick &&
        tick <= bit(high, row) &&
        bit(low, rows + row) <= notCross &&
        notCross <= bit(high, rows + row)
      )
    })
  )
}

/** Distances from the centres while rows are marked: whether some centre is still within reach. */
interface Reach {
  readonly enter: (row: number, mark: number) => boolean
}

const anywhere: Reach = { enter: () => true }

/**
 * Marks changed from each centre, plus those that the bounds will force in the rows to come, must stay within the radius for one
 * centre: the bound is exact, so with one centre no branch dies out.
 */
const reachOf = (
  { propositions, centres = [], radius }: SearchSpace,
  allowed: ReadonlyArray<ReadonlyArray<number>>
): Reach => {
  if (radius === undefined) return anywhere
  const rows = rowCount(propositions.length)
  const wanted = centres.map((centre) => Uint8Array.from({ length: rows }, (_, row) => markAt(centre, row, rows)))
  const changes = (a: number, b: number): number => ((a ^ b) & 1) + (((a ^ b) >> 1) & 1)
  const toCome = wanted.map((marks) => {
    const forced = new Int32Array(rows + 1)
    for (let row = rows - 1; row >= 0; row--) {
      forced[row] = forced[row + 1]! + Math.min(...allowed[row]!.map((mark) => changes(mark, marks[row]!)))
    }
    return forced
  })
  const done = wanted.map(() => new Int32Array(rows + 1))
  return {
    enter: (row, mark) => {
      let isNear = false
      for (let k = 0; k < wanted.length; k++) {
        const changed = done[k]![row]! + changes(mark, wanted[k]![row]!)
        done[k]![row + 1] = changed
        if (changed + toCome[k]![row + 1]! <= radius) isNear = true
      }
      return isNear
    }
  }
}

/** All complete markings that every partial test lets through, degenerate ones aside; the array is used again. */
function* markings(space: SearchSpace, tests: ReadonlyArray<SearchTest>): Generator<Uint8Array, void, undefined> {
  const allowed = allowedMarks(space)
  if (allowed.some((marks) => marks.length === 0)) return
  const rows = allowed.length
  const reach = reachOf(space, allowed)
  const marks = new Uint8Array(rows)
  const next = new Int32Array(rows + 1)
  const passes = (row: number): boolean => tests.every((test) => test.passes(marks, row))
  let row = 0
  while (row >= 0) {
    if (row === rows) {
      if (!isDegenerateMarking(marks)) yield marks
      row--
      continue
    }
    const choice = next[row]!++
    if (choice === allowed[row]!.length) {
      next[row] = 0
      row--
      continue
    }
    marks[row] = allowed[row]![choice]!
    if (reach.enter(row, marks[row]!) && passes(row)) row++
  }
}

const verdictOf = (tests: ReadonlyArray<SearchTest>, marks: Uint8Array, structure: () => Structure) => {
  let verdict: "holds" | "undecided" = "holds"
  for (const test of tests) {
    const own = test.verdict(marks, structure)
    if (own === "fails") return "fails"
    if (own === "undecided") verdict = "undecided"
  }
  return verdict
}

/** The markings with the properties of the space, one of each loss or all; the array is used again. */
function* foundMarkings(space: SearchSpace, stats: SearchStats): Generator<Uint8Array, void, undefined> {
  const tests = searchTests(space)
  const isNew = space.distinct ? distinctFilter(space) : undefined
  stats.pruned = nonDegenerateSize(space)
  const completed = stats.pruned
  for (const marks of markings(space, tests)) {
    stats.examined++
    const structure = (): Structure => structureOfMarks(space.propositions, marks)
    const verdict = verdictOf(tests, marks, structure)
    if (verdict === "undecided") stats.undecided++
    if (verdict !== "holds" || (isNew !== undefined && !isNew(structure()))) continue
    stats.found++
    stats.pruned = completed - BigInt(stats.examined)
    yield marks
  }
  stats.pruned = completed - BigInt(stats.examined)
}

/**
 * The non-degenerate structures of the space with its properties, lazily, ordered by their marks from row 0 on (none, tick,
 * cross, both). One whose property is undecided is counted and left out.
 * @param stats counters that go along with the search
 */
export function* searchStructures(
  space: SearchSpace,
  stats: SearchStats = searchStats()
): Generator<Structure, void, undefined> {
  for (const marks of foundMarkings(space, stats)) yield structureOfMarks(space.propositions, marks)
}

/** How often a long count says where it is: structures examined in between. */
const reportEvery = 2 ** 16

/** Told, during a count, how many structures have been examined so far. */
export type CountProgress = (examined: number) => void

const searchedCount = (space: SearchSpace, onProgress: CountProgress): bigint => {
  const stats = searchStats()
  let due = reportEvery
  for (const _ of foundMarkings(space, stats)) {
    if (stats.examined < due) continue
    due += reportEvery
    onProgress(stats.examined)
  }
  if (stats.undecided > 0) throw new RangeError(`countStructures: ${stats.undecided} structures are undecided`)
  return BigInt(stats.found)
}

/**
 * The losses of a whole landscape without copies, from counts of structures. A structure over P is a pair of coprime counts that
 * use exactly the propositions U, times a common factor, any non-empty set of patterns of the others; monotonicity is that of the
 * pair. So with c(U) such pairs P has `s(P) = Σ_U c(U) (2^(2^|P - U|) - 1)` structures, solved for c from the smallest list on.
 */
const lossCount = (space: SearchSpace, onProgress: CountProgress): bigint => {
  const pairsOver = new Map<number, bigint>()
  const n = space.propositions.length
  for (let used = 0; used < 2 ** n; used++) {
    const propositions = space.propositions.filter((_, k) => (used >> k) & 1)
    let pairs = countStructures({ ...space, ...wholeSpace(propositions), distinct: false }, onProgress)
    for (const [fewer, count] of pairsOver) {
      if ((fewer & ~used) !== 0) continue
      const free = popcount(used & ~fewer)
      pairs -= count * ((1n << (1n << BigInt(free))) - 1n)
    }
    pairsOver.set(used, pairs)
  }
  return [...pairsOver.values()].reduce((sum, pairs) => sum + pairs)
}

/**
 * How many structures {@link searchStructures} finds, exactly: in closed form where no property is asked for, else by the search;
 * losses of the whole landscape by {@link lossCount}.
 * @throws RangeError when a property of one of them is undecided: a count must not guess
 */
export const countStructures = (space: SearchSpace, onProgress: CountProgress = () => undefined): bigint => {
  const { monotone, antisymmetric, distinct, propositions } = space
  if (monotone === undefined && !antisymmetric && !distinct) return nonDegenerateSize(space)
  // Of antisymmetric losses the search builds little more than the canonical structures.
  const byClasses = distinct && !antisymmetric && isWhole(space) && !hasCopies(propositions)
  return byClasses ? lossCount(space, onProgress) : searchedCount(space, onProgress)
}
