/** @file The questions that bandits and language models are both asked, and how each of the two answers. */
import type { Answer } from "./prediction.ts"

/** Where a quantity lies: wholly below zero, wholly above, or neither can be said. */
export type Sign = "below" | "above" | "unresolved"

/** A metric of the bandits' records and how far it must go for the answer yes. */
interface BanditSide {
  /** Column of `records/bandit.jsonl`, after the last update. */
  readonly metric: string
  /** Whether its value before the first update is taken away. */
  readonly change: boolean
  readonly yes: "below" | "above"
}

/** One question about one loss. */
export interface Question {
  readonly id: string
  readonly asked: string
  readonly bandit: BanditSide
  readonly metrics: readonly [string, ...ReadonlyArray<string>]
  readonly confirmed: string
  readonly refuted: string
  /** The model's answer from the signs of the changes of `metrics`, in their order; undefined: not to be said. */
  readonly observed: (signs: ReadonlyArray<Sign>) => "yes" | "no" | undefined
}

const one =
  (yes: "below" | "above") =>
  ([sign]: ReadonlyArray<Sign>): "yes" | "no" | undefined =>
    sign === "unresolved" || sign === undefined ? undefined : sign === yes ? "yes" : "no"

const interval = "95 % interval over seeds of the change from the first evaluation to the last"

/** A question about the change of one metric. */
const aboutChange = (id: string, asked: string, bandit: BanditSide, metric: string): Question => ({
  id,
  asked,
  bandit,
  metrics: [metric],
  confirmed: `the ${interval} of ${metric} lies on the predicted side of 0`,
  refuted: `it lies on the other side of 0`,
  observed: one(bandit.yes)
})

/** All questions about one loss. One more: its line here. */
export const questions: ReadonlyArray<Question> = [
  aboutChange(
    "chosen-falls",
    "Does the log-probability of the chosen answers fall?",
    { metric: "chosenLogpDrift", change: false, yes: "below" },
    "logps/chosen"
  ),
  aboutChange(
    "rejected-falls",
    "Does the log-probability of the rejected answers fall?",
    { metric: "rejectedLogpDrift", change: false, yes: "below" },
    "logps/rejected"
  ),
  {
    id: "mass-escapes",
    asked: "Does probability leave the answers of the data for answers that nobody compared?",
    bandit: { metric: "unseenMassChange", change: false, yes: "above" },
    metrics: ["logps/chosen", "logps/rejected"],
    confirmed:
      "predicted yes: chosen and rejected log-probabilities of held-out pairs both fall (both intervals below 0); predicted no: one of them rises (its interval above 0)",
    refuted: "predicted yes: one of them rises; predicted no: both fall",
    observed: (signs) => (signs.every((sign) => sign === "below") ? "yes" : signs.includes("above") ? "no" : undefined)
  },
  aboutChange(
    "entropy-falls",
    "Does the policy lose entropy?",
    { metric: "entropy", change: true, yes: "below" },
    "entropy"
  ),
  aboutChange(
    "reward-rises",
    "Does the gold reward rise?",
    { metric: "expectedReward", change: true, yes: "above" },
    "gold/reward"
  )
]

/** A question about two losses: whose metric ends lower. */
export interface Comparison {
  readonly id: string
  readonly asked: string
  readonly bandit: string
  readonly metric: string
}

/** All questions about two losses: yes when the first ends lower than the second. */
export const comparisons: ReadonlyArray<Comparison> = [
  {
    id: "chosen-ends-lower",
    asked: "Do the chosen answers end less probable than under the other loss?",
    bandit: "chosenLogpDrift",
    metric: "logps/chosen"
  },
  {
    id: "reward-ends-lower",
    asked: "Is the gold reward at the end lower than under the other loss?",
    bandit: "expectedReward",
    metric: "gold/reward"
  }
]

/** What is expected of a behaviour class (docs/experiments.md E14), and how a model shows it. */
export interface ClassExpectation {
  readonly expected: string
  readonly metrics: readonly [string, ...ReadonlyArray<string>]
  readonly observed: Question["observed"]
}

const chosenAndRejected = ["logps/chosen", "logps/rejected"] as const

/** By class as `explain` and P13 name it. */
export const classExpectations: Readonly<Record<string, ClassExpectation>> = {
  "cross only": {
    expected: "it imitates: the chosen answers gain",
    metrics: ["logps/chosen"],
    observed: one("above")
  },
  neither: {
    expected: "it compares: the rejected answers lose",
    metrics: ["logps/rejected"],
    observed: one("below")
  },
  both: {
    expected: "it is greedy: the policy collapses, entropy falls",
    metrics: ["entropy"],
    observed: one("below")
  },
  "tick only": {
    expected: "it unlearns: chosen and rejected answers both lose",
    metrics: chosenAndRejected,
    observed: (signs) => (signs.every((sign) => sign === "below") ? "yes" : signs.includes("above") ? "no" : undefined)
  }
}

/** Whether a model's answer confirms a prediction; undefined where it decides nothing. */
export const agrees = (prediction: Answer, observed: "yes" | "no" | undefined): boolean | undefined => {
  if (observed === undefined || prediction === "open") return undefined
  if (prediction === "possible") return observed === "yes" ? true : undefined
  return prediction === observed
}
