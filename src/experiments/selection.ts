/** @file Which losses go on to finetuning, and why the others do not. Pure: rows in, rows out. */
import { canonicalPropertyId } from "../properties/registry.ts"
import type { SelectRow, ValidateRow } from "./figures/records.ts"

/** How losses are chosen; see SelectConfig in sections.ts. */
export interface SelectionRule {
  readonly metric: string
  readonly direction: "max" | "min"
  /** How many of the ranking go on. */
  readonly top: number
  /** How many of the derived losses go on, best first, if the ranking alone does not bring as many. */
  readonly derived: number
  /** Property → verdicts that are good enough. */
  readonly require: Readonly<Record<string, ReadonlyArray<string>>>
  /** Losses that go on whatever their rank. Requirements hold for them too. */
  readonly alwaysInclude: ReadonlyArray<string>
  /** Lets losses go on that a requirement refuses; the records say so. */
  readonly force: boolean
}

/** A final outcome of one seed on the bandit. */
export interface Outcome {
  readonly loss: string
  /** The metric, or undefined when the run diverged. */
  readonly value: number | undefined
}

/** The places of the losses by mean outcome, best first; losses that diverged under some seed have none. */
export const rankLosses = (
  outcomes: ReadonlyArray<Outcome>,
  direction: "max" | "min"
): ReadonlyMap<string, { readonly rank: number; readonly mean: number }> => {
  const byLoss = new Map<string, Array<number | undefined>>()
  for (const { loss, value } of outcomes) byLoss.set(loss, [...(byLoss.get(loss) ?? []), value])
  const means = [...byLoss].flatMap(([loss, values]) => {
    const finite = values.filter((value) => value !== undefined)
    return finite.length < values.length ? [] : [{ loss, mean: finite.reduce((a, b) => a + b, 0) / finite.length }]
  })
  const sign = direction === "max" ? -1 : 1
  means.sort((a, b) => sign * (a.mean - b.mean) || (a.loss < b.loss ? -1 : 1))
  return new Map(means.map(({ loss, mean }, i) => [loss, { rank: i + 1, mean }]))
}

interface Refusal {
  readonly reason: string
  readonly counterexample?: NonNullable<ValidateRow["counterexample"]>
}

/** The first requirement that a loss does not meet. A property that nobody examined is not met. */
const refusalOf = (
  loss: string,
  require: SelectionRule["require"],
  verdicts: ReadonlyArray<ValidateRow>
): Refusal | undefined => {
  for (const [property, accepted] of Object.entries(require)) {
    // Verdicts are listed under ids; a requirement may use another name.
    const row = verdicts.find((one) => one.loss === loss && one.property === canonicalPropertyId(property))
    const needed = `${property} has to be ${accepted.join(" or ")}`
    if (row === undefined) return { reason: `refused: ${needed}, and was not examined` }
    if (!accepted.includes(row.verdict)) {
      const { counterexample } = row
      return {
        reason: `refused: ${needed}, and is ${row.verdict}`,
        ...(counterexample === undefined ? {} : { counterexample })
      }
    }
  }
  return undefined
}

/** What would bring a loss to finetuning, requirements aside. */
const claimOf = (
  loss: string,
  rule: SelectionRule,
  ranks: ReturnType<typeof rankLosses>,
  bestDerived: ReadonlySet<string>
): string | undefined => {
  const rank = ranks.get(loss)?.rank
  if (rule.alwaysInclude.includes(loss)) return "named in alwaysInclude"
  if (rank !== undefined && rank <= rule.top) return `rank ${rank} of ${ranks.size} by ${rule.metric}`
  if (bestDerived.has(loss)) return `the best derived loss by ${rule.metric}, rank ${rank} of ${ranks.size}`
  return undefined
}

/** Why a loss that nothing speaks for stays behind. */
const unplacedReason = (
  loss: string,
  { metric, top }: SelectionRule,
  ranks: ReturnType<typeof rankLosses>,
  outcomes: ReadonlyArray<Outcome>
): string => {
  const rank = ranks.get(loss)?.rank
  if (rank === undefined) {
    return outcomes.some((outcome) => outcome.loss === loss)
      ? "its bandit runs diverged"
      : "it did not run on the bandit"
  }
  const place = `rank ${rank} of ${ranks.size} by ${metric}`
  return top === 0 ? `${place}, and the study takes none by rank alone` : `${place}, below the first ${top}`
}

/**
 * Decides for every candidate. Order: the ranking, then those without a rank in the order given.
 * @param candidates all losses that were considered, each once
 * @param derived those of them that the derive stage found
 */
export const selectLosses = (
  rule: SelectionRule,
  candidates: ReadonlyArray<string>,
  derived: ReadonlySet<string>,
  outcomes: ReadonlyArray<Outcome>,
  verdicts: ReadonlyArray<ValidateRow>
): ReadonlyArray<SelectRow> => {
  const ranks = rankLosses(outcomes, rule.direction)
  const place = (loss: string): number => ranks.get(loss)?.rank ?? Number.POSITIVE_INFINITY
  const ordered = [...candidates].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)))
  const acceptable = (loss: string): boolean => rule.force || refusalOf(loss, rule.require, verdicts) === undefined
  const rankedDerived = ordered.filter((loss) => derived.has(loss) && ranks.has(loss) && acceptable(loss))
  const bestDerived = new Set(rankedDerived.slice(0, rule.derived))
  return ordered.map((loss): SelectRow => {
    const rank = ranks.get(loss)?.rank
    const claim = claimOf(loss, rule, ranks, bestDerived)
    const refusal = refusalOf(loss, rule.require, verdicts)
    const selected = claim !== undefined && (refusal === undefined || rule.force)
    const forced = selected && refusal !== undefined
    const unplaced = unplacedReason(loss, rule, ranks, outcomes)
    const reasons = [...(refusal ? [refusal.reason] : []), claim ?? unplaced]
    return {
      loss,
      selected,
      forced,
      reason: (forced ? [`forced although ${refusal.reason}`, claim] : reasons).join("; "),
      ...(refusal?.counterexample === undefined ? {} : { counterexample: refusal.counterexample }),
      ...(rank === undefined ? {} : { rank })
    }
  })
}
