import type * as fc from "fast-check"
import { slope } from "../../landscape/odds.ts"
import { isZero } from "../../landscape/oddsPolynomial.ts"
import { countsOf, exactDecision } from "../exact.ts"
import { armRows, type PairCase, pairCaseShape } from "../pairCase.ts"
import { outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, nonNegative, type Property } from "../property.ts"
import { CaseArbitrary } from "../shrink.ts"
import type { LossSubject } from "../subject.ts"
import { changeText } from "../table.ts"
import type { Decision } from "../verdict.ts"
import { probabilities, weightsOfTotal } from "../weights.ts"

/** A pair on a bandit whose logits are `offset + feature(y) · h`, feature and h trained, h = 1 now. */
export interface FeatureCase {
  readonly pair: PairCase
  /** One integer an arm. */
  readonly features: ReadonlyArray<number>
}

const largestFeature = 12

const isFeatureCase = (value: unknown, isPair: (pair: unknown) => pair is PairCase): value is FeatureCase => {
  if (typeof value !== "object" || value === null) return false
  const { pair, features } = value as Partial<Record<keyof FeatureCase, unknown>>
  return (
    isPair(pair) &&
    Array.isArray(features) &&
    features.length === pair.policy.length &&
    features.every(Number.isInteger)
  )
}

/** Features from -most to most of each arm, the simplest first: 0, 1, -1, 2, … */
function* featureTables(arms: number, most: number): Generator<ReadonlyArray<number>> {
  const values = Array.from({ length: 2 * most + 1 }, (_, k) => (k % 2 === 1 ? (k + 1) / 2 : -k / 2))
  for (let code = 0; code < values.length ** arms; code++) {
    yield Array.from({ length: arms }, (_, k) => values[Math.floor(code / values.length ** k) % values.length]! + 0)
  }
}

const featureCases = (subject: LossSubject): CaseArbitrary<FeatureCase> => {
  const shape = pairCaseShape(subject, { fewestArms: 2, mostArms: 4 })
  const drawFeature = (random: fc.Random): number => random.nextInt(-largestFeature, largestFeature)
  return new CaseArbitrary<FeatureCase>({
    draw: (random) => {
      const pair = shape.draw(random)
      return { pair, features: pair.policy.map(() => drawFeature(random)) }
    },
    isCase: (value): value is FeatureCase => isFeatureCase(value, (pair) => shape.isCase(pair)),
    complexity: ({ pair, features }) => [
      pair.policy.length,
      features.reduce((sum, feature) => sum + Math.abs(feature), 0),
      ...shape.complexity(pair).slice(1),
      ...features
    ],
    *candidates(value) {
      const { pair, features } = value
      for (let arms = 2; arms <= Math.min(3, features.length); arms++) {
        const kept = { ...pair, ...(pair.reference === undefined ? {} : { reference: pair.reference.slice(0, arms) }) }
        for (const most of [2, 6]) {
          const policy = [...weightsOfTotal(arms, arms)][0]!
          for (const table of featureTables(arms, most)) yield { pair: { ...kept, policy }, features: table }
        }
        yield { pair: { ...kept, policy: pair.policy.slice(0, arms) }, features: features.slice(0, arms) }
      }
      for (const simpler of shape.candidates(pair)) {
        if (simpler.policy.length === features.length) yield { pair: simpler, features }
      }
      for (const [k, feature] of features.entries()) {
        for (let next = Math.trunc(feature / 2); next !== feature; next += Math.sign(feature)) {
          yield { pair, features: features.with(k, next) }
        }
      }
    }
  })
}

/**
 * d log π(y) per unit of gradient step on feature(y) and h: with g the loss's derivative by the logits,
 * `dz_y = -(g_y h² + feature(y) Σ_k g_k feature(k))`, h = 1, `d log π(y) = dz_y - Σ_k π_k dz_k`.
 */
export const featureVelocities = (
  policy: ReadonlyArray<number>,
  features: ReadonlyArray<number>,
  dlw: number,
  dll: number
): Array<number> => {
  const gradient = policy.map((p, k) => dlw * ((k === 0 ? 1 : 0) - p) + dll * ((k === 1 ? 1 : 0) - p))
  const shared = gradient.reduce((sum, g, k) => sum + g * features[k]!, 0)
  const logits = gradient.map((g, k) => -(g + features[k]! * shared))
  const mean = policy.reduce((sum, p, k) => sum + p * logits[k]!, 0)
  return logits.map((velocity) => velocity - mean)
}

