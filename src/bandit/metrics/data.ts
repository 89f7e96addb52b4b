/** Metrics of what happens to responses that are, and that are not, in the data. */
import { tokenTable } from "../tokens.ts"
import { contextMean, type Metric, type PartialMetric, pairMean } from "./metric.ts"

export const chosenLogpDrift: Metric<"chosenLogpDrift"> = {
  id: "chosenLogpDrift",
  title: "change of log π(chosen), nats",
  unit: "nats",
  definition: "mean over data of log π(chosen) - log π_ref(chosen); 0 at the reference",
  prepare:
    ({ table }) =>
    ({ drift }) =>
      pairMean(table.chosen, table.weight, (i) => drift[i]!)
}

export const rejectedLogpDrift: Metric<"rejectedLogpDrift"> = {
  id: "rejectedLogpDrift",
  title: "change of log π(rejected), nats",
  unit: "nats",
  definition: "mean over data of log π(rejected) - log π_ref(rejected); 0 at the reference",
  prepare:
    ({ table }) =>
    ({ drift }) =>
      pairMean(table.rejected, table.weight, (i) => drift[i]!)
}

export const unseenMass: Metric<"unseenMass"> = {
  id: "unseenMass",
  title: "mass on unseen arms",
  unit: "share",
  definition: "E_x of the probability of responses that occur in no training pair; 0 where all occur",
  prepare:
    ({ environment, unseen }) =>
    ({ prob }) =>
      contextMean(environment, (i) => unseen[i]! * prob[i]!)
}

export const unseenMassChange: Metric<"unseenMassChange"> = {
  id: "unseenMassChange",
  title: "change of mass on unseen arms",
  unit: "share",
  definition: "unseenMass minus the reference's, in [-1, 1]",
  prepare: (world) => {
    const mass = unseenMass.prepare(world)
    const { environment, unseen } = world
    const start = contextMean(environment, (i) => unseen[i]! * environment.reference[i]!)
    return (view) => mass(view) - start
  }
}

export const unseenLargestGain: Metric<"unseenLargestGain"> = {
  id: "unseenLargestGain",
  title: "largest gain of an unseen arm",
  unit: "share",
  definition: "largest π - π_ref over all responses that occur in no training pair, in [-1, 1]; 0 where all occur",
  prepare:
    ({ environment, unseen }) =>
    ({ prob }) => {
      let most = Number.NEGATIVE_INFINITY
      for (let i = 0; i < prob.length; i++) {
        if (unseen[i] === 1) most = Math.max(most, prob[i]! - environment.reference[i]!)
      }
      return most === Number.NEGATIVE_INFINITY ? 0 : most
    }
}

/** Mean over data of Σ over a response's prefixes of KL(π_ref(· | prefix) ‖ π(· | prefix)); see tokens.ts. */
const sequentialKl =
  (side: "chosen" | "rejected"): PartialMetric["prepare"] =>
  ({ environment, table }) => {
    if (environment.tree === undefined) return undefined
    const tokens = tokenTable(environment)
    return ({ prob }) => {
      tokens.read(prob)
      return pairMean(table[side], table.weight, tokens.sequentialKl)
    }
  }

export const chosenSequentialKl: PartialMetric<"chosenSequentialKl"> = {
  id: "chosenSequentialKl",
  title: "sequential KL of chosen answers, nats",
  unit: "nats",
  definition:
    "mean over data of Σ_t KL(π_ref(· | prefix) ‖ π(· | prefix)) along the chosen answer; absent without a token tree",
  prepare: sequentialKl("chosen")
}

export const rejectedSequentialKl: PartialMetric<"rejectedSequentialKl"> = {
  id: "rejectedSequentialKl",
  title: "sequential KL of rejected answers, nats",
  unit: "nats",
  definition: "the same along the rejected answer",
  prepare: sequentialKl("rejected")
}
