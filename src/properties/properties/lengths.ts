import type * as fc from "fast-check"
import { armRows, type PairCase, pairCaseShape, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, type Property } from "../property.ts"
import type { Point } from "../ratio.ts"
import { CaseArbitrary } from "../shrink.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

/** A pair whose answers have several tokens. */
export interface LengthCase {
  readonly pair: PairCase
  readonly chosenTokens: number
  readonly rejectedTokens: number
}

const mostTokens = 6

const isTokens = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1

const lengthCases = (subject: LossSubject): CaseArbitrary<LengthCase> => {
  const shape = pairCaseShape(subject, { mostArms: 3 })
  const tokens = (random: fc.Random): number => random.nextInt(1, mostTokens)
  return new CaseArbitrary<LengthCase>({
    draw: (random) => ({ pair: shape.draw(random), chosenTokens: tokens(random), rejectedTokens: tokens(random) }),
    isCase: (value): value is LengthCase => {
      if (typeof value !== "object" || value === null) return false
      const { pair, chosenTokens, rejectedTokens } = value as Partial<Record<keyof LengthCase, unknown>>
      return shape.isCase(pair) && isTokens(chosenTokens) && isTokens(rejectedTokens)
    },
    complexity: ({ pair, chosenTokens, rejectedTokens }) => [
      pair.policy.length,
      chosenTokens + rejectedTokens,
      rejectedTokens,
      ...shape.complexity(pair).slice(1)
    ],
    *candidates({ pair, chosenTokens, rejectedTokens }) {
      for (let n = 1; n <= chosenTokens; n++) {
        for (let m = 1; m <= rejectedTokens; m++) yield { pair, chosenTokens: n, rejectedTokens: m }
      }
      for (const simpler of shape.candidates(pair)) yield { pair: simpler, chosenTokens, rejectedTokens }
    }
  })
}

/** Another reading of the same answers at other lengths: the point at one token each, and at the case's lengths. */
type Longer = (point: Point, chosen: number, rejected: number) => Point

const withCounts: Longer = (point, nw, nl) => ({ ...point, nw, nl })

const withTokens: Longer = (point, nw, nl) => ({
  ...point,
  nw,
  nl,
  lw: nw * point.lw!,
  rw: nw * point.rw!,
  ll: nl * point.ll!,
  rl: nl * point.rl!
})

const both = (subject: LossSubject, { pair, chosenTokens, rejectedTokens }: LengthCase, longer: Longer) => {
  const point = pointOf(pair)
  return { short: subject.at(point).loss, long: subject.at(longer(point, chosenTokens, rejectedTokens)).loss }
}

const checkOf = (longer: Longer, explanation: string): Check<LengthCase> => ({
  arbitrary: lengthCases,
  predicate: (subject, value) => {
    const { short, long } = both(subject, value, longer)
    if (!Number.isFinite(short) || !Number.isFinite(long)) return { outside: "the loss is not finite here" }
    return equalWithin(long, short, identityTolerance * (1 + Math.abs(short)))
  },
  describe: (subject, value) => {
    const { short, long } = both(subject, value, longer)
    return {
      arms: armRows(value.pair, {
        tokens: value.pair.policy.map((_, k) => [value.chosenTokens, value.rejectedTokens][k] ?? 1)
      }),
      facts: { "loss at one token each": short, "loss at these lengths": long, ...value.pair.inputs },
      explanation: `${explanation}, the loss changes from ${numberText(short)} to ${numberText(long)}.`
    }
  }
})

const quantifiers =
  "for all policies, references, extra inputs and lengths of 1 to 6 tokens (policy and reference give whole answers these probabilities)"

const readsNoLengths = ({ loss }: LossSubject): boolean => !loss.inputs.includes("nw") && !loss.inputs.includes("nl")

/** Losses of whole answers: DPO, IPO, CoPG, the sixteen. */
export const ignoresLengths: Property = {
  id: "ignores-lengths",
  aliases: [],
  title: "Only whole answers count",
  statement: "The loss of two answers with given probabilities does not depend on how many tokens they have.",
  quantifiers,
  source: "docs/losses.md §1",
  appliesTo: needsPair,
  decide: (subject) =>
    readsNoLengths(subject) ? { verdict: "proved", certificate: "the program reads no token counts" } : undefined,
  check: checkOf(withCounts, "With the same probabilities of whole answers and other numbers of tokens")
}

/** Losses of per-token means: SimPO, IPO as TRL averages it. */
export const perToken: Property = {
  id: "per-token",
  aliases: ["length-normalised"],
  title: "Only means per token count",
  statement: "Making an answer longer at the same mean log-probability per token changes nothing.",
  quantifiers: quantifiers.replace("whole answers these", "every token of an answer its"),
  source: "docs/losses.md §1; arXiv 2405.14734",
  appliesTo: needsPair,
  check: checkOf(withTokens, "With the same mean log-probabilities per token and more tokens")
}
