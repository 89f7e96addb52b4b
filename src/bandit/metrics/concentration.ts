/** Metrics of how concentrated a policy is; the top-k ones are the early-warning signs of E5 (arXiv 2410.11677). */
import type { Environment } from "../environment.ts"
import { contextMean, type Measure, type Metric, type PartialMetric, type World } from "./metric.ts"

export const entropy: Metric<"entropy"> = {
  id: "entropy",
  title: "entropy, nats",
  unit: "nats",
  definition: "E_x -Σ_y π log π, between 0 and log arms",
  prepare:
    ({ environment }) =>
    ({ prob, logp }) =>
      contextMean(environment, (i) => -prob[i]! * logp[i]!)
}

/** The k most probable responses of every context, as flat indices; of equal ones the first. */
const topResponses = ({ contexts, arms }: Environment, score: Float64Array, k: number): Int32Array => {
  const top = new Int32Array(contexts * k)
  for (let c = 0; c < contexts; c++) {
    const least = score.slice(c * arms, (c + 1) * arms).sort()[arms - k]!
    let at = c * k
    for (let i = c * arms; i < (c + 1) * arms; i++) if (score[i]! > least) top[at++] = i
    for (let i = c * arms; at < (c + 1) * k; i++) if (score[i] === least) top[at++] = i
  }
  return top
}

/** E_x of the mass on k responses per context. */
const massOf = ({ contextWeights }: Environment, top: Int32Array, k: number, prob: Float64Array): number => {
  let total = 0
  for (let t = 0; t < top.length; t++) total += contextWeights[Math.floor(t / k)]! * prob[top[t]!]!
  return total
}

/** E_x of the entropy of π renormalised to k responses per context, from log π so that tiny masses keep their shape. */
const entropyOf = ({ contexts, contextWeights }: Environment, top: Int32Array, k: number, logp: Float64Array) => {
  let entropy = 0
  for (let c = 0; c < contexts; c++) {
    const row = top.subarray(c * k, (c + 1) * k)
    const peak = row.reduce((most, i) => Math.max(most, logp[i]!), -Infinity)
    let total = 0
    let moment = 0
    for (const i of row) {
      const e = Math.exp(logp[i]! - peak)
      total += e
      moment += e * (logp[i]! - peak)
    }
    entropy += contextWeights[c]! * (Math.log(total) - moment / total)
  }
  return entropy
}

/** Top-k says nothing new where it is most of the arms. */
const fewerThanHalf = ({ environment, topK }: World): boolean => 2 * topK <= environment.arms

const ofCurrent =
  (measure: (world: World, top: Int32Array) => Measure): PartialMetric["prepare"] =>
  (world) =>
    fewerThanHalf(world)
      ? (view) => measure(world, topResponses(world.environment, view.prob, world.topK))(view)
      : undefined

const ofReference =
  (measure: (world: World, top: Int32Array) => Measure): PartialMetric["prepare"] =>
  (world) =>
    fewerThanHalf(world)
      ? measure(world, topResponses(world.environment, world.environment.reference, world.topK))
      : undefined

const mass =
  ({ environment, topK }: World, top: Int32Array): Measure =>
  ({ prob }) =>
    massOf(environment, top, topK, prob)

const topEntropy =
  ({ environment, topK }: World, top: Int32Array): Measure =>
  ({ logp }) =>
    entropyOf(environment, top, topK, logp)

export const massTopK: PartialMetric<"massTopK"> = {
  id: "massTopK",
  title: "mass of the top k arms",
  unit: "share",
  definition: "E_x of the mass of the k most probable responses now; absent when k is more than half of the arms",
  prepare: ofCurrent(mass)
}

export const entropyTopK: PartialMetric<"entropyTopK"> = {
  id: "entropyTopK",
  title: "entropy within the top k arms, nats",
  unit: "nats",
  definition:
    "E_x of the entropy of π renormalised to the k most probable responses now, between 0 and log k; absent when k is more than half of the arms",
  prepare: ofCurrent(topEntropy)
}

export const massReferenceTopK: PartialMetric<"massReferenceTopK"> = {
  id: "massReferenceTopK",
  title: "mass of the reference's top k arms",
  unit: "share",
  definition:
    "E_x of the mass of the k responses most probable under π_ref; absent when k is more than half of the arms",
  prepare: ofReference(mass)
}

export const entropyReferenceTopK: PartialMetric<"entropyReferenceTopK"> = {
  id: "entropyReferenceTopK",
  title: "entropy within the reference's top k arms, nats",
  unit: "nats",
  definition:
    "E_x of the entropy of π renormalised to the k responses most probable under π_ref, between 0 and log k; absent when k is more than half of the arms",
  prepare: ofReference(topEntropy)
}
