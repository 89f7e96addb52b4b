/**
 * A pair case with a second loss beside the examined one: a structure that the examined one entails (some ticks more, some
 * crosses fewer), over the same propositions and with the same link.
 */
import type * as fc from "fast-check"
import { count, type RowSet, rowsOf } from "../logic/rows.ts"
import type { Structure } from "../logic/structure.ts"
import { type PairCase, pairCaseShape } from "./pairCase.ts"
import { readMask } from "./rows.ts"
import { CaseArbitrary, type CaseShape } from "./shrink.ts"
import type { LossSubject } from "./subject.ts"
import { weightsOfTotal } from "./weights.ts"

/** Ticks and crosses of the second structure as decimal digits, and the bandit at which both are evaluated. */
export interface RelativeCase {
  readonly pair: PairCase
  readonly ticks: string
  readonly crosses: string
}

const drawMask = (random: fc.Random, n: number): RowSet => {
  let set = 0n
  for (let row = 0; row < 2 ** n; row++) if (random.nextInt(0, 1) === 1) set |= 1n << BigInt(row)
  return set
}

const drawRelative = (structure: Structure, random: fc.Random): Pick<RelativeCase, "ticks" | "crosses"> => {
  const n = structure.propositions.length
  const ticks = structure.ticks | (drawMask(random, n) & drawMask(random, n))
  const kept = structure.crosses & (drawMask(random, n) | drawMask(random, n))
  return { ticks: String(ticks), crosses: String(kept === 0n ? structure.crosses : kept) }
}

/** The second structure of a case. @throws RangeError when its masks are not row sets */
export const relativeStructure = (structure: Structure, value: RelativeCase): Structure => {
  const ticks = readMask(value.ticks, structure.propositions.length)
  const crosses = readMask(value.crosses, structure.propositions.length)
  if (ticks === undefined || crosses === undefined) throw new RangeError("relativeStructure: masks out of range")
  return { propositions: structure.propositions, ticks, crosses }
}

/** The structures one mark above the given one, crosses never empty. */
const closestRelatives = ({
  propositions,
  ticks,
  crosses
}: Structure): Array<Pick<RelativeCase, "ticks" | "crosses">> => {
  const rows = Array.from({ length: 2 ** propositions.length }, (_, row) => 1n << BigInt(row))
  const added = rows.filter((row) => (ticks & row) === 0n).map((row) => ({ ticks: ticks | row, crosses }))
  const removed =
    count(crosses) < 2 ? [] : rowsOf(crosses).map((row) => ({ ticks, crosses: crosses & ~(1n << BigInt(row)) }))
  return [...added, ...removed].map((masks) => ({ ticks: String(masks.ticks), crosses: String(masks.crosses) }))
}

const marksBetween = (structure: Structure, value: RelativeCase): number =>
  count(BigInt(value.ticks) ^ structure.ticks) + count(BigInt(value.crosses) ^ structure.crosses)

function* relativeCandidates(
  structure: Structure,
  shape: CaseShape<PairCase>,
  value: RelativeCase
): Generator<RelativeCase> {
  const closest = closestRelatives(structure)
  const { reference, inputs } = value.pair
  const rest = {
    ...(reference === undefined ? {} : { reference: [1, 1] }),
    ...(inputs === undefined ? {} : { inputs })
  }
  for (let sum = 2; sum <= 12; sum++) {
    for (const policy of weightsOfTotal(2, sum)) {
      for (const masks of closest) yield { pair: { policy, ...rest }, ...masks }
    }
  }
  for (const masks of closest) yield { ...value, ...masks }
  for (const pair of shape.candidates(value.pair)) yield { ...value, pair }
}

/** Relative cases of a loss that has a structure. @throws RangeError when it has none */
export const relativeCases = (subject: LossSubject): CaseArbitrary<RelativeCase> => {
  const { structure } = subject.loss
  if (structure === undefined) throw new RangeError(`relativeCases: ${subject.loss.spec} has no structure`)
  const shape = pairCaseShape(subject, { mostArms: 4 })
  return new CaseArbitrary<RelativeCase>({
    draw: (random) => ({ pair: shape.draw(random), ...drawRelative(structure, random) }),
    isCase: (value): value is RelativeCase => {
      if (typeof value !== "object" || value === null) return false
      const { pair, ticks, crosses } = value as Partial<Record<keyof RelativeCase, unknown>>
      const n = structure.propositions.length
      return shape.isCase(pair) && readMask(ticks, n) !== undefined && (readMask(crosses, n) ?? 0n) !== 0n
    },
    complexity: (value) => [value.pair.policy.length, marksBetween(structure, value), ...shape.complexity(value.pair)],
    candidates: (value) => relativeCandidates(structure, shape, value)
  })
}
