/**
 * Cases about population optima: a bandit whose every pair is compared. Rewards are given as odds, `exp(r / T)` with T the
 * loss's temperature (while T ≤ 1), so that the KL-regularised optimum `π_ref exp(r / T)` is again a ratio of small integers.
 */
import type * as fc from "fast-check"
import { checkedEnvironment, type Environment } from "../bandit/environment.ts"
import { bradleyTerry, preferenceMatrix } from "../bandit/preferences.ts"
import { armNames } from "./pairCase.ts"
import { CaseArbitrary } from "./shrink.ts"
import { fractionText, numberText } from "./table.ts"
import type { ArmRow } from "./verdict.ts"
import {
  isUniform,
  isWeights,
  probabilities,
  reduced,
  simplerWeights,
  total,
  uniform,
  type Weights,
  weightsOfTotal
} from "./weights.ts"

/** Reference, behaviour and rewards of a bandit with Bradley–Terry labels. */
export interface RewardCase {
  readonly reference: Weights
  /** Both answers of a pair are drawn from it, independently, given that they differ. */
  readonly behaviour: Weights
  /** `exp(r / T)` of every arm, `exp(r)` when T > 1. */
  readonly odds: Weights
}

/** Reference, behaviour and an arbitrary preference matrix. */
export interface WinCase {
  readonly reference: Weights
  readonly behaviour: Weights
  /** P(a ≻ b) in tenths for a < b, by a then b: (0,1), (0,2), (1,2), … */
  readonly wins: ReadonlyArray<number>
  /** Share of flipped labels in tenths. */
  readonly flips: number
}

const drawSmall = (random: fc.Random, arms: number, largest: number): Weights =>
  reduced(Array.from({ length: arms }, () => random.nextInt(1, largest)))

const complexityOf = (...weights: ReadonlyArray<Weights>): ReadonlyArray<number> => [
  weights[0]!.length,
  weights.reduce((sum, entry) => sum + (isUniform(entry) ? 0 : 1), 0),
  weights.reduce((sum, entry) => sum + total(entry), 0),
  ...weights.flat()
]

// All weights of two or three arms with a small sum: the readable distributions.
const small = (arms: number): ReadonlyArray<Weights> =>
  [0, 1, 2].flatMap((extra) => [...weightsOfTotal(arms, arms + extra)])

const isRecordOfWeights = (value: unknown, names: ReadonlyArray<string>): value is Record<string, Weights> => {
  if (typeof value !== "object" || value === null) return false
  const record = value as Record<string, unknown>
  const arms = isWeights(record[names[0]!], 2) ? (record[names[0]!] as Weights).length : 0
  return arms >= 2 && names.every((name) => isWeights(record[name]) && (record[name] as Weights).length === arms)
}

/**
 * Bandits of up to 4 arms with rewards.
 * @param simplify which distribution simplified cases vary besides the odds; the other one becomes uniform
 * @param fewest least number of arms; by default 2, or 3 for the behaviour, which two arms (one pair) do not show
 */
export const rewardCases = (
  simplify: "reference" | "behaviour" = "reference",
  fewest = simplify === "behaviour" ? 3 : 2
): CaseArbitrary<RewardCase> => {
  return new CaseArbitrary<RewardCase>({
    draw: (random) => {
      const arms = random.nextInt(fewest, 4)
      const [reference, behaviour, odds] = [9, 9, 20].map((largest) => drawSmall(random, arms, largest))
      return { reference: reference!, behaviour: behaviour!, odds: odds! }
    },
    isCase: (value): value is RewardCase => isRecordOfWeights(value, ["reference", "behaviour", "odds"]),
    complexity: ({ reference, behaviour, odds }) => complexityOf(odds, reference, behaviour),
    *candidates(value) {
      for (let arms = fewest; arms <= Math.min(3, value.odds.length); arms++) {
        for (const odds of small(arms)) {
          const even = { odds, reference: uniform(arms), behaviour: uniform(arms) }
          for (const varied of small(arms)) yield { ...even, [simplify]: varied }
        }
      }
      for (let arm = value.odds.length - 1; arm >= 0 && value.odds.length > fewest; arm--) {
        const without = (weights: Weights): Weights => weights.filter((_, k) => k !== arm)
        const { reference, behaviour, odds } = value
        yield { reference: without(reference), behaviour: without(behaviour), odds: without(odds) }
      }
      for (const name of ["behaviour", "reference", "odds"] as const) {
        for (const simpler of simplerWeights(value[name])) yield { ...value, [name]: simpler }
      }
    }
  })
}

const pairsOf = (arms: number): number => (arms * (arms - 1)) / 2

const simplestWins = (arms: number): ReadonlyArray<ReadonlyArray<number>> => {
  const pairs = pairsOf(arms)
  const choices = [5, 6, 8, 9]
  return Array.from({ length: choices.length ** pairs }, (_, code) =>
    Array.from({ length: pairs }, (_, k) => choices[Math.floor(code / choices.length ** k) % choices.length]!)
  )
}