const velocitiesOf = (subject: LossSubject, { pair, features }: FeatureCase) => {
  const step = pairStep(subject, pair)
  const { dlw, dll } = step.value
  return { step, velocities: featureVelocities(probabilities(pair.policy), features, dlw, dll) }
}

const check: Check<FeatureCase> = {
  arbitrary: featureCases,
  predicate: (subject, value) => {
    const { step, velocities } = velocitiesOf(subject, value)
    const outside = outsideRegion(subject, step)
    if (outside !== undefined) return { outside }
    const scale = step.scale * (1 + Math.max(...value.features.map(Math.abs)) ** 2)
    return nonNegative(velocities[0]!, identityTolerance * scale)
  },
  describe: (subject, value) => {
    const { step, velocities } = velocitiesOf(subject, value)
    return {
      arms: armRows(value.pair, {
        feature: value.features,
        "log-probability step": velocities.map(changeText)
      }),
      facts: {
        loss: step.value.loss,
        "dloss/dlogp(w)": step.value.dlw,
        "dloss/dlogp(l)": step.value.dll,
        ...value.pair.inputs
      },
      explanation:
        `Logits are offset + feature · h, and the step trains the features and h = 1. Moving h moves all answers by their features at ` +
        `once: log π(w) changes by ${changeText(velocities[0]!)}, for the answers with larger features take the mass.`
    }
  }
}

/** Small policies of three answers, each with every table of features (0, f_l, f_u): the first that shows a fall. */
const firstFall = (subject: LossSubject): FeatureCase | undefined => {
  if (subject.extras.length > 0) return undefined
  for (let sum = 3; sum <= 10; sum++) {
    for (const policy of weightsOfTotal(3, sum)) {
      const pair = { policy, ...(subject.usesReference ? { reference: [1, 1, 1] } : {}) }
      const { value } = pairStep(subject, pair)
      const shares = probabilities(policy)
      for (let l = -largestFeature; l <= largestFeature; l++) {
        for (let u = -largestFeature; u <= largestFeature; u++) {
          const found = { pair, features: [0, l, u] }
          if (!(featureVelocities(shares, found.features, value.dlw, value.dll)[0]! < 0)) continue
          const outcome = check.predicate(subject, found)
          if ("holds" in outcome && !outcome.holds) return found
        }
      }
    }
  }
  return undefined
}

const decide = (subject: LossSubject): Decision | undefined => {
  const counts = countsOf(subject)
  const isBlind = counts !== undefined && isZero(slope(counts, counts.variables.indexOf("p_l")))
  if (isBlind && exactDecision(subject, "chosen-safe")?.verdict === "proved") {
    return {
      verdict: "proved",
      certificate:
        "a_l = 0 and a_w >= 0: the shared part is a_w f_w², f_w the chosen answer's feature minus the mean, and the rest is P9's"
    }
  }
  const found = firstFall(subject)
  return found && { verdict: "refuted", witness: `features ${found.features.join(", ")} of three answers`, case: found }
}

/**
 * One shared feature, h small against the features: `d log π(w) ∝ f_w (a_w f_w + a_l f_l)` with features around their mean under π.
 * With a_l = 0 it is a square; else f_l = 1 and a small f_w of the sign that a_l dislikes make it negative, which takes a third
 * answer. So exactly the losses survive that never look at the rejected answer and are chosen-safe.
 */
export const p17: Property = {
  id: "P17",
  aliases: ["feature-safe"],
  title: "Shared features do not displace the chosen answer",
  statement:
    "A gradient step on features that the answers share never lowers the log-probability of the chosen answer.",
  quantifiers:
    "for all policies softmax(offset + feature · h) over two or more arms with integer features, h = 1, feature and h both trained; where " +
    "the link has a target, while the loss still asks for a larger margin",
  source: "docs/experiments.md P17, E6; arXiv 2410.08847",
  appliesTo: needsPair,
  decide,
  check
}
