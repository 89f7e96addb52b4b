import { armRows, pointOf } from "../pairCase.ts"
import { type Check, identityTolerance, needsPair, needsStructure, nonNegative, type Property } from "../property.ts"
import { makeRatio, type Ratio } from "../ratio.ts"
import { type RelativeCase, relativeCases, relativeStructure } from "../relativeCase.ts"
import { structureText } from "../rows.ts"
import { type LossSubject, linkAt } from "../subject.ts"
import { fractionText, numberText } from "../table.ts"
import { type TwoPolicyCase, twoPolicyCases } from "../twoPolicyCase.ts"
import { total } from "../weights.ts"

const relatives = new WeakMap<LossSubject, Map<string, Ratio>>()

const relativeRatio = (subject: LossSubject, value: RelativeCase): Ratio => {
  const known = relatives.get(subject) ?? new Map<string, Ratio>()
  relatives.set(subject, known)
  const key = `${value.ticks}/${value.crosses}`
  const found =
    known.get(key) ??
    makeRatio(relativeStructure(subject.loss.structure!, value), {
      semantics: subject.loss.semantics,
      oddsBeta: subject.loss.oddsBeta
    })
  known.set(key, found)
  return found
}

const evaluate = (subject: LossSubject, value: RelativeCase) => {
  const point = pointOf(value.pair)
  const rhoB = relativeRatio(subject, value)(point).rho
  return { rhoA: subject.ratio!(point).rho, rhoB, lossA: subject.at(point).loss, lossB: linkAt(subject.loss, rhoB) }
}

const byRelatives: Check<RelativeCase> = {
  arbitrary: relativeCases,
  predicate: (subject, value) => {
    const { rhoA, rhoB, lossA, lossB } = evaluate(subject, value)
    if (lossB === undefined || !Number.isFinite(lossA)) return { outside: "the link has no value of its own here" }
    const order = nonNegative(rhoB - rhoA, identityTolerance * (1 + Math.abs(rhoA)))
    if ("holds" in order && !order.holds) return order
    return nonNegative(lossA - lossB, identityTolerance * (1 + Math.abs(lossA)))
  },
  describe: (subject, value) => {
    const { rhoA, rhoB, lossA, lossB } = evaluate(subject, value)
    const relative = relativeStructure(subject.loss.structure!, value)
    return {
      arms: armRows(value.pair),
      facts: { rho_A: rhoA, rho_B: rhoB, loss_A: lossA, loss_B: lossB ?? "none", ...value.pair.inputs },
      explanation:
        `This loss, A = ${structureText(subject.loss.structure!)}, entails B = ${structureText(relative)} (ticks / crosses over ` +
        `${relative.propositions.join(", ")}), so rho_A = ${numberText(rhoA)} is at most rho_B = ${numberText(rhoB)}; but A's loss ` +
        `${numberText(lossA)} is the smaller one (B's is ${lossB === undefined ? "none" : numberText(lossB)}): this link does not fall everywhere.`
    }
  }
}

const atBoth = (subject: LossSubject, { pair, second }: TwoPolicyCase) => {
  const points = [pointOf(pair), pointOf({ ...pair, policy: second })] as const
  const [first, other] = points.map((point) => ({ rho: subject.ratio!(point).rho, loss: subject.at(point).loss }))
  return first!.rho <= other!.rho ? { low: first!, high: other! } : { low: other!, high: first! }
}

// A link with a formula of its own cannot be put on the relatives; what the theorem needs of it can be asked directly.
const byPolicies: Check<TwoPolicyCase> = {
  arbitrary: twoPolicyCases,
  predicate: (subject, value) => {
    const { low, high } = atBoth(subject, value)
    if (!Number.isFinite(low.loss) || !Number.isFinite(high.loss)) return { outside: "the loss is not finite here" }
    return nonNegative(low.loss - high.loss, identityTolerance * (1 + Math.abs(low.loss)))
  },
  describe: (subject, value) => {
    const { low, high } = atBoth(subject, value)
    const sum = total(value.second)
    return {
      arms: armRows(value.pair, { "second policy": value.second.map((weight) => fractionText(weight, sum)) }),
      facts: { rho_low: low.rho, rho_high: high.rho, loss_low: low.loss, loss_high: high.loss, ...value.pair.inputs },
      explanation:
        `Of the two policies the one with the larger rho (${numberText(high.rho)} against ${numberText(low.rho)}) has the larger loss ` +
        `(${numberText(high.loss)} against ${numberText(low.loss)}): the link rises in between, so a structure above this one, ` +
        `whose rho is larger, can have the larger loss.`
    }
  }
}

const checkFor = (subject: LossSubject): Check<unknown> =>
  linkAt(subject.loss, 0) === undefined ? byPolicies : byRelatives

/** Rows are added to the numerator and taken from the denominator; a link that never rises turns that order round. */
export const p4: Property = {
  id: "P4",
  aliases: ["entailment-order"],
  title: "Entailment orders the losses",
  statement:
    "If this loss's structure entails another one, its loss is at least the other's, link, beta and margin being the same.",
  quantifiers: "for all structures above this one in the entailment order, all policies, references and extra inputs",
  source: "docs/experiments.md P4; docs/theory.md §5; after Xu et al. 2018",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    if (structure !== true) return structure
    return subject.ratio === undefined ? needsPair(subject) : true
  },
  decide: (subject) =>
    subject.fallingLink && subject.agrees
      ? {
          verdict: "proved",
          certificate:
            `ticks grow and crosses shrink upwards, every row weighs more than 0, so WMC(ticks) does not fall and WMC(crosses) does not ` +
            `rise; the ${subject.loss.link.kind} link never rises`
        }
      : undefined,
  check: {
    arbitrary: (subject) => checkFor(subject).arbitrary(subject),
    predicate: (subject, value) => checkFor(subject).predicate(subject, value),
    describe: (subject, value) => checkFor(subject).describe(subject, value)
  }
}
