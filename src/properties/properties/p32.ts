import { withInputGradients } from "../../loss/inputGradients.ts"
import { compileKernel } from "../../loss/kernel.ts"
import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, type Property } from "../property.ts"
import { type LossSubject, linkValue } from "../subject.ts"
import { changeText, numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

interface Evaluated {
  readonly loss: number
  /** By the logits, shape [arms]. */
  readonly gradient: ReadonlyArray<number>
}

const onLogits = (policy: ReadonlyArray<number>, dlw: number, dll: number): Array<number> =>
  policy.map((p, k) => dlw * ((k === 0 ? 1 : 0) - p) + dll * ((k === 1 ? 1 : 0) - p))

/** One step: both sequential divergences are `D = KL(ref ‖ π)`, with `∂D/∂z = π - ref`. */
const ofLoss = ({ loss }: LossSubject, pair: PairCase): Evaluated => {
  const [policy, reference] = [probabilities(pair.policy), probabilities(pair.reference!)]
  const divergence = reference.reduce((sum, r, k) => sum + r * Math.log(r / policy[k]!), 0)
  const moving = loss.entry?.movingInputs ?? []
  const kernel = compileKernel(withInputGradients(loss.program, moving))
  const value = kernel.evaluate({ ...pointOf(pair), kl_w: divergence, kl_l: divergence })
  const through = moving.reduce((sum, name) => sum + (value.gradients[name] ?? 0), 0)
  const gradient = onLogits(policy, value.dlw, value.dll).map((g, k) => g + through * (policy[k]! - reference[k]!))
  return { loss: value.loss, gradient }
}

const ofDpo = (subject: LossSubject, pair: PairCase): Evaluated => {
  const { lw, ll, rw, rl } = pointOf(pair) as Readonly<Record<"lw" | "ll" | "rw" | "rl", number>>
  const beta = subject.temperature
  const margin = beta * (lw - rw - (ll - rl))
  const slope = -beta / (1 + Math.exp(margin))
  return { loss: linkValue.logistic(margin), gradient: onLogits(probabilities(pair.policy), slope, -slope) }
}

const largestGap = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  Math.max(...a.map((entry, k) => Math.abs(entry - b[k]!)))

const describe = (subject: LossSubject, pair: PairCase) => {
  const [own, dpo] = [ofLoss(subject, pair), ofDpo(subject, pair)]
  const isSame = Math.abs(own.loss - dpo.loss) <= identityTolerance
  return {
    arms: armRows(pair, {
      "logit step": own.gradient.map((g) => changeText(-g)),
      "DPO's": dpo.gradient.map((g) => changeText(-g))
    }),
    facts: { loss: own.loss, "DPO's loss": dpo.loss, beta: subject.temperature },
    explanation: isSame
      ? `Both divergences are KL(ref ‖ π) here and cancel in the value, which is DPO's ${numberText(dpo.loss)}; the gradient flows through ` +
        "one of them only, so the step is another one."
      : `The value is ${numberText(own.loss)} where DPO's is ${numberText(dpo.loss)}, though both divergences are the same on one step.`
  }
}

const value: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const [own, dpo] = [ofLoss(subject, pair), ofDpo(subject, pair)]
    return equalWithin(own.loss, dpo.loss, identityTolerance * (1 + Math.abs(dpo.loss)))
  },
  describe
}

const gradient: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const [own, dpo] = [ofLoss(subject, pair), ofDpo(subject, pair)]
    return equalWithin(largestGap(own.gradient, dpo.gradient), 0, identityTolerance * subject.temperature)
  },
  describe
}

const needsDivergence = ({ loss }: LossSubject): true | string =>
  loss.inputs.includes("kl_w") && loss.inputs.includes("kl_l")
    ? true
    : "the loss reads no sequential divergences kl_w, kl_l (TDPO)"

const shared = {
  quantifiers:
    "for all policies and references on bandits of two or more arms, one pair, where both divergences are KL(reference ‖ policy)",
  source: "docs/experiments.md P32, E13; arXiv 2404.11999",
  appliesTo: needsDivergence
}

/** `h - (D_l - D_w)` and `h - alpha (D_l - sg D_w)` at D_w = D_l. */
export const p32: Property = {
  ...shared,
  id: "P32",
  aliases: ["one-step-value"],
  title: "On one step the value is DPO's",
  statement:
    "On one-step problems the divergences of the two answers cancel and the loss's value is DPO's at the same beta.",
  check: value
}

/** TDPO2 stops the gradient through D_w: `-alpha ∂D_l` is left in its margin. */
export const oneStepGradient: Property = {
  ...shared,
  id: "one-step-gradient",
  aliases: [],
  title: "On one step the gradient is DPO's",
  statement: "On one-step problems the gradient by the logits, through the divergences too, is DPO's at the same beta.",
  check: gradient
}
