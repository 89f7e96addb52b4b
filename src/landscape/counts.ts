/** The exact counts of a landscape: structures, distinct losses, those with the properties one wants, comparable pairs. */
import { swapResponses } from "../logic/proposition.ts"
import { type CountProgress, distinctLossCount, everyFew, type LossClass, listable, lossClasses } from "./classes.ts"
import { swapAntisymmetric } from "./identity.ts"
import { difference, hasCopies, type OddsCounts, slope } from "./odds.ts"
import { hasNoNegative, isZero, type OddsPolynomial, scale } from "./oddsPolynomial.ts"
import { countStructures, wholeSpace } from "./search/index.ts"
import { decideSign, type SignVerdict } from "./sign.ts"

/** Ordered pairs (a, b), a ≠ b, of distinct losses; null where listing them is not feasible. */
export interface ComparablePairs {
  /** Some representatives have a ⊑ b. */
  readonly entailment: number
  /** rho_a <= rho_b on the whole open cube. */
  readonly dominance: number | null
  /** Neither shown nor refuted within the budget. */
  readonly undecided: number | null
}

/** The counts as docs/contract.md defines them; null where a count would need listing more than is feasible. */
export interface LandscapeCounts {
  readonly propositions: ReadonlyArray<string>
  readonly structures: number | null
  readonly nonDegenerate: number | null
  readonly distinctLosses: number | null
  readonly zeroClassSize: number | null
  readonly monotone: number | null
  readonly strictlyMonotone: number | null
  readonly swapAntisymmetricStrictlyMonotone: number | null
  readonly admissible: number | null
  readonly admissibleCovers: number | null
  /** Distinct losses by the closed form of {@link distinctLossCount}, listed or not; null with copies. */
  readonly distinctLossesClosedForm: number | null
  readonly comparablePairs?: ComparablePairs | null
}

/** A count as a JSON number, or null beyond the integers that doubles hold exactly. */
const exactNumber = (value: bigint): number | null => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null)

/** What a sign decision came to, remembered by the coefficients: few polynomials occur many times. */
export const signMemo = (): ((a: OddsPolynomial) => SignVerdict["verdict"]) => {
  const known = new Map<string, "holds" | "fails" | "undecided">()
  return (a: OddsPolynomial): "holds" | "fails" | "undecided" => {
    if (hasNoNegative(a)) return "holds"
    const key = `${a.degrees.join()}:${a.coefficients.join()}`
    const found = known.get(key) ?? decideSign(a).verdict
    known.set(key, found)
    return found
  }
}

const shapeCounts = (propositions: ReadonlyArray<string>) => {
  const rows = 2n ** BigInt(propositions.length)
  const sets = 2n ** rows
  const paired = propositions.includes("M(w)") && propositions.includes("M(l)")
  const free = rows / 2n
  return {
    structures: exactNumber(sets ** 2n),
    nonDegenerate: exactNumber((sets - 1n) ** 2n),
    // rho = 0 exactly when both row sets are the same, unless copies make different rows weigh the same.
    zeroClassSize: hasCopies(propositions) ? null : exactNumber(sets - 1n),
    // Half of the rows have w and l true together or false together: four marks each. A mark is two bits.
    admissible: paired ? exactNumber(4n ** free) : null,
    admissibleCovers: paired ? exactNumber(4n ** free * free) : null,
    distinctLossesClosedForm: hasCopies(propositions) ? null : exactNumber(distinctLossCount(propositions.length))
  }
}

/** Whether rho is monotone, and strictly so. @throws RangeError when a sign stays undecided: a count must not guess */
const monotonicity = (counts: OddsCounts, sign: ReturnType<typeof signMemo>): "no" | "weak" | "strict" => {
  let strict = true
  for (const [name, direction] of [
    ["p_w", 1n],
    ["p_l", -1n]
  ] as const) {
    const k = counts.variables.indexOf(name)
    const change = k < 0 ? undefined : slope(counts, k)
    if (change === undefined || isZero(change)) {
      strict = false
      continue
    }
    const verdict = sign(scale(change, direction))
    if (verdict === "undecided") throw new RangeError("monotonicity: a derivative's sign is undecided")
    if (verdict === "fails") return "no"
  }
  return strict ? "strict" : "weak"
}

const isClosedUnderSwap = (propositions: ReadonlyArray<string>): boolean =>
  propositions.every((p) => propositions.includes(swapResponses(p)))

/** Classes of equal rho that are monotone, by strictness. */
export const monotoneClasses = (
  classes: ReadonlyArray<LossClass>,
  progress?: CountProgress
): { readonly weak: ReadonlyArray<LossClass>; readonly strict: ReadonlyArray<LossClass> } => {
  const sign = signMemo()
  const advance = everyFew(progress, "losses examined", classes.length)
  const kinds = classes.map((entry) => {
    advance()
    return monotonicity(entry.counts, sign)
  })
  return {
    weak: classes.filter((_, i) => kinds[i] !== "no"),
    strict: classes.filter((_, i) => kinds[i] === "strict")
  }
}

