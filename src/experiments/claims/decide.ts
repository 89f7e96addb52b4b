/** @file Claims decided on bandit records. Pure: rows in, rows out. */
import type { BanditRow } from "../figures/records.ts"
import { isPooled, type Quantity, readRun, readRuns } from "../quantities/quantity.ts"
import { type Condition, type Group, groupsOf, type Run } from "../quantities/runs.ts"
import { type Selection, selects } from "../quantities/select.ts"
import { decideHump, decideTrend, type ShownDecision } from "./along.ts"
import { type Bound, type Claim, checkOf, type Other } from "./claim.ts"
import type { ClaimPartRow, ClaimRow } from "./rows.ts"
import { type Decision, decideAbove, decideRange, toldOf, verdictOfAll } from "./verdict.ts"
import { checkText, claimedName, conditionName, quantityName } from "./words.ts"

/** Runs that one decision is about: of one condition, or of all that a pooled quantity takes together. */
interface Part {
  readonly conditions: ReadonlyArray<Condition>
  /** By seed; one run a seed unless pooled. */
  readonly runs: ReadonlyMap<number, ReadonlyArray<Run>>
}

const bySeed = (groups: ReadonlyArray<Group>): Part => {
  const runs = new Map<number, Array<Run>>()
  for (const run of groups.flatMap((group) => group.runs)) runs.set(run.seed, [...(runs.get(run.seed) ?? []), run])
  return { conditions: groups.map(({ condition }) => condition), runs }
}

const runsOf = (part: Part): ReadonlyArray<Run> => [...part.runs.values()].flat()

const partsOf = (groups: ReadonlyArray<Group>, of: Selection, quantity: Quantity): ReadonlyArray<Part> => {
  const chosen = groups.filter(({ condition }) => selects(of, condition))
  if (chosen.length === 0) return []
  return isPooled(quantity) ? [bySeed(chosen)] : chosen.map((group) => bySeed([group]))
}

/** What the other side of a comparison is about: the same condition, but for what it says itself. */
const otherGroups = (groups: ReadonlyArray<Group>, here: Condition, of: Selection): ReadonlyArray<Group> => {
  const own: Selection = {
    study: of.study ?? here.study,
    loss: of.loss ?? here.loss,
    reference: of.reference ?? here.reference,
    ceWeight: of.ceWeight ?? here.ceWeight,
    ...(of.where ? { where: of.where } : {})
  }
  const found = groups.filter(({ condition }) => selects(own, condition))
  // With settings of its own it is another variant; else the same one, where the study has it.
  const same = of.where ? [] : found.filter(({ condition }) => variantOf(condition) === variantOf(here))
  return same.length > 0 ? same : found
}

const variantOf = ({ environment, study }: Condition): string => environment.slice(study.length)

const values = (part: Part, quantity: Quantity): ReadonlyMap<number, number | undefined> =>
  new Map([...part.runs].map(([seed, runs]) => [seed, readRuns(runs, quantity)]))

/** Left minus right, seed by seed. */
const differences = (left: ReadonlyMap<number, number | undefined>, right: (seed: number) => number | undefined) =>
  [...left].map(([seed, value]) => {
    const other = right(seed)
    return value === undefined || other === undefined ? undefined : value - other
  })

const quantityOf = ({ value, at, across, fit }: Quantity): Quantity => ({
  value,
  ...(at === undefined ? {} : { at }),
  ...(across ? { across } : {}),
  ...(fit ? { fit } : {})
})

/** The quantity on the other side; a pooled statistic goes with the quantity that it is of. */
const otherQuantity = (quantity: Quantity, other: Other): Quantity => quantityOf({ ...quantity, ...other } as Quantity)

/** One comparison: differences from the bound, and in words what the bound is. */
interface Comparison {
  readonly differences: ReadonlyArray<number | undefined>
  readonly than: string
}

const runBound = (runs: ReadonlyArray<Run>, bound: string | number): number | undefined => {
  if (typeof bound === "number") return bound
  const run = runs[0]
  return run === undefined ? undefined : readRun(run, { value: bound })
}

const comparisons = (
  part: Part,
  quantity: Quantity,
  bound: Bound,
  groups: ReadonlyArray<Group>
): ReadonlyArray<Comparison> => {
  const left = values(part, quantity)
  if (typeof bound !== "object") {
    const right = (seed: number) => runBound(part.runs.get(seed) ?? [], bound)
    return [{ differences: differences(left, right), than: String(bound) }]
  }
  const other = otherQuantity(quantity, bound)
  const here = part.conditions[0]!
  const found =
    bound.of === undefined
      ? [part]
      : isPooled(other)
        ? partsOf(groups, bound.of, other)
        : otherGroups(groups, here, bound.of).map((group) => bySeed([group]))
  return found.map((there) => {
    const right = values(there, other)
    return { differences: differences(left, (seed) => right.get(seed)), than: partName(there, other) }
  })
}

