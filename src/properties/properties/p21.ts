import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

interface Slope {
  /** log π(w)/π(l). */
  readonly gap: number
  readonly loss: number
  /** Sign of dL/dgap; its size is that of dL/dgap over π(w). */
  readonly slope: number
}

const softplus = (x: number): number => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))

/** Two arms at a log-odds gap g: log π(w) = -softplus(-g), log π(l) = -softplus(g); dL/dg = dlw π(l) - dll π(w). */
const slopeAt = (subject: LossSubject, pair: PairCase, gap: number): Slope => {
  const [lw, ll] = [-softplus(-gap), -softplus(gap)]
  const { loss, dlw, dll } = subject.at({ ...pointOf(pair), lw, ll })
  const slope = dlw * Math.exp(-gap) - dll
  // A loss of π(w) alone: its slope is never 0, however small π(l) has become.
  return { gap, loss, slope: slope === 0 && dll === 0 ? Math.sign(dlw) * 1e-290 : slope }
}

const startOf = (pair: PairCase): number => Math.log(pair.policy[0]! / pair.policy[1]!)

const steps = Array.from({ length: 49 }, (_, k) => k / 48)

/** Gaps to look at: finely as far as a link of temperature T turns, and on to where both policy and link are decided. */
const gaps = (subject: LossSubject, pair: PairCase): ReadonlyArray<number> => {
  const near = 30 / subject.temperature
  const offsets = [...steps.map((t) => t * near), ...steps.map((t) => t * (60 + near))]
  return offsets.sort((a, b) => a - b).map((offset) => startOf(pair) + offset)
}

/** Smallest slope that is not taken for the underflow of a loss that goes on falling. */
const underflow = 1e-200

type Walk =
  | { readonly end: "attained"; readonly gap: number }
  | { readonly end: "falls"; readonly seen: ReadonlyArray<Slope> }
  | { readonly end: "outside"; readonly reason: string }

/** The place between a falling and a non-falling gap where the slope stops being negative, to 1e-9. */
const turn = (subject: LossSubject, pair: PairCase, from: number, to: number): { low: Slope; high: Slope } => {
  let [low, high] = [slopeAt(subject, pair, from), slopeAt(subject, pair, to)]
  for (let i = 0; i < 80 && high.gap - low.gap > 1e-9; i++) {
    const middle = slopeAt(subject, pair, (low.gap + high.gap) / 2)
    if (middle.slope >= 0) high = middle
    else low = middle
  }
  return { low, high }
}

/** From the case's policy towards certainty of the winner, until the loss stops falling. */
const walk = (subject: LossSubject, pair: PairCase): Walk => {
  const seen: Array<Slope> = []
  for (const gap of gaps(subject, pair)) {
    const here = slopeAt(subject, pair, gap)
    if (!Number.isFinite(here.slope)) {
      return seen.length === 0 ? { end: "outside", reason: "the loss is not finite here" } : { end: "falls", seen }
    }
    if (here.slope < 0) {
      seen.push(here)
      continue
    }
    const last = seen.at(-1)
    if (last === undefined) {
      return here.slope > 0 ? { end: "attained", gap } : { end: "outside", reason: "the loss is flat where it starts" }
    }
    if (here.slope > 0) return { end: "attained", gap: turn(subject, pair, last.gap, gap).high.gap }
    const { low, high } = turn(subject, pair, last.gap, gap)
    return Math.abs(low.slope) < underflow ? { end: "falls", seen } : { end: "attained", gap: high.gap }
  }
  return { end: "falls", seen }
}

/** The gap log π(w)/π(l) where the loss stops falling, to 1e-9; undefined when it never does. */
export const finiteOptimum = (subject: LossSubject, pair: PairCase): number | undefined => {
  const found = walk(subject, pair)
  return found.end === "attained" ? found.gap : undefined
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { mostArms: 2 }),
  predicate: (subject, pair) => {
    const found = walk(subject, pair)
    if (found.end === "outside") return { outside: found.reason }
    return found.end === "attained"
      ? { holds: true, margin: found.gap }
      : { holds: false, margin: Number.NEGATIVE_INFINITY }
  },
  describe: (subject, pair) => {
    const found = walk(subject, pair)
    const seen = found.end === "falls" ? found.seen : []
    const shown = [0, 1, 2, 3].map((k) => seen[Math.floor((k * (seen.length - 1)) / 3)]!)
    return {
      arms: armRows(pair),
      facts: {
        ...Object.fromEntries(shown.map(({ gap, loss }) => [`loss at log π(w)/π(l) = ${numberText(gap)}`, loss])),
        ...pair.inputs
      },
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
