/**
 * The case that most properties quantify over: one preference pair on a bandit. Arm 0 is the chosen answer, arm 1 the
 * rejected one, the others are in no pair. Policy and reference are integer weights, so that every case can be printed
 * exactly; an arm is one token long.
 */
import type * as fc from "fast-check"
import { inputDomains, pairInputs } from "./inputs.ts"
import type { Point } from "./ratio.ts"
import { CaseArbitrary, type CaseShape } from "./shrink.ts"
import type { LossSubject } from "./subject.ts"
import { fractionText } from "./table.ts"
import type { ArmRow } from "./verdict.ts"
import {
  drawWeights,
  isUniform,
  isWeights,
  logProbabilities,
  simplerWeights,
  total,
  uniform,
  type Weights,
  weightsOfTotal
} from "./weights.ts"

/** One pair on a bandit; `reference` is present exactly for losses that read it, `inputs` holds their extra inputs. */
export interface PairCase {
  readonly policy: Weights
  readonly reference?: Weights
  readonly inputs?: Readonly<Record<string, number>>
}

/** How many arms cases may have. */
export interface PairCaseOptions {
  /** Default 2: the pair alone. */
  readonly fewestArms?: number
  /** Default 7. */
  readonly mostArms?: number
}

// Sums of weights up to which all policies of two and three arms are tried when a case is simplified.
const exhaustiveTotal = 12

const caseOf = (policy: Weights, reference: Weights | undefined, inputs: PairCase["inputs"]): PairCase => ({
  policy,
  ...(reference === undefined ? {} : { reference }),
  ...(inputs === undefined ? {} : { inputs })
})

const drawCase = (subject: LossSubject, random: fc.Random, fewest: number, most: number): PairCase => {
  const arms = random.nextInt(fewest, most)
  const policy = drawWeights(random, arms)
  const reference = subject.usesReference
    ? random.nextInt(0, 2) === 0
      ? uniform(arms)
      : drawWeights(random, arms)
    : undefined
  const inputs =
    subject.extras.length === 0
      ? undefined
      : Object.fromEntries(
          subject.extras.map((name) => {
            const { values } = inputDomains[name]!
            return [name, values[random.nextInt(0, values.length - 1)]!]
          })
        )
  return caseOf(policy, reference, inputs)
}

const isPairCase = (subject: LossSubject, value: unknown, fewest: number): value is PairCase => {
  if (typeof value !== "object" || value === null) return false
  const { policy, reference, inputs } = value as Partial<Record<keyof PairCase, unknown>>
  if (!isWeights(policy, fewest)) return false
  if (subject.usesReference !== (reference !== undefined)) return false
  if (reference !== undefined && !(isWeights(reference) && reference.length === policy.length)) return false
  const given = inputs === undefined ? {} : inputs
  return (
    typeof given === "object" &&
    given !== null &&
    Object.keys(given).length === subject.extras.length &&
    subject.extras.every((name) => Number.isFinite((given as Record<string, unknown>)[name]))
  )
}

const inputRank = (name: string, value: number): number => {
  const at = inputDomains[name]!.values.indexOf(value)
  return at < 0 ? inputDomains[name]!.values.length : at
}

/** Arms, then reference uniform or not, sizes, extra inputs; ties go to the policy that names smaller weights first. */
const pairComplexity = ({ policy, reference, inputs }: PairCase): ReadonlyArray<number> => [
  policy.length,
  reference === undefined || isUniform(reference) ? 0 : 1,
  Object.entries(inputs ?? {}).reduce((sum, [name, value]) => sum + inputRank(name, value), 0),
  total(policy) + (reference === undefined ? 0 : total(reference)),
  total(policy),
  ...policy,
  ...(reference ?? [])
]

function* simplerInputs(inputs: PairCase["inputs"]): Generator<PairCase["inputs"]> {
  if (inputs === undefined) return
  const simplest = Object.keys(inputs).map((name) => [name, inputDomains[name]!.values[0]!] as const)
  yield Object.fromEntries(simplest)
  for (const name of Object.keys(inputs)) {
    for (const value of inputDomains[name]!.values.slice(0, inputRank(name, inputs[name]!))) {
      yield { ...inputs, [name]: value }
    }
  }
}

const smallReferences = (reference: Weights, arms: number): ReadonlyArray<Weights> => [
  uniform(arms),
  ...weightsOfTotal(arms, arms + 1),
  ...weightsOfTotal(arms, arms + 2),
  reference.slice(0, arms)
]

