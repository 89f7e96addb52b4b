/**
 * Self-play in rounds: at the start of each, the policy becomes the reference of the losses and the opponent of win rates;
 * pairs are drawn from it until the next round. With SPPO this is the published algorithm (arXiv 2405.00675); with DPO it is
 * iterative DPO.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { averagePolicy } from "../averagePolicy.ts"
import { emptyBatch, type PairBatch } from "../batch.ts"
import { responseTables } from "../inputs/filler.ts"
import { exactPairs } from "../pairs.ts"
import { flipped } from "../preferences.ts"
import { allPairsBatch, expectedPairsInto, type Matchup, sampledPairsInto } from "./proposals.ts"
import type { Current, MakeRegime } from "./regime.ts"

export const SelfPlaySpec = Schema.Struct({
  kind: Schema.Literal("self-play"),
  every: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).annotateKey({ description: "Updates of a round." }),
  reference: Schema.optionalKey(Schema.Literals(["round", "start"])).annotateKey({
    description: "What the losses call the reference: the policy of the round's start (default), or π_ref throughout."
  })
}).annotate({ description: "Rounds in which the policy of the round's start proposes the pairs." })
export type SelfPlaySpec = typeof SelfPlaySpec.Type

/** `{kind: self-play, every}` */
export const selfPlay =
  ({ every, reference = "round" }: SelfPlaySpec): MakeRegime =>
  ({ environment, world, spec, rng, options }) => {
    const opponent = Float64Array.from(environment.reference)
    world.opponent = opponent
    const matchup: Matchup = {
      environment,
      preference: flipped(environment.preference, options.noise ?? 0),
      tables: responseTables(world),
      first: opponent,
      second: opponent,
      identical: false
    }
    const average = averagePolicy(environment)
    const startRound = ({ logp, prob }: Current): void => {
      average.add(prob)
      opponent.set(prob)
      if (reference === "round") world.logReference.set(logp)
    }
    const draws = rng.split("batches")
    const { batchSize } = spec.optimizer
    const whole = allPairsBatch(environment)
    const batch = batchSize === undefined ? whole : emptyBatch(batchSize)
    const expected = (): PairBatch => {
      expectedPairsInto(whole, matchup)
      return whole
    }
    const next = (step: number, current: Current): PairBatch => {
      if (step % every === 0) startRound(current)
      if (batchSize === undefined) return step % every === 0 ? expected() : whole
      sampledPairsInto(batch, batchSize, matchup, draws)
      return batch
    }
    return Result.succeed({
      next,
      whole: expected,
      adaptive: true,
      table: exactPairs(environment, options),
      facts: () => ({ averageExploitability: average.exploitability() })
    })
  }
