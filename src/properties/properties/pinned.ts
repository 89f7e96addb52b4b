/**
 * Properties with a number in their name: `kl-optimum-at:0.1`, `slope-at-start:0.05`. Other properties take a loss at its own beta;
 * these say which beta it should be, so that a wrong one shows (`validate --write-expect` writes them with the loss's own numbers).
 */
import { inputDomains } from "../inputs.ts"
import { armRows, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, type Property } from "../property.ts"
import { CaseArbitrary } from "../shrink.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { p18 } from "./p18.ts"

/** A property for every value of a number. */
export interface PinnedProperty {
  /** The name before the colon. */
  readonly prefix: string
  readonly meaning: string
  /** The property at a value; its id is `prefix:value`. */
  readonly at: (value: number) => Property
  /** The value that a loss itself has; undefined where it has none. */
  readonly of: (subject: LossSubject) => number | undefined
}

const idOf = (prefix: string, value: number): string => `${prefix}:${value}`

const atOwn = (subject: LossSubject, temperature: number): LossSubject => ({ ...subject, temperature })

const klOptimumAt: PinnedProperty = {
  prefix: "kl-optimum-at",
  meaning: "P18 at a stated temperature: the optimum on Bradley–Terry data is reference · exp(reward / T)",
  at: (temperature) => {
    const { check } = p18
    return {
      ...p18,
      id: idOf("kl-optimum-at", temperature),
      aliases: [],
      title: `The optimum is the KL-regularised one at temperature ${temperature}`,
      statement: `On Bradley–Terry data the population minimum is the reference times exp(reward / ${temperature}).`,
      quantifiers: "for all rewards, references and full-support behaviour policies on bandits of 2 to 4 arms",
      ...(check === undefined
        ? {}
        : {
            check: {
              ...check,
              predicate: (subject, value) => check.predicate(atOwn(subject, temperature), value),
              describe: (subject, value) => check.describe(atOwn(subject, temperature), value)
            }
          })
    }
  },
  of: ({ temperature }) => temperature
}

/** Nothing varies: there is one case. */
interface Even {
  readonly arms: 3
}

const even = new CaseArbitrary<Even>({
  draw: () => ({ arms: 3 }),
  isCase: (value): value is Even => typeof value === "object" && (value as Even | null)?.arms === 3,
  complexity: () => [3],
  candidates: () => []
})

/** Three equally likely answers, under the reference too; extra inputs at their simplest. */
const startSlope = (subject: LossSubject): number => {
  const inputs = Object.fromEntries(subject.extras.map((name) => [name, inputDomains[name]!.values[0]!]))
  return -subject.at(pointOf({ policy: [1, 1, 1], reference: [1, 1, 1], inputs })).dlw
}

const slopeCheck = (slope: number): Check<Even> => ({
  mostRuns: 1,
  arbitrary: () => even,
  predicate: (subject) => equalWithin(startSlope(subject), slope, identityTolerance * (1 + Math.abs(slope))),
  describe: (subject) => ({
    arms: armRows({ policy: [1, 1, 1], ...(subject.usesReference ? { reference: [1, 1, 1] } : {}) }),
    facts: { "-dloss/dlogp(w)": startSlope(subject), expected: slope },
    explanation:
      `With three equally likely answers the loss falls by ${numberText(startSlope(subject))} per nat of log π(w), not by ${numberText(slope)}: ` +
      `another beta, another normalisation or another loss.`
  })
})

const slopeAtStart: PinnedProperty = {
  prefix: "slope-at-start",
  meaning: "the loss's slope where all answers are equally likely, which beta scales",
  at: (slope) => ({
    id: idOf("slope-at-start", slope),
    aliases: [],
    title: `The slope at the start is ${slope}`,
    statement: `With three equally likely answers, under the reference too, the loss falls by ${slope} per nat of log π(w).`,
    quantifiers: "for this one bandit, extra inputs at their simplest",
    source: "the loss's own expectation",
    appliesTo: needsPair,
    check: slopeCheck(slope) as Check<unknown>
  }),
  of: (subject) => {
    if (needsPair(subject) !== true) return undefined
    const slope = startSlope(subject)
    return Number.isFinite(slope) ? slope : undefined
  }
}

/** All properties with a number. */
export const pinnedProperties: ReadonlyArray<PinnedProperty> = [klOptimumAt, slopeAtStart]

/** The property of a name `prefix:number`, or undefined. */
export const findPinned = (name: string): Property | undefined => {
  const match = /^([a-z-]+):(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(name.trim().toLowerCase())
  const pinned = match === null ? undefined : pinnedProperties.find(({ prefix }) => prefix === match[1])
  const value = Number(match?.[2])
  if (pinned === undefined || !Number.isFinite(value)) return undefined
  return pinned.prefix === "kl-optimum-at" && value <= 0 ? undefined : pinned.at(value)
}