function* smallCases(value: PairCase, fewest: number): Generator<PairCase> {
  for (let arms = fewest; arms <= Math.min(3, value.policy.length); arms++) {
    const references = value.reference === undefined ? [undefined] : smallReferences(value.reference, arms)
    for (const reference of references) {
      for (let sum = arms; sum <= exhaustiveTotal; sum++) {
        for (const policy of weightsOfTotal(arms, sum)) yield caseOf(policy, reference, value.inputs)
      }
    }
  }
}

function* pairCandidates(value: PairCase, fewest: number): Generator<PairCase> {
  const { policy, reference, inputs } = value
  yield* smallCases(value, fewest)
  for (let arm = policy.length - 1; arm >= Math.max(2, fewest); arm--) {
    const without = (weights: Weights): Weights => weights.filter((_, k) => k !== arm)
    yield caseOf(without(policy), reference === undefined ? undefined : without(reference), inputs)
  }
  for (const simpler of simplerInputs(inputs)) yield caseOf(policy, reference, simpler)
  for (const simpler of simplerWeights(policy)) yield caseOf(simpler, reference, inputs)
  if (reference !== undefined) {
    for (const simpler of simplerWeights(reference)) yield caseOf(policy, simpler, inputs)
  }
}

/**
 * The shape of the pair cases of a loss.
 * @throws RangeError unless 2 ≤ fewestArms ≤ mostArms
 */
export const pairCaseShape = (subject: LossSubject, options: PairCaseOptions = {}): CaseShape<PairCase> => {
  const { fewestArms: fewest = 2, mostArms: most = 7 } = options
  if (!(fewest >= 2 && most >= fewest)) throw new RangeError(`pairCaseShape: arms from ${fewest} to ${most}`)
  return {
    draw: (random) => drawCase(subject, random, fewest, most),
    isCase: (value): value is PairCase => isPairCase(subject, value, fewest),
    complexity: pairComplexity,
    candidates: (value) => pairCandidates(value, fewest)
  }
}

/** Pair cases as a fast-check arbitrary: 3 to 7 arms is the default of properties about unseen answers, 2 to 7 else. */
export const pairCases = (subject: LossSubject, options: PairCaseOptions = {}): CaseArbitrary<PairCase> =>
  new CaseArbitrary(pairCaseShape(subject, options))

/** The named inputs of the loss at a case: log-probabilities in nats, token counts 1, extra inputs as given. */
export const pointOf = (value: PairCase): Point => {
  const policy = logProbabilities(value.policy)
  const reference = logProbabilities(value.reference ?? uniform(value.policy.length))
  return {
    lw: policy[0]!,
    ll: policy[1]!,
    rw: reference[0]!,
    rl: reference[1]!,
    nw: 1,
    nl: 1,
    ...value.inputs
  }
}

/** Names of the arms: chosen `w`, rejected `l`, the unseen `u`, `u2`, … */
export const armNames = (arms: number): ReadonlyArray<string> =>
  Array.from({ length: arms }, (_, k) => (k === 0 ? "w" : k === 1 ? "l" : k === 2 ? "u" : `u${k - 1}`))

/** Lines of the printed bandit: name, role, policy and reference as fractions, then the given columns. */
export const armRows = (
  value: PairCase,
  columns: Readonly<Record<string, ReadonlyArray<number | string>>> = {}
): ReadonlyArray<ArmRow> =>
  armNames(value.policy.length).map((arm, k) => ({
    arm,
    role: k === 0 ? "chosen" : k === 1 ? "rejected" : "unseen",
    policy: fractionText(value.policy[k]!, total(value.policy)),
    ...(value.reference === undefined ? {} : { reference: fractionText(value.reference[k]!, total(value.reference)) }),
    ...Object.fromEntries(Object.entries(columns).map(([name, entries]) => [name, entries[k]!]))
  }))

/** Whether every input of a loss can be supplied by one bandit pair; otherwise the sentence that says which cannot. */
export const unsupportedInputs = (inputs: ReadonlyArray<string>): string | undefined => {
  const unknown = inputs.filter((name) => !pairInputs.includes(name) && !Object.hasOwn(inputDomains, name))
  return unknown.length === 0 ? undefined : `needs ${unknown.join(", ")}, which one pair on a bandit does not have`
}
