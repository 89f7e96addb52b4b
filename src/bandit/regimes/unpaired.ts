/**
 * Thumbs up and thumbs down on single responses: a good and a bad example that have nothing to do with each other are set
 * side by side, as unpaired losses (KTO, BCO) sum them. Any other loss over pairs runs too and sees pairs across prompts.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { fullBatches, replacementBatches } from "../batch.ts"
import { drawFrom } from "../comparisons.ts"
import type { Environment } from "../environment.ts"
import { BanditSpecError } from "../errors.ts"
import { type DataOptions, exactPairs, type PairTable, responsePairs } from "../pairs.ts"
import { fixedRegime } from "./offline.ts"
import type { MakeRegime } from "./regime.ts"

export const UnpairedSpec = Schema.Struct({ kind: Schema.Literal("unpaired") }).annotate({
  description: "Answers judged one by one, thumbs up or down."
})
export type UnpairedSpec = typeof UnpairedSpec.Type

/** More pairs than this are not enumerated. */
const maxPairs = 4_000_000

/** Distributions of good and bad responses over all contexts, each shape [contexts * arms] and of sum 1. */
interface Thumbs {
  readonly good: Float64Array
  readonly bad: Float64Array
}

/** What the environment shows as good and bad; without feedback of its own, the winners and losers of its comparisons. */
const thumbsOf = (environment: Environment, { noise = 0, covered }: DataOptions): Thumbs => {
  const { feedback, arms, contextWeights, reference } = environment
  const [good, bad] = [new Float64Array(reference.length), new Float64Array(reference.length)]
  if (feedback === undefined) {
    const pairs = exactPairs(environment, covered === undefined ? {} : { covered })
    for (let i = 0; i < pairs.count; i++) {
      good[pairs.chosen[i]!]! += pairs.weight[i]!
      bad[pairs.rejected[i]!]! += pairs.weight[i]!
    }
  } else {
    const { desirableContexts = contextWeights, undesirableContexts = contextWeights } = feedback
    for (let i = 0; i < reference.length; i++) {
      if (covered?.[i] === 0) continue
      good[i] = desirableContexts[Math.floor(i / arms)]! * feedback.desirable[i]!
      bad[i] = undesirableContexts[Math.floor(i / arms)]! * feedback.undesirable[i]!
    }
  }
  return {
    good: good.map((p, i) => (1 - noise) * p + noise * bad[i]!),
    bad: bad.map((p, i) => (1 - noise) * p + noise * good[i]!)
  }
}

function* product({ good, bad }: Thumbs) {
  for (let chosen = 0; chosen < good.length; chosen++) {
    if (good[chosen] === 0) continue
    for (let rejected = 0; rejected < bad.length; rejected++) {
      const weight = good[chosen]! * bad[rejected]!
      if (weight > 0) yield { chosen, rejected, weight }
    }
  }
}

function* drawn({ good, bad }: Thumbs, count: number, rng: Rng) {
  const [up, down] = [drawFrom(good), drawFrom(bad)]
  for (let i = 0; i < count; i++) yield { chosen: up.next(rng), rejected: down.next(rng), weight: 1 }
}

/** `{kind: unpaired}`; in the mode `sampled`, `pairs` good and as many bad examples. */
export const unpaired: MakeRegime = ({ environment, spec, options, rng }) => {
  const { data, optimizer, steps } = spec
  const thumbs = thumbsOf(environment, options)
  const size = thumbs.good.length ** 2
  if (data.mode === "exact" && size > maxPairs) {
    const issue = `data.mode: exact would enumerate ${size} pairs of examples, at most ${maxPairs}; use sampled`
    return Result.fail(new BanditSpecError({ issues: [issue] }))
  }
  const examples = data.mode === "exact" ? product(thumbs) : drawn(thumbs, data.pairs, rng.split("data").split("pairs"))
  const table: PairTable = responsePairs(environment, examples, options.scores)
  const source =
    optimizer.batchSize === undefined
      ? fullBatches(table)
      : replacementBatches(table, optimizer.batchSize, rng.split("batches"))
  return Result.succeed(fixedRegime(table, [source], steps))
}