const listedCounts = (
  propositions: ReadonlyArray<string>,
  classes: ReadonlyArray<LossClass>,
  progress: CountProgress | undefined
) => {
  const { weak, strict } = monotoneClasses(classes, progress)
  const antisymmetric = isClosedUnderSwap(propositions)
    ? strict.filter((entry) => swapAntisymmetric(entry.counts, "absolute").verdict === "proved").length
    : null
  const zero = classes.find((entry) =>
    isZero(difference(entry.counts, { ...entry.counts, ticks: entry.counts.crosses }))
  )
  return {
    distinctLosses: classes.length,
    zeroClassSize: zero?.members.length ?? 0,
    monotone: weak.length,
    strictlyMonotone: strict.length,
    swapAntisymmetricStrictlyMonotone: antisymmetric
  }
}

/**
 * Ordered pairs of classes of which some members have a ⊑ b. In codes `ticks | ¬crosses << rows` that is inclusion: pairs of
 * one-member classes are counted by summing over supersets, the others by walking the subsets and supersets of each member.
 */
export const entailmentPairs = (classes: ReadonlyArray<LossClass>, rows: number): number => {
  const bits = 2 * rows
  const all = 2 ** bits - 1
  const classAt = new Int32Array(2 ** bits).fill(-1)
  const codes = classes.map((entry, id) =>
    entry.members.map(({ ticks, crosses }) => {
      const code = ticks | ((2 ** rows - 1 - crosses) << rows)
      classAt[code] = id
      return code
    })
  )
  const isSingle = (id: number): boolean => codes[id]!.length === 1
  const above = Int32Array.from(classAt, (id) => (id >= 0 && isSingle(id) ? 1 : 0))
  for (let bit = 1; bit <= all; bit *= 2) {
    for (let code = 0; code <= all; code++) if ((code & bit) === 0) above[code]! += above[code | bit]!
  }
  let pairs = 0
  codes.forEach((members, id) => {
    if (members.length === 1) {
      pairs += above[members[0]!]! - 1
      return
    }
    const [upper, lower] = [new Set<number>(), new Set<number>()]
    for (const code of members) {
      const free = all & ~code
      for (let extra = free; ; extra = (extra - 1) & free) {
        if (classAt[code | extra]! >= 0) upper.add(classAt[code | extra]!)
        if (extra === 0) break
      }
      for (let part = code; ; part = (part - 1) & code) {
        if (classAt[part]! >= 0 && isSingle(classAt[part]!)) lower.add(classAt[part]!)
        if (part === 0) break
      }
    }
    upper.delete(id)
    pairs += upper.size + lower.size
  })
  return pairs
}

/** Ordered pairs of classes with rho_a <= rho_b everywhere, and those left open. */
export const dominancePairs = (
  classes: ReadonlyArray<LossClass>
): { readonly dominance: number; readonly undecided: number } => {
  const sign = signMemo()
  const total = { holds: 0, fails: 0, undecided: 0 }
  classes.forEach((a, i) => {
    for (const b of classes.slice(i + 1)) {
      const rise = difference(a.counts, b.counts)
      total[sign(rise)]++
      total[sign(scale(rise, -1n))]++
    }
  })
  return { dominance: total.holds, undecided: total.undecided }
}

/**
 * Strictly monotone antisymmetric losses of four propositions: few enough to be searched for in a moment. Null where there are
 * more propositions, or the list has copies or is not closed under the swap.
 */
const fairCount = (propositions: ReadonlyArray<string>): number | null =>
  propositions.length === 4 && isClosedUnderSwap(propositions) && !hasCopies(propositions)
    ? exactNumber(
        countStructures({ ...wholeSpace(propositions), monotone: "strict", antisymmetric: true, distinct: true })
      )
    : null

/** The largest number of propositions of which all pairs of losses are compared by rho. */
const comparable = 2

/**
 * The counts of the landscape over the propositions, as docs/contract.md `landscape` defines them.
 * @param options.pairs whether to count comparable pairs too (null beyond three propositions)
 * @param options.progress hears how far the count has come
 */
export const landscapeCounts = (
  propositions: ReadonlyArray<string>,
  options: { readonly pairs?: boolean; readonly progress?: CountProgress } = {}
): LandscapeCounts => {
  const n = propositions.length
  const shape = shapeCounts(propositions)
  if (n > listable) {
    const unlisted = {
      distinctLosses: null,
      monotone: null,
      strictlyMonotone: null,
      swapAntisymmetricStrictlyMonotone: fairCount(propositions)
    }
    return { propositions, ...shape, ...unlisted, ...(options.pairs ? { comparablePairs: null } : {}) }
  }
  const classes = lossClasses(propositions, options.progress)
  const counts = { propositions, ...shape, ...listedCounts(propositions, classes, options.progress) }
  if (!options.pairs) return counts
  const dominated = n <= comparable ? dominancePairs(classes) : { dominance: null, undecided: null }
  return { ...counts, comparablePairs: { entailment: entailmentPairs(classes, 2 ** n), ...dominated } }
}
