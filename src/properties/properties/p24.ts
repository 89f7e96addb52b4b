import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

const shift = 1

const bothShifts = (subject: LossSubject, pair: PairCase) => {
  const point = pointOf(pair)
  const shifted = Object.fromEntries(
    Object.entries(point).map(([name, value]) => [name, name === "s_w" || name === "s_l" ? value + shift : value])
  )
  return { here: subject.at(point), there: subject.at(shifted) }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const { here, there } = bothShifts(subject, pair)
    if (!Number.isFinite(here.loss) || !Number.isFinite(there.loss)) return { outside: "the loss is not finite here" }
    const near = (a: number, b: number) => equalWithin(a, b, identityTolerance * (1 + Math.abs(a)))
    const outcomes = [near(here.loss, there.loss), near(here.dlw, there.dlw), near(here.dll, there.dll)]
    return outcomes.find((outcome) => "holds" in outcome && !outcome.holds) ?? outcomes[0]!
  },
  describe: (subject, pair) => {
    const { here, there } = bothShifts(subject, pair)
    return {
      arms: armRows(pair),
      facts: { loss: here.loss, "loss, rewards raised by 1": there.loss, ...pair.inputs },
      explanation: `Raising the reward of every answer by 1 changes the loss from ${numberText(here.loss)} to ${numberText(there.loss)}.`
    }
  }
}

/** Rewards from preferences are only known up to a constant per context. */
export const p24: Property = {
  id: "P24",
  aliases: ["reward-shift-invariant"],
  title: "Only reward differences matter",
  statement: "Adding a constant to all rewards changes neither value nor gradient.",
  quantifiers: "for all policies, references, rewards and constants (searched at 1)",
  source: "docs/experiments.md P24",
  appliesTo: (subject) => {
    const pair = needsPair(subject)
    if (pair !== true) return pair
    return subject.loss.inputs.some((name) => name === "s_w" || name === "s_l") ? true : "the loss reads no rewards"
  },
  check
}