/** Which win cases: with flipped labels (1 to 4 tenths) or none, and how many arms (2 to 3 by default). */
export interface WinCaseOptions {
  readonly flips: boolean
  readonly fewest?: number
  readonly most?: number
}

/** Bandits of few arms with an arbitrary preference matrix. */
export const winCases = ({ flips, fewest = 2, most = 3 }: WinCaseOptions): CaseArbitrary<WinCase> =>
  new CaseArbitrary<WinCase>({
    draw: (random) => {
      const arms = random.nextInt(fewest, most)
      return {
        reference: drawSmall(random, arms, 9),
        behaviour: drawSmall(random, arms, 9),
        wins: Array.from({ length: pairsOf(arms) }, () => random.nextInt(1, 9)),
        flips: flips ? random.nextInt(1, 4) : 0
      }
    },
    isCase: (value): value is WinCase => {
      if (!isRecordOfWeights(value, ["reference", "behaviour"])) return false
      const { wins, flips, reference } = value as unknown as WinCase
      if (reference.length < fewest || reference.length > most) return false
      const tenths = (entry: unknown): boolean =>
        Number.isInteger(entry) && (entry as number) >= 0 && (entry as number) <= 9
      return Array.isArray(wins) && wins.length === pairsOf(reference.length) && wins.every(tenths) && tenths(flips)
    },
    complexity: ({ reference, behaviour, wins, flips }) => [
      ...complexityOf(reference, behaviour),
      wins.reduce((sum, win) => sum + Math.abs(win - 5), 0),
      flips
    ],
    *candidates(value) {
      for (let arms = fewest; arms <= value.reference.length; arms++) {
        for (const wins of simplestWins(arms)) {
          yield { reference: uniform(arms), behaviour: uniform(arms), wins, flips: Math.min(1, value.flips) }
        }
      }
      for (const name of ["behaviour", "reference"] as const) {
        for (const simpler of simplerWeights(value[name])) yield { ...value, [name]: simpler }
      }
    }
  })

const environment = (
  value: { readonly reference: Weights; readonly behaviour: Weights },
  rest: Pick<Environment, "reward" | "preference" | "beta">,
  identical: boolean
): Environment => {
  const behaviour = Float64Array.from(probabilities(value.behaviour))
  return checkedEnvironment({
    id: "case",
    contexts: 1,
    arms: value.reference.length,
    reference: Float64Array.from(probabilities(value.reference)),
    contextWeights: Float64Array.of(1),
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical },
    ...rest
  })
}

// Rewards of more than a few nats would make the labels deterministic.
const rewardScale = (temperature: number): number => Math.min(1, temperature)

/**
 * The bandit of a reward case: r = T log odds, for T > 1 log odds; Bradley–Terry labels at temperature 1.
 * @param temperature T > 0
 */
export const rewardEnvironment = (value: RewardCase, temperature: number): Environment => {
  const reward = Float64Array.from(value.odds, (odds) => rewardScale(temperature) * Math.log(odds))
  return environment(
    value,
    { reward, preference: bradleyTerry(reward, value.odds.length, 1), beta: temperature },
    false
  )
}

/** The KL-regularised optimum π_ref exp(r / T) of a reward case, normalised; as fractions where they are small. */
export const rewardOptimum = (
  { reference, odds }: RewardCase,
  temperature: number
): { readonly policy: ReadonlyArray<number>; readonly text: ReadonlyArray<string> } => {
  const power = rewardScale(temperature) / temperature
  const weights = reference.map((weight, k) => weight * odds[k]! ** power)
  const policy = probabilities(weights)
  const text = power === 1 ? weights.map((weight) => fractionText(weight, total(weights))) : policy.map(numberText)
  return { policy, text }
}

/** The bandit of a win case; an answer can meet itself. Rewards are 0: nothing reads them. */
export const winEnvironment = (value: WinCase, flips: number = value.flips): Environment => {
  const arms = value.reference.length
  const matrix = new Float64Array(arms * arms).fill(0.5)
  let k = 0
  for (let a = 0; a < arms; a++) {
    for (let b = a + 1; b < arms; b++, k++) {
      const win = value.wins[k]! / 10
      const noisy = win + (flips / 10) * (1 - 2 * win)
      matrix[a * arms + b] = noisy
      matrix[b * arms + a] = 1 - noisy
    }
  }
  const preference = preferenceMatrix(matrix, arms)
  return environment(value, { reward: new Float64Array(arms), preference, beta: 1 }, true)
}

/** Lines of the printed bandit: reference and behaviour as fractions, then the given columns. */
export const populationRows = (
  value: { readonly reference: Weights; readonly behaviour: Weights },
  columns: Readonly<Record<string, ReadonlyArray<string | number>>>
): ReadonlyArray<ArmRow> =>
  value.reference.map((weight, k) => ({
    arm: "abcdefg"[k] ?? armNames(k + 1)[k]!,
    reference: fractionText(weight, total(value.reference)),
    behaviour: fractionText(value.behaviour[k]!, total(value.behaviour)),
    ...Object.fromEntries(Object.entries(columns).map(([name, entries]) => [name, entries[k]!]))
  }))