const partName = ({ conditions }: Part, quantity: Quantity): string => {
  const [first] = conditions
  const where = conditions.length === 1 && first ? conditionName(first) : `${conditions.length} conditions`
  return `${quantityName(quantity)} (${where})`
}

/** A decision with what its interval is of, and where that is a difference, from what. */
interface PartDecision extends ShownDecision {
  readonly than?: string
}

type Decide = (differences: ReadonlyArray<number | undefined>) => Decision

/** Decisions on differences from a bound; the value itself is shown where the bound is a plain number. */
const decideBound = (
  part: Part,
  quantity: Quantity,
  bound: Bound,
  groups: ReadonlyArray<Group>,
  decide: Decide
): ReadonlyArray<PartDecision> => {
  const found = comparisons(part, quantity, bound, groups)
  if (found.length === 0) return [{ verdict: "open", why: "there is nothing to compare with", shows: "difference" }]
  return found.map(({ differences, than }) => {
    const decision = decide(differences)
    return typeof bound === "number"
      ? { ...toldOf(decision, 1, bound), shows: "value" }
      : { ...decision, shows: "difference", than }
  })
}

const belowZero =
  (by: number): Decide =>
  (differences) =>
    toldOf(
      decideAbove(
        differences.map((value) => (value === undefined ? undefined : -value)),
        by
      ),
      -1
    )

/** The decisions on one part of a claim: one, or one for each quantity that it is compared with. */
const decidePart = (claim: Claim, part: Part, groups: ReadonlyArray<Group>): ReadonlyArray<PartDecision> => {
  const quantity = quantityOf(claim)
  const compared = (bound: Bound, decide: Decide) => decideBound(part, quantity, bound, groups, decide)
  switch (checkOf(claim)) {
    case "above": {
      const { than, by = 0 } = claim.above!
      return compared(than, (differences) => decideAbove(differences, by))
    }
    case "below":
      return compared(claim.below!.than, belowZero(claim.below!.by ?? 0))
    case "close": {
      const { to, within } = claim.close!
      return compared(to, (differences) => decideRange(differences, -within, within))
    }
    case "between": {
      const [low, high] = claim.between!
      return [{ ...decideRange([...values(part, quantity).values()], low, high), shows: "value" }]
    }
    case "increases":
      return [decideTrend(runsOf(part), quantity, 1, claim.increases!.slack, claim.increases!.by ?? 0)]
    case "decreases":
      return [decideTrend(runsOf(part), quantity, -1, claim.decreases!.slack, claim.decreases!.by ?? 0)]
    case "interiorMaximum":
      return [decideHump(runsOf(part), quantity, claim.interiorMaximum!.by ?? 0)]
  }
}

const partRow = (claim: Claim, part: Part, decision: PartDecision): ClaimPartRow => {
  const { interval, verdict, shows, than, why } = decision
  return {
    kind: "part",
    claim: claim.id,
    where:
      part.conditions.length === 1
        ? conditionName(part.conditions[0]!)
        : `${part.conditions.length} conditions together`,
    verdict,
    shows,
    ...(interval ? { mean: interval.mean } : {}),
    ...(interval?.low === undefined || interval.high === undefined ? {} : { low: interval.low, high: interval.high }),
    seeds: interval?.n ?? 0,
    ...(than === undefined ? {} : { than }),
    ...(why === undefined ? {} : { why })
  }
}

/** Decides one claim: its row, then one row a part. */
const decideClaim = (claim: Claim, groups: ReadonlyArray<Group>): ReadonlyArray<ClaimRow> => {
  const quantity = quantityOf(claim)
  const parts = partsOf(groups, claim.of, quantity).flatMap((part) =>
    decidePart(claim, part, groups).map((decision) => partRow(claim, part, decision))
  )
  const verdict = verdictOfAll(parts.map((part) => part.verdict))
  return [
    {
      kind: "claim",
      claim: claim.id,
      says: claim.says,
      source: claim.source,
      quantity: claimedName(claim, quantity),
      check: checkText(claim),
      verdict,
      expect: claim.expect,
      ...(claim.because === undefined ? {} : { because: claim.because }),
      stands: verdict === (claim.expect === "holds" ? "holds" : "fails"),
      parts: parts.length,
      ...(claim.figure === undefined ? {} : { figure: claim.figure })
    },
    ...parts
  ]
}

/** Decides the claims of a study on its bandit records, in their order. */
export const decideClaims = (claims: ReadonlyArray<Claim>, rows: ReadonlyArray<BanditRow>): ReadonlyArray<ClaimRow> => {
  const groups = groupsOf(rows)
  return claims.flatMap((claim) => decideClaim(claim, groups))
}
