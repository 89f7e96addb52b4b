import { makeBradleyTerry } from "../../bandit/environments/bradleyTerry.ts"
import { rankingAccuracy } from "../../bandit/metrics.ts"
import { sampledPairs } from "../../bandit/pairs.ts"
import type { Rng } from "../../random/rng.ts"
import { type MeasuredMean, measureMean, type Sample } from "../measured.ts"
import { needsPopulation } from "../population.ts"
import type { Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { trainedAt } from "../training.ts"

const recipe = { arms: 8, pairs: 4000, rate: 0.02, steps: 1000 } as const

const observe = ({ loss }: LossSubject, rng: Rng): Sample | undefined => {
  const { arms, pairs, rate, steps } = recipe
  const environment = makeBradleyTerry({ kind: "bradley-terry", arms }, rng.split("world"))
  const { table } = sampledPairs(environment, pairs, rng.split("data"))
  const trained = trainedAt(loss, environment, table, rate, [steps])?.[0]
  if (trained === undefined) return undefined
  const value = rankingAccuracy(environment, trained.logp)
  return { value, row: { "ranking accuracy": value } }
}

const plan: MeasuredMean = { threshold: 0.5, alpha: 0.01, most: 60, quantity: "ranking accuracy", observe }

/** Clean data with every pair compared: a loss that fails here learns something else than the order. */
export const p37: Property = {
  id: "P37",
  aliases: ["ranks"],
  title: "Clean comparisons teach the order",
  statement:
    "Trained on clean comparisons of all answers, the policy ranks pairs of answers as their rewards do, more often than by chance.",
  quantifiers:
    `for all random bandits with ${recipe.arms} arms, rewards N(0, 1), uniform reference and behaviour, ${recipe.pairs} Bradley–Terry pairs, ` +
    `${recipe.steps} steps of full-batch Adam ${recipe.rate}; mean over data sets, at most ${plan.most}, error rate ${plan.alpha}`,
  source: "docs/experiments.md P37, E14",
  appliesTo: needsPopulation,
  measure: (subject, seed) => measureMean(subject, seed, plan)
}
