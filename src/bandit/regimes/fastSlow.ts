/**
 * Two modules that chase each other (online fast-slow DPO, arXiv 2406.05534): both follow the same loss on the same batches,
 * one at the learning rate of the optimiser, one slower, and the fast one is kept near the slow one by a penalty on the gap
 * between their preference probabilities. With domains that arrive one by one, the fast module's parameters at the end of
 * each may be averaged (the cross-domain variant).
 *
 * The published objective could not be read in full; the penalty here is our reading of its description:
 * `alpha E[(P_fast - P_slow)²]`, `P = σ(beta ((lw - rw) - (ll - rl)))` over the pairs of the batch, the slow module fixed.
 */
import * as Schema from "effect/Schema"
import type { PairBatch } from "../batch.ts"
import { Fraction, NonNegative, Positive } from "../environments/options.ts"
import type { World } from "../inputs/filler.ts"
import type { Objective } from "../objective.ts"
import type { Optimizer } from "../optimizer.ts"
import type { Policy } from "../policy.ts"
import { sigmoid } from "../preferences.ts"
import { softmaxPullbackInPlace } from "../softmax.ts"

export const FastSlowSpec = Schema.Struct({
  kind: Schema.Literal("fast-slow"),
  every: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))).annotateKey({
    description: "The slow module moves in every n-th step. Default 1."
  }),
  rate: Schema.optionalKey(Fraction.check(Schema.isGreaterThan(0))).annotateKey({
    description: "Its learning rate as a share of the fast one's. Default 0.1."
  }),
  alpha: Schema.optionalKey(NonNegative).annotateKey({ description: "Weight of the penalty on the gap. Default 1." }),
  beta: Schema.optionalKey(Positive).annotateKey({
    description: "Scale of the preference probabilities. Default 0.1."
  }),
  combine: Schema.optionalKey(Schema.Boolean).annotateKey({
    description: "Ends with the mean of the fast module's parameters at the end of every domain. Default false."
  })
}).annotate({ description: "Fixed pairs, learned by a fast and a slow module." })
export type FastSlowSpec = typeof FastSlowSpec.Type

/** A second module beside the one that is trained. */
export interface Companion {
  /** Makes its own step and adds what it wants of the other to the gradient by the logits; `objective` is at the other's policy. */
  readonly stepInto: (step: number, batch: PairBatch, objective: Objective, gradient: Float64Array) => void
  /** After the other's step. */
  readonly afterStep: (step: number, parameters: Float64Array) => void
  /** After the last step. */
  readonly finishInPlace: (parameters: Float64Array) => void
  /** Numbers for the trajectory. */
  readonly facts: () => Readonly<Record<string, number>>
}

/** What the slow module is made of. */
export interface SlowModule {
  readonly world: World
  readonly policy: Policy
  readonly objective: Objective
  readonly makeOptimizer: (size: number, rate: number) => Optimizer
  readonly steps: number
  /** Domains that arrive one by one; 1: all at once. */
  readonly phases: number
}

/** The slow module and what ties the fast one to it. */
export const fastSlow = (spec: FastSlowSpec, slow: SlowModule): Companion => {
  const { every = 1, rate = 0.1, alpha = 1, beta = 0.1, combine = false } = spec
  const { world, policy, objective, steps, phases } = slow
  const { contexts, arms } = world.environment
  const parameters = policy.initial()
  const optimizer = slow.makeOptimizer(parameters.length, rate)
  const [logits, gradient, penalty] = [0, 1, 2].map(() => new Float64Array(contexts * arms)) as [
    Float64Array,
    Float64Array,
    Float64Array
  ]
  const parameterGradient = new Float64Array(parameters.length)
  const ends = new Set(Array.from({ length: phases }, (_, k) => Math.ceil(((k + 1) * steps) / phases)))
  const sum = new Float64Array(parameters.length)
  let gap = 0
  const probability = (logp: Float64Array, w: number, l: number): number =>
    sigmoid(beta * (logp[w]! - world.logReference[w]! - (logp[l]! - world.logReference[l]!)))
  const addPenalty = (batch: PairBatch, fast: Objective, out: Float64Array): void => {
    penalty.fill(0)
    gap = 0
    for (let i = 0; i < batch.count; i++) {
      const [w, l] = [batch.chosen[i]!, batch.rejected[i]!]
      const p = probability(fast.logp, w, l)
      const distance = p - probability(objective.logp, w, l)
      gap += batch.weight[i]! * Math.abs(distance)
      const slope = 2 * alpha * batch.weight[i]! * distance * beta * p * (1 - p)
      penalty[w]! += slope
      penalty[l]! -= slope
    }
    softmaxPullbackInPlace(fast.prob, contexts, arms, penalty)
    for (let i = 0; i < out.length; i++) out[i]! += penalty[i]!
  }
  return {
    stepInto: (step, batch, fast, out) => {
      policy.logitsInto(parameters, logits)
      objective.gradientInto(batch, logits, gradient)
      addPenalty(batch, fast, out)
      if (step % every !== every - 1) return
      policy.pullbackInto(parameters, gradient, parameterGradient)
      optimizer.stepInPlace(parameters, parameterGradient)
    },
    afterStep: (step, fast) => {
      if (combine && ends.has(step + 1)) for (let i = 0; i < sum.length; i++) sum[i]! += fast[i]! / ends.size
    },
    finishInPlace: (fast) => {
      if (combine) fast.set(sum)
    },
    facts: () => ({ moduleGap: gap })
  }
}
