import { exactDecision } from "../exact.ts"
import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

const factor = 1 / 2

const bothLevels = (subject: LossSubject, pair: PairCase) => {
  const point = pointOf(pair)
  const moved = { ...point, lw: point.lw! + Math.log(factor), ll: point.ll! + Math.log(factor) }
  const { loss: here, dlw, dll } = subject.at(point)
  return { here, scaled: subject.at(moved).loss, slope: Math.hypot(dlw, dll) }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { fewestArms: 3 }),
  predicate: (subject, pair) => {
    const { here, scaled, slope } = bothLevels(subject, pair)
    if (!Number.isFinite(here) || !Number.isFinite(scaled)) return { outside: "the loss is not finite here" }
    // Relative to the loss, and to what rounding the logarithms alone can change.
    return equalWithin(scaled, here, identityTolerance * (Math.abs(here) + slope))
  },
  describe: (subject, pair) => {
    const { here, scaled } = bothLevels(subject, pair)
    return {
      arms: armRows(pair),
      facts: { loss: here, "loss at half the level": scaled, ...pair.inputs },
      explanation:
        `Halving the probability of both w and l, their ratio staying as it is and the rest going to unseen answers, changes the loss from ` +
        `${numberText(here)} to ${numberText(scaled)}.`
    }
  }
}

/** Euler: invariance is a_w + a_l = 0, so the loss cannot see how much mass its answers have. */
export const p15: Property = {
  id: "P15",
  aliases: ["level-invariant"],
  title: "The level of the pair does not matter",
  statement: "Multiplying the probabilities of both answers by the same factor leaves the loss unchanged.",
  quantifiers:
    "for all (p_w, p_l) and factors c with c (p_w + p_l) <= 1, all references and extra inputs (searched at c = 1/2)",
  source: "docs/experiments.md P15",
  appliesTo: needsPair,
  decide: (subject) => exactDecision(subject, "level-invariant"),
  check
}
