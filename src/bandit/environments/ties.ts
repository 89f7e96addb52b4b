/**
 * Any environment whose judges may call a tie (Davidson 1970, "On extending the Bradley–Terry model to accommodate ties"): with
 * p = P(a ≻ b), q = P(b ≻ a), a : b : tie is as p : q : ν √(p q), so ties are the likelier the closer the answers, and nobody
 * calls one where p is 0 or 1. `rate` is the probability of a tie between equals, ν = 2 rate / (1 - rate).
 *
 * - `as: coin` (default): a coin decides, P' = (p + ν √(p q) / 2) / (1 + ν √(p q));
 * - `as: dropped`: the pair is left out, so that labels stay what they were and close answers are compared less often.
 *
 * Rewards, and so the optimum, are those of the world inside; thumbs are not touched. Rate 0 changes nothing.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { type Comparisons, comparisonMatrix } from "../comparisons.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { BanditSpecError } from "../errors.ts"
import type { PreferenceModel } from "../preferences.ts"

/** Options of the wrapper around an environment specified by `Of`. */
export interface TiesOptions<Of> {
  readonly kind: "ties"
  /** Probability of a tie between equally good answers, in [0, 1). */
  readonly rate: number
  /** What becomes of a tie. Default "coin". */
  readonly as?: "coin" | "dropped"
  readonly of: Of
}

const schema = <Of extends Schema.Constraint>(of: Of) =>
  Schema.Struct({
    kind: Schema.Literal("ties"),
    rate: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMaximum: true })),
    as: Schema.optionalKey(Schema.Literals(["coin", "dropped"])),
    of
  })

/** Odds of a tie against a verdict. */
type TieOdds = (context: number, first: number, second: number) => number

const tieOdds =
  ({ probability }: PreferenceModel, rate: number): TieOdds =>
  (context, first, second) =>
    // Both are asked for: 1 - p is 0 where p rounds to 1.
    ((2 * rate) / (1 - rate)) * Math.sqrt(probability(context, first, second) * probability(context, second, first))

const byCoin = (model: PreferenceModel, odds: TieOdds): PreferenceModel => ({
  probability: (context, first, second) => {
    const tie = odds(context, first, second)
    return (model.probability(context, first, second) + tie / 2) / (1 + tie)
  }
})

/** More entries than this a table of pairs may not have. */
const maxTable = 4_000_000

const withoutTies = ({ id, contexts, arms, comparisons }: Environment, odds: TieOdds): Comparisons => {
  if (contexts * arms ** 2 > maxTable) {
    const issue = `dropped needs a table of ${contexts * arms ** 2} pairs of ${id}, at most ${maxTable}; use coin`
    throw new BanditSpecError({ issues: [`environment.as: ${issue}`] })
  }
  const probability = new Float64Array(contexts * arms * arms)
  for (let c = 0; c < contexts; c++) {
    // Every environment compares two answers in every context.
    const matrix = comparisonMatrix(comparisons, c, arms)!
    let total = 0
    for (let i = 0; i < matrix.length; i++) {
      matrix[i]! /= 1 + odds(c, Math.floor(i / arms), i % arms)
      total += matrix[i]!
    }
    for (let i = 0; i < matrix.length; i++) probability[c * matrix.length + i] = matrix[i]! / total
  }
  return { kind: "table", probability }
}

const make = <Of>(
  { rate, as, of }: TiesOptions<Of>,
  rng: Rng,
  inner: (spec: Of, rng: Rng) => Environment
): Environment => {
  const world = inner(of, rng)
  const id = `ties(${world.id})`
  if (rate === 0) return { ...world, id }
  const odds = tieOdds(world.preference, rate)
  const change =
    as === "dropped" ? { comparisons: withoutTies(world, odds) } : { preference: byCoin(world.preference, odds) }
  return checkedEnvironment({ ...world, id, ...change })
}

export const tiesEnvironment = {
  id: "ties",
  title: "Judges who may call a tie",
  schema,
  make
} as const
