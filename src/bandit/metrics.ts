/** Outcomes of a policy in an environment. Logs are natural, so KL, entropy and drifts are in nats. */
import type { Environment } from "./environment.ts"
import { klOptimum, winRateAgainst } from "./optima.ts"
import { type PairTable, unseenResponses } from "./pairs.ts"

/**
 * One row of a trajectory. E_x is the mean over contexts by their weight; sums over y are over arms; "data" is the mean
 * over the training pairs by their weight.
 */
export interface StepMetrics {
  /** Updates made so far; 0 is the policy at the start. */
  readonly step: number
  /** Loss over all training pairs (also when training in minibatches). */
  readonly loss: number
  /** E_x Σ_y π(y) R(y), gold reward. */
  readonly expectedReward: number
  /** E_x KL(π ‖ π_ref) = E_x Σ_y π log(π/π_ref), nats. */
  readonly klToReference: number
  /** E_x KL(π_ref ‖ π), nats. */
  readonly klFromReference: number
  /** J(π*) - J(π) ≥ 0, J = expectedReward - beta · klToReference with the environment's beta. */
  readonly regret: number
  /** E_x Σ_{y, y'} π(y) π_ref(y') P(y ≻ y'); 1/2 at the reference. */
  readonly winRate: number
  /** Mean over data of log π(chosen) - log π_ref(chosen), nats. */
  readonly chosenLogpDrift: number
  /** Mean over data of log π(rejected) - log π_ref(rejected), nats. */
  readonly rejectedLogpDrift: number
  /** E_x of the probability of responses that occur in no training pair. */
  readonly unseenMass: number
  /** unseenMass minus the reference's. */
  readonly unseenMassChange: number
  /** E_x -Σ_y π log π, nats. */
  readonly entropy: number
  /**
   * Share of pairs of arms with different gold rewards that log π orders as the rewards do (a tie counts 1/2), each
   * context by its weight; 1/2 when all rewards are equal.
   */
  readonly rankingAccuracy: number
  /** The same by the implicit reward log π - log π_ref. */
  readonly implicitRankingAccuracy: number
  /** π(y) of every response, context by context, where they are few enough to look at one by one; absent elsewhere. */
  readonly armProbabilities?: ReadonlyArray<number>
}

/** Policies of at most so many responses are kept at every checkpoint: a curve each, and little to store. */
const fewResponses = 6

/** Computes {@link StepMetrics} from a loss and log π, given what does not change during training. */
export interface Evaluator {
  readonly evaluate: (step: number, loss: number, logp: Float64Array, prob: Float64Array) => StepMetrics
}

/** Sums over y of one context at a time, weighted by contexts. */
const contextMean = (environment: Environment, value: (i: number) => number): number => {
  const { arms, contextWeights } = environment
  let total = 0
  for (let i = 0; i < environment.reference.length; i++) total += contextWeights[Math.floor(i / arms)]! * value(i)
  return total
}

/** Mean over the pairs of `score(i)`, i the flat response. */
const pairMean = (responses: Int32Array, weight: Float64Array, score: (i: number) => number): number => {
  let total = 0
  for (let i = 0; i < responses.length; i++) total += weight[i]! * score(responses[i]!)
  return total
}

/** Share of arm pairs with R(a) > R(b) that have score(a) > score(b), ties 1/2; see `rankingAccuracy`. */
export const rankingAccuracy = (environment: Environment, score: Float64Array): number => {
  const { contexts, arms, reward, contextWeights } = environment
  let accuracy = 0
  for (let c = 0; c < contexts; c++) {
    let right = 0
    let pairs = 0
    for (let i = c * arms; i < (c + 1) * arms; i++) {
      for (let j = c * arms; j < (c + 1) * arms; j++) {
        if (!(reward[i]! > reward[j]!)) continue
        pairs += 1
        right += score[i]! > score[j]! ? 1 : score[i] === score[j] ? 0.5 : 0
      }
    }
    accuracy += contextWeights[c]! * (pairs === 0 ? 0.5 : right / pairs)
  }
  return accuracy
}

/** @param table the training pairs: what "data" and "unseen" mean */
export const createEvaluator = (environment: Environment, table: PairTable): Evaluator => {
  const { reference, reward, beta } = environment
  const logReference = reference.map(Math.log)
  const optimum = klOptimum(environment).value
  const wins = winRateAgainst(environment, reference)
  const unseen = unseenResponses(environment, table)
  const unseenReference = contextMean(environment, (i) => unseen[i]! * reference[i]!)
  return {
    evaluate: (step, loss, logp, prob) => {
      const drift = logp.map((value, i) => value - logReference[i]!)
      const expectedReward = contextMean(environment, (i) => prob[i]! * reward[i]!)
      const klToReference = contextMean(environment, (i) => prob[i]! * drift[i]!)
      const unseenMass = contextMean(environment, (i) => unseen[i]! * prob[i]!)
      return {
        step,
        loss,
        expectedReward,
        klToReference,
        klFromReference: contextMean(environment, (i) => -reference[i]! * drift[i]!),
        regret: optimum - (expectedReward - beta * klToReference),
        winRate: contextMean(environment, (i) => prob[i]! * wins[i]!),
        chosenLogpDrift: pairMean(table.chosen, table.weight, (i) => drift[i]!),
        rejectedLogpDrift: pairMean(table.rejected, table.weight, (i) => drift[i]!),
        unseenMass,
        unseenMassChange: unseenMass - unseenReference,
        entropy: contextMean(environment, (i) => -prob[i]! * logp[i]!),
        rankingAccuracy: rankingAccuracy(environment, logp),
        implicitRankingAccuracy: rankingAccuracy(environment, drift),
        ...(prob.length <= fewResponses ? { armProbabilities: [...prob] } : {})
      }
    }
  }
}

/** Gold reward where a trajectory first reaches a KL level. */
export interface MatchedValue {
  /** KL(π ‖ π_ref) in nats. */
  readonly kl: number
  /** Step at which the level is reached, between checkpoints; null when never. */
  readonly step: number | null
  /** Gold reward there, linear in KL between the two checkpoints; null when never. */
  readonly expectedReward: number | null
}

/**
 * Compares trajectories at equal distance from the reference rather than at equal time: for each level, the first pair
 * of neighbouring checkpoints whose KLs enclose it, interpolated linearly in KL.
 */
export const valueAtMatchedKl = (
  trajectory: ReadonlyArray<Pick<StepMetrics, "step" | "klToReference" | "expectedReward">>,
  levels: ReadonlyArray<number>
): ReadonlyArray<MatchedValue> =>
  levels.map((kl) => {
    for (let i = 1; i < trajectory.length; i++) {
      const before = trajectory[i - 1]!
      const after = trajectory[i]!
      if (!(before.klToReference <= kl && kl <= after.klToReference)) continue
      const rise = after.klToReference - before.klToReference
      const share = rise > 0 ? (kl - before.klToReference) / rise : 0
      return {
        kl,
        step: before.step + share * (after.step - before.step),
        expectedReward: before.expectedReward + share * (after.expectedReward - before.expectedReward)
      }
    }
    return { kl, step: null, expectedReward: null }
  })
