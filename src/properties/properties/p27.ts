import { exactDecision } from "../exact.ts"
import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

const factor = 1 / 2

const bothScales = (subject: LossSubject, pair: PairCase) => {
  const point = pointOf(pair)
  const scaled = { ...point, rw: point.rw! + Math.log(factor), rl: point.rl! + Math.log(factor) }
  return { here: subject.at(point), there: subject.at(scaled) }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const { here, there } = bothScales(subject, pair)
    if (!Number.isFinite(here.loss) || !Number.isFinite(there.loss)) return { outside: "the loss is not finite here" }
    const near = (a: number, b: number) => equalWithin(a, b, identityTolerance * (1 + Math.abs(a)))
    const outcomes = [near(here.loss, there.loss), near(here.dlw, there.dlw), near(here.dll, there.dll)]
    return outcomes.find((outcome) => "holds" in outcome && !outcome.holds) ?? outcomes[0]!
  },
  describe: (subject, pair) => {
    const { here, there } = bothScales(subject, pair)
    return {
      arms: armRows(pair),
      facts: {
        loss: here.loss,
        "loss, reference halved": there.loss,
        "dloss/dlogp(w)": here.dlw,
        "the same, reference halved": there.dlw
      },
      explanation:
        `Halving the reference's scores of both answers, as an unnormalised reference model would give them, changes the loss from ` +
        `${numberText(here.loss)} to ${numberText(there.loss)}: this loss needs normalised reference probabilities.`
    }
  }
}

/** Only r_w / r_l may enter; a loss that never reads the reference is the trivial case. */
export const p27: Property = {
  id: "P27",
  aliases: ["reference-invariant"],
  title: "The reference may be unnormalised",
  statement:
    "Multiplying the reference's probabilities of both answers by the same factor changes neither value nor gradient.",
  quantifiers: "for all policies, references, extra inputs and factors c > 0 (searched at c = 1/2)",
  source: "docs/experiments.md P27",
  appliesTo: needsPair,
  decide: (subject) => {
    const { inputs } = subject.loss.program
    if (!inputs.includes("rw") && !inputs.includes("rl"))
      return { verdict: "proved", certificate: "the program reads no reference log-probability" }
    return subject.loss.link.kind === "custom" ? undefined : exactDecision(subject, "reference-invariant")
  },
  check
}
