/**
 * Pairs from the policy of the moment, with no gradient through the drawing: online DPO and online IPO (both responses from
 * the policy), IPO-MD (from the mixture with the reference), XPO (one from the policy, one from the reference).
 * @see Calandriello et al. 2024, arXiv 2403.08635
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { emptyBatch, type PairBatch } from "../batch.ts"
import { Fraction } from "../environments/options.ts"
import { BanditSpecError } from "../errors.ts"
import { responseTables } from "../inputs/filler.ts"
import { exactPairs } from "../pairs.ts"
import { flipped } from "../preferences.ts"
import {
  allPairsBatch,
  expectedPairsInto,
  type Matchup,
  proposalInto,
  proposers,
  sampledGroupsInto,
  sampledPairsInto
} from "./proposals.ts"
import type { Current, MakeRegime, RegimeContext } from "./regime.ts"

/** Whole expectations, or with `optimizer.batchSize` so many draws a step. */
export const OnlineSpec = Schema.Struct({
  kind: Schema.Literal("online"),
  first: Schema.optionalKey(Schema.Literals(proposers)).annotateKey({
    description: "Who draws the first response of a pair. Default `policy`."
  }),
  second: Schema.optionalKey(Schema.Literals(proposers)).annotateKey({
    description: "Who draws the second. Default: the same."
  }),
  mixture: Schema.optionalKey(Fraction).annotateKey({ description: "b of the mixture π^(1-b) π_ref^b. Default 0.5." }),
  samples: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 64 }))).annotateKey({
    description: "Responses of one context in a step, for policy gradients and losses over groups. Default 2."
  })
}).annotate({ description: "Pairs from the policy of the moment, with no gradient through the drawing." })
export type OnlineSpec = typeof OnlineSpec.Type

/** Whether a loss learns from every response of an example by itself, in whatever order. */
const isUnordered = (loss: string): boolean => /^(?:pg|rloo)(?:\?|$)/.test(loss)

/** What about a cell does not fit, or undefined. */
const issueOf = ({ spec }: RegimeContext, regime: OnlineSpec): string | undefined => {
  const samples = regime.samples ?? 2
  if (samples > 2 && spec.optimizer.batchSize === undefined) {
    return "regime.samples: groups of more than two are drawn, not enumerated; give optimizer.batchSize"
  }
  if (samples > 2 && !isUnordered(spec.loss)) {
    return `regime.samples: "${spec.loss}" is a loss of ranked responses, which samples are not; use pg or rloo, or the regime k-wise`
  }
  return undefined
}

/** The proposals of the moment, in the same buffers every time. */
const matchups = ({ environment, world, options, spec }: RegimeContext, regime: OnlineSpec) => {
  const [first, second] = [new Float64Array(world.scores.length), new Float64Array(world.scores.length)]
  const matchup: Matchup = {
    environment,
    preference: flipped(environment.preference, options.noise ?? 0),
    tables: responseTables(world),
    first,
    second,
    identical: isUnordered(spec.loss)
  }
  const [one = "policy", other = one] = [regime.first, regime.second]
  return (current: Current): Matchup => {
    proposalInto(one, environment, current, regime.mixture ?? 0.5, first)
    proposalInto(other, environment, current, regime.mixture ?? 0.5, second)
    return matchup
  }
}

/** `{kind: online}` */
export const online =
  (regime: OnlineSpec): MakeRegime =>
  (context) => {
    const { environment, spec, rng, options } = context
    const issue = issueOf(context, regime)
    if (issue !== undefined) return Result.fail(new BanditSpecError({ issues: [issue] }))
    const at = matchups(context, regime)
    const draws = rng.split("batches")
    const { batchSize } = spec.optimizer
    const samples = regime.samples ?? 2
    const whole = allPairsBatch(environment)
    const expected = (current: Current): PairBatch => {
      expectedPairsInto(whole, at(current))
      return whole
    }
    const batch = batchSize === undefined ? undefined : emptyBatch(batchSize, samples - 2)
    const grouped = samples > 2
    const next = (_step: number, current: Current): PairBatch => {
      if (batch === undefined) return expected(current)
      if (grouped) sampledGroupsInto(batch, batchSize!, at(current), draws)
      else sampledPairsInto(batch, batchSize!, at(current), draws)
      return batch
    }
    return Result.succeed({ next, whole: expected, adaptive: true, table: exactPairs(environment, options) })
  }
