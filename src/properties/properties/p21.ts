import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

interface Slope {
  /** log π(w)/π(l). */
  readonly gap: number
  readonly loss: number
  /** dL/dgap. */
  readonly slope: number
}

/** Two arms at a log-odds gap g: log π(w) = -softplus(-g), log π(l) = -softplus(g); dL/dg = dlw π(l) - dll π(w). */
const slopeAt = (subject: LossSubject, pair: PairCase, gap: number): Slope => {
  const lw = -(Math.max(0, -gap) + Math.log1p(Math.exp(-Math.abs(gap))))
  const ll = -(Math.max(0, gap) + Math.log1p(Math.exp(-Math.abs(gap))))
  const { loss, dlw, dll } = subject.at({ ...pointOf(pair), lw, ll })
  return { gap, loss, slope: dlw * Math.exp(ll) - dll * Math.exp(lw) }
}

// Far enough for a loss of temperature T: its link sees gaps of 30 / T.
const reach = (subject: LossSubject): number => 30 * Math.max(1, 1 / subject.temperature)

const startOf = (pair: PairCase): number => Math.log(pair.policy[0]! / pair.policy[1]!)

/** Slopes from the case's policy onwards, towards certainty of the winner. */
const walk = (subject: LossSubject, pair: PairCase): ReadonlyArray<Slope> =>
  Array.from({ length: 65 }, (_, k) => slopeAt(subject, pair, startOf(pair) + (reach(subject) * k) / 64))

/** The gap where the slope first stops being negative, to 1e-9. @returns undefined when it never does */
export const finiteOptimum = (subject: LossSubject, pair: PairCase): number | undefined => {
  const slopes = walk(subject, pair)
  const end = slopes.findIndex(({ slope }) => slope >= 0)
  if (end < 0) return undefined
  if (end === 0) return slopes[0]!.gap
  let [low, high] = [slopes[end - 1]!.gap, slopes[end]!.gap]
  for (let i = 0; i < 60 && high - low > 1e-9; i++) {
    const middle = (low + high) / 2
    if (slopeAt(subject, pair, middle).slope >= 0) high = middle
    else low = middle
  }
  return high
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { mostArms: 2 }),
  predicate: (subject, pair) => {
    const slopes = walk(subject, pair)
    if (!slopes.every(({ slope }) => Number.isFinite(slope))) return { outside: "the loss is not finite all the way" }
    const steepest = Math.max(...slopes.map(({ slope }) => slope))
    return { holds: steepest >= 0, margin: steepest }
  },
  describe: (subject, pair) => {
    const shown = [0, 16, 32, 64].map((k) => slopeAt(subject, pair, startOf(pair) + (reach(subject) * k) / 64))
    return {
      arms: armRows(pair),
      facts: Object.fromEntries(shown.map(({ gap, loss }) => [`loss at log π(w)/π(l) = ${numberText(gap)}`, loss])),
      explanation:
        `w always beats l. From this policy on the loss keeps falling as π(l) goes to 0 (${shown.map(({ loss }) => numberText(loss)).join(", ")}): ` +
        `no policy with positive probability for l is optimal, whatever the reference says.`
    }
  }
}

/**
 * Attained on the open simplex: IPO at log-ratio gap 1/(2 tau), the hinge at its margin (gradient exactly 0 beyond), CoPG at
 * reward gap / beta. DPO, CPO, ORPO, cCPO, unCPO and the other falling smooth links only approach their infimum.
 */
export const p21: Property = {
  id: "P21",
  aliases: ["finite-optimum", "finite-optimum-margin"],
  title: "Deterministic preferences have a finite optimum",
  statement:
    "When the chosen answer always wins, the loss still has a minimum at which the rejected answer keeps positive probability.",
  quantifiers: "for all references, extra inputs and starting policies on two arms, w always preferred",
  source: "docs/experiments.md P21; arXiv 2310.12036, section 4",
  appliesTo: needsPair,
  check
}
