import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, needsPair, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import type { Weights } from "../weights.ts"
import { collapseOrder } from "./p13.ts"

/** Nats by which both answers fall together. */
const depths = [0, 10, 1000, 1e9] as const

/** Policies whose loss must not be lower than where the collapse ends: otherwise that is no infimum. */
const others: ReadonlyArray<Weights> = [1, 20, 1000].flatMap((ratio) => [
  [ratio, 1, 1],
  [1, ratio, 1],
  [ratio, ratio, 1],
  [1, 1, ratio]
])

const along = (subject: LossSubject, pair: PairCase): ReadonlyArray<number> => {
  const point = pointOf(pair)
  return depths.map((depth) => subject.at({ ...point, lw: point.lw! - depth, ll: point.ll! - depth }).loss)
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { fewestArms: 3 }),
  predicate: (subject, pair) => {
    // Powers of probabilities leave the doubles at the last depth: the deepest value there is counts.
    const losses = along(subject, pair).filter((loss) => !Number.isNaN(loss))
    if (losses.length < 3) return { outside: "the loss has no value here" }
    const end = losses.at(-1)!
    const reference = pair.reference === undefined ? {} : { reference: [...pair.reference.slice(0, 2), 1] }
    const lowest = Math.min(...others.map((policy) => subject.at(pointOf({ ...pair, ...reference, policy })).loss))
    const excess = Math.max(Math.abs(end), end - lowest)
    return { holds: excess <= optimumTolerance, margin: optimumTolerance - excess }
  },
  describe: (subject, pair) => {
    const losses = along(subject, pair)
    return {
      arms: armRows(pair),
      facts: Object.fromEntries(depths.map((depth, k) => [`loss after falling ${depth} nats`, losses[k]!])),
      explanation:
        `Both answers lose probability at the same rate, their mass going to the unseen ones: the loss starts at ${numberText(losses[0]!)} and ` +
        `ends at ${numberText(losses.at(-1)!)}, so giving up both answers does not minimise it.`
    }
  }
}

/** The collapse of unCPO, cfUNL, fUNL and l14 without a likelihood term. */
export const p14: Property = {
  id: "P14",
  aliases: ["minimum-at-collapse"],
  title: "Giving up both answers minimises the loss",
  statement:
    "The loss falls to its infimum 0 when both answers' probabilities vanish together and unseen answers take the mass.",
  quantifiers: "along p_w = c p_l -> 0 for all c > 0, all references and extra inputs, at least one unseen answer",
  source: "docs/experiments.md P14, 1.7",
  appliesTo: needsPair,
  // Where rho does not grow the loss keeps a positive limit, or a hinge may have reached its margin: the search tells.
  decide: (subject) => {
    const { structure, link } = subject.loss
    if (structure === undefined || !subject.agrees || !subject.fallingLink || collapseOrder(structure) <= 0)
      return undefined
    return {
      verdict: "proved",
      certificate:
        `at p = O(e), e -> 0, WMC(crosses) / WMC(ticks) = O(e^${collapseOrder(structure)}): rho -> infinity, and the ${link.kind} link ` +
        `falls to 0`
    }
  },
  check
}
