/** Metrics of reward and of distance from the reference. */
import { klOptimum } from "../optima.ts"
import { frontRegret } from "../solvers/front.ts"
import { klTerm, matchedKl } from "../solvers/matchedKl.ts"
import { contextMean, type Measure, type Metric, type PartialMetric, type ScopedMetric, type World } from "./metric.ts"

export const expectedReward: Metric<"expectedReward"> = {
  id: "expectedReward",
  title: "expected gold reward",
  unit: "reward",
  better: "higher",
  definition: "E_x Σ_y π(y) R(y), R the gold reward",
  prepare:
    ({ environment }) =>
    ({ prob }) =>
      contextMean(environment, (i) => prob[i]! * environment.reward[i]!)
}

export const klToReference: Metric<"klToReference"> = {
  id: "klToReference",
  title: "KL(π ‖ reference), nats",
  unit: "nats",
  definition: "E_x KL(π ‖ π_ref) = E_x Σ_y π log(π / π_ref); 0 at the reference, at most -log min π_ref",
  prepare:
    ({ environment }) =>
    ({ prob, drift }) =>
      contextMean(environment, (i) => prob[i]! * drift[i]!)
}

export const klFromReference: Metric<"klFromReference"> = {
  id: "klFromReference",
  title: "KL(reference ‖ π), nats",
  unit: "nats",
  definition: "E_x KL(π_ref ‖ π); 0 at the reference, unbounded as some π(y) falls to 0",
  prepare:
    ({ environment }) =>
    ({ drift }) =>
      contextMean(environment, (i) => -environment.reference[i]! * drift[i]!)
}

export const regret: Metric<"regret"> = {
  id: "regret",
  title: "regret, reward units",
  unit: "reward",
  better: "lower",
  definition:
    "J(π*) - J(π) = beta KL(π ‖ π*) ≥ 0, J = expectedReward - beta klToReference with the environment's beta, π* its optimum",
  prepare: (world: World) => {
    const optimum = klOptimum(world.environment).value
    const reward = expectedReward.prepare(world)
    const kl = klToReference.prepare(world)
    return (view) => optimum - (reward(view) - world.environment.beta * kl(view))
  }
}

export const matchedRegret: Metric<"matchedRegret"> = {
  id: "matchedRegret",
  title: "regret at the same KL",
  unit: "reward",
  better: "lower",
  definition:
    "max of expectedReward over all policies with at most this klToReference, minus expectedReward: ≥ 0, and 0 exactly at the reference, at a tilt " +
    "π_ref exp(λ R) and at its limit: what is not lost to the distance but to spending it badly",
  prepare: (world) => {
    const { environment } = world
    const reward = expectedReward.prepare(world)
    return (view) => {
      // A sum of positive terms: rounding leaves no distance at the reference, which the square root below would magnify.
      const kl = contextMean(environment, (i) => environment.reference[i]! * klTerm(view.drift[i]!))
      return Math.max(0, matchedKl(environment, kl).expectedReward - reward(view))
    }
  }
}

export const namedRewards: ScopedMetric<"rewards"> = {
  id: "rewards",
  title: "expected reward",
  unit: "reward",
  definition:
    "E_x Σ_y π(y) r(y) for every further reward table r of the environment, by its name; the mass of a set where r is 0 or 1",
  prepare: ({ environment }) =>
    Object.entries(environment.rewards ?? {}).map(([name, table]): [string, Measure] => [
      name,
      ({ prob }) => contextMean(environment, (i) => prob[i]! * table[i]!)
    ])
}

export const frontDistance: PartialMetric<"frontRegret"> = {
  id: "frontRegret",
  title: "distance to the front, reward units",
  unit: "reward",
  better: "lower",
  definition:
    "min over weights w ≥ 0, Σ w = 1, of beta E_x KL(π ‖ π_w), π_w ∝ π_ref exp(Σ_j w_j r_j / beta) and r_j the objectives: " +
    "how much the best weighted objective loses; 0 exactly on the front; absent with fewer than two objectives",
  prepare: ({ environment }) => {
    const { rewards = {}, objectives: names = Object.keys(rewards) } = environment
    const objectives = names.map((name) => rewards[name]!)
    if (objectives.length < 2) return undefined
    return ({ prob, drift }) => frontRegret(environment, objectives, prob, drift).regret
  }
}
