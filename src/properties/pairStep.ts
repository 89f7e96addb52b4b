/** Properties about one gradient step on one pair: what they share. */
import { armRows, type PairCase, pointOf } from "./pairCase.ts"
import type { RatioValue } from "./ratio.ts"
import { logProbVelocities } from "./step.ts"
import type { LossSubject, LossValue } from "./subject.ts"
import { changeText } from "./table.ts"
import type { Description } from "./verdict.ts"
import { probabilities } from "./weights.ts"

/** The loss, its structure's ratio and the movement of every log-probability at a case. */
export interface PairStep {
  readonly policy: ReadonlyArray<number>
  readonly value: LossValue
  readonly ratio?: RatioValue
  /** d log π(y) per unit of gradient step, shape [arms]. */
  readonly velocities: ReadonlyArray<number>
  /** The larger of the two derivatives: tolerances are relative to it. */
  readonly scale: number
}

/** Evaluates a case. */
export const pairStep = (subject: LossSubject, pair: PairCase): PairStep => {
  const point = pointOf(pair)
  const value = subject.at(point)
  const policy = probabilities(pair.policy)
  return {
    policy,
    value,
    ...(subject.ratio === undefined ? {} : { ratio: subject.ratio(point) }),
    velocities: logProbVelocities(policy, value.dlw, value.dll),
    scale: Math.max(Math.abs(value.dlw), Math.abs(value.dll))
  }
}

/**
 * Why a case says nothing about steps towards the preference: the loss is not finite there, or its link has passed its
 * target, so that it asks for a smaller margin (IPO beyond `1 / (2 tau)`, CoPG where the rejected answer's regularised
 * reward is higher). Undefined when the case counts. A link that falls everywhere has no such region.
 */
export const outsideRegion = (subject: LossSubject, step: PairStep): string | undefined => {
  const { value, ratio } = step
  if (![value.loss, value.dlw, value.dll].every(Number.isFinite)) return "the loss is not finite here"
  if (subject.fallingLink || ratio === undefined || !subject.agrees) return undefined
  const slope = value.dlw * ratio.aw + value.dll * ratio.al
  return slope > 0 ? "the loss is past its target here" : undefined
}

/** The printed bandit of a step: velocities as a column, the derivatives as facts. */
export const describeStep = (subject: LossSubject, pair: PairCase, explanation: string): Description => {
  const step = pairStep(subject, pair)
  return {
    arms: armRows(pair, { "log-probability step": step.velocities.map(changeText) }),
    facts: {
      loss: step.value.loss,
      "dloss/dlogp(w)": step.value.dlw,
      "dloss/dlogp(l)": step.value.dll,
      ...pair.inputs
    },
    explanation
  }
}
