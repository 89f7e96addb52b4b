/** Thumbs up and thumbs down as joint distributions of (context, answer, sign). */
import type { Environment, Feedback } from "../environment.ts"

/** What one sign's examples look like. */
export interface SignTable {
  /** Which answers in a context, shape [contexts * arms], sums to 1 in every context. */
  readonly answers: Float64Array
  /** Which contexts, shape [contexts], sums to 1. */
  readonly contexts: Float64Array
}

/**
 * A joint table [contexts * arms] as its total, its contexts and its answers given the context. Where a context has no example,
 * or there is none at all, the tables of `otherwise` stand (nobody will see them).
 */
export const splitJoint = (
  joint: Float64Array,
  arms: number,
  otherwise?: SignTable
): SignTable & { readonly total: number } => {
  const weights = new Float64Array(joint.length / arms)
  joint.forEach((p, i) => {
    weights[Math.floor(i / arms)]! += p
  })
  const total = weights.reduce((sum, p) => sum + p, 0)
  const answers = joint.map((p, i) => {
    const weight = weights[Math.floor(i / arms)]!
    return weight === 0 && otherwise !== undefined ? otherwise.answers[i]! : p / weight
  })
  return {
    total,
    answers,
    contexts: total === 0 && otherwise !== undefined ? otherwise.contexts : weights.map((p) => p / total)
  }
}

const jointOf = ({ answers, contexts }: SignTable, share: number, arms: number): Float64Array =>
  answers.map((p, i) => share * contexts[Math.floor(i / arms)]! * p)

/** The feedback when every thumb is turned with probability `rate`. */
export const turnedFeedback = (environment: Environment, feedback: Feedback, rate: number): Feedback => {
  const { arms, contextWeights } = environment
  const good = { answers: feedback.desirable, contexts: feedback.desirableContexts ?? contextWeights }
  const bad = { answers: feedback.undesirable, contexts: feedback.undesirableContexts ?? contextWeights }
  const [up, down] = [jointOf(good, feedback.share, arms), jointOf(bad, 1 - feedback.share, arms)]
  const mixed = (kept: Float64Array, turned: Float64Array) => kept.map((p, i) => (1 - rate) * p + rate * turned[i]!)
  const [liked, disliked] = [splitJoint(mixed(up, down), arms, good), splitJoint(mixed(down, up), arms, bad)]
  return {
    desirable: liked.answers,
    undesirable: disliked.answers,
    share: liked.total / (liked.total + disliked.total),
    desirableContexts: liked.contexts,
    undesirableContexts: disliked.contexts
  }
}
