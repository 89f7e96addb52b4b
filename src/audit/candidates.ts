/** The hypotheses that are tried: one thing wrong, two things wrong, another loss altogether. */
import * as Result from "effect/Result"
import { catalogue } from "../loss/catalogue/index.ts"
import type { ParameterSpec } from "../loss/catalogue/schema.ts"
import type { Loss } from "../loss/loss.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { inRange } from "../loss/settings.ts"
import type { Measured } from "./compare.ts"
import { pairValue, withParams } from "./expected.ts"
import { type Hypothesis, hypothesis, type ParameterChange } from "./hypothesis.ts"
import { addedLikelihoods, batchMeans } from "./likelihood.ts"
import {
  clampedAt,
  constantFactor,
  constantOffset,
  gradientFactor,
  type Output,
  outputs,
  parameterFactors
} from "./outputs.ts"
import { plainReading, type Reading, readings, valuesRead, withoutInputs } from "./readings.ts"

/** What is known beside the numbers. */
export interface Subject {
  readonly loss: Loss
  /** Parameters of the loss that the code is given as arguments, by the argument's name. */
  readonly passed: Readonly<Record<string, string>>
}

const specOf = ({ entry }: Loss, name: string): ParameterSpec => entry?.params[name] ?? { default: 0 }

/** Wording of a parameter that has a fixed value in the code. */
const fixedWords = ({ loss, passed }: Subject, name: string, value: number): string => {
  const shown = Number(value.toPrecision(6))
  const smooths = name === "eps" && value === 0
  if (smooths) return "label smoothing is missing (eps = 0)"
  const argument = passed[name]
  if (argument !== undefined) {
    return `${argument} is ignored: the values are those of ${name} = ${shown}, whatever is passed`
  }
  return value === 0
    ? `the part with ${name} is missing (${name} = 0)`
    : `${name} is ${shown}, not ${loss.params[name]}`
}

const fixed = (subject: Subject, name: string, value: number): ParameterChange => ({
  id: `${name}-fixed`,
  says: fixedWords(subject, name, value),
  change: (params) => ({ ...params, [name]: value })
})

const reshaped = (name: string): ReadonlyArray<ParameterChange> => {
  const make = (id: string, says: string, f: (x: number) => number): ParameterChange => ({
    id: `${name}-${id}`,
    says,
    change: (params) => ({ ...params, [name]: f(params[name]!) })
  })
  return [
    make("squared", `${name} is squared (applied twice)`, (x) => x * x),
    make("inverted", `1/${name} stands in the place of ${name}`, (x) => 1 / x),
    make("doubled", `${name} is doubled`, (x) => 2 * x),
    make("halved", `${name} is halved`, (x) => x / 2),
    make("negated", `${name} has the wrong sign`, (x) => -x),
    make("complement", `1 - ${name} stands in the place of ${name}`, (x) => 1 - x)
  ]
}

/** Values of the parameter at which the loss of one observed call is what was observed. */
const solutions = (subject: Subject, name: string, reading: Reading, one: Measured): ReadonlyArray<number> => {
  const { program } = subject.loss
  const observed = one.observed?.loss[0]
  if (observed === undefined || !Number.isFinite(observed)) return []
  const gap = (value: number): number =>
    valuesRead(withParams(program, { ...one.call.params, [name]: value }), reading, one.call.rows, one.perPair)
      .loss[0]! - observed
  const grid = Array.from({ length: 91 }, (_, k) => 10 ** (-5 + k / 10))
  return [...grid.map((x) => -x).reverse(), 0, ...grid].flatMap((low, k, all) => {
    const high = all[k + 1]
    if (high === undefined || !(gap(low) * gap(high) < 0)) return []
    const found = bisect(gap, low, high)
    // Numbers as people write them first; a solution of float32 values has few digits.
    return [Number(found.toPrecision(4)), found]
  })
}

const bisect = (gap: (x: number) => number, from: number, to: number): number => {
  let [low, high] = [from, to]
  const sign = Math.sign(gap(low))
  for (let k = 0; k < 80; k++) {
    const middle = (low + high) / 2
    if (Math.sign(gap(middle)) === sign) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Changes of parameters: fixed at a value that is usual or solves an observation, or a function of what it should be. */
export const parameterChanges = (
  subject: Subject,
  off: ReadonlyArray<Measured>,
  reading: Reading = plainReading
): ReadonlyArray<ParameterChange> =>
  Object.keys(subject.loss.program.params).flatMap((name) => {
    const spec = specOf(subject.loss, name)
    const usual = [spec.default, 0, 0.1, 1, 0.5, 0.01, 2]
    const solved = off.slice(0, 3).flatMap((one) => solutions(subject, name, reading, one))
    const values = [...new Set([...usual, ...solved])].filter((x) =>
      inRange(x, { ...spec, above: -1e9, atLeast: -1e9 })
    )
    return [...values.map((value) => fixed(subject, name, value)), ...reshaped(name)]
  })

const ratioAt = (of: (one: Measured) => readonly [number, number] | undefined, off: ReadonlyArray<Measured>) =>
  off.flatMap((one) => {
    const pair = of(one)
    return pair === undefined || pair[1] === 0 || !Number.isFinite(pair[0] / pair[1]) ? [] : [pair[0] / pair[1]]
  })

const tidy = (x: number): number => {
  const short = Number(x.toPrecision(6))
  return Math.abs(short - x) < 1e-7 * Math.abs(x) ? short : x
}

/** Factors, offsets and bounds that the first few disagreements suggest. */
const fitted = (off: ReadonlyArray<Measured>): ReadonlyArray<Output> => {
  const few = off.slice(0, 3)
  const values = (one: Measured): readonly [number, number] | undefined =>
    one.observed === undefined ? undefined : [one.observed.loss[0]!, one.expected.values.loss[0]!]
  const slopes = (one: Measured): readonly [number, number] | undefined =>
    one.observed === undefined
      ? undefined
      : [one.observed.gradients.lw?.[0] ?? 0, one.expected.values.gradients.lw![0]!]
  const seen = off.flatMap((one) => values(one)?.[0] ?? [])
  const repeated = seen.filter((x, k) => seen.indexOf(x) !== k)
  return [
    ...ratioAt(values, few).map((x) => constantFactor(tidy(x))),
    ...ratioAt(slopes, few).map((x) => gradientFactor(tidy(x))),
    ...few.flatMap((one) => {
      const pair = values(one)
      return pair === undefined ? [] : [constantOffset(tidy(pair[0] - pair[1]))]
    }),
    ...[...new Set(repeated)].flatMap((bound) => [clampedAt(bound, true), clampedAt(bound, false)])
  ]
}

/** Output errors that apply to the loss. */
const allOutputs = (subject: Subject, off: ReadonlyArray<Measured>): ReadonlyArray<Output> => [
  ...outputs,
  ...Object.keys(subject.loss.program.params).flatMap(parameterFactors),
  ...fitted(off)
]

/** One thing wrong. `off`: calls that disagree, those with the most to say first. */
export const single = (subject: Subject, off: ReadonlyArray<Measured>): ReadonlyArray<Hypothesis> => {
  const { program } = subject.loss
  return [
    ...[...readings, ...withoutInputs(program.inputs)].map((reading) => hypothesis({ program, reading })),
    ...parameterChanges(subject, off).map((parameters) => hypothesis({ program, parameters })),
    ...allOutputs(subject, off).map((output) => hypothesis({ program, output })),
    ...batchMeans(program),
    ...addedLikelihoods(program, off)
  ]
}

/** Two things wrong. */
export const double = (subject: Subject, off: ReadonlyArray<Measured>): ReadonlyArray<Hypothesis> => {
  const { program } = subject.loss
  const changes = parameterChanges(subject, off)
  const out = allOutputs(subject, off)
  return [
    ...readings.flatMap((reading) => [
      ...out.map((output) => hypothesis({ program, reading, output })),
      ...parameterChanges(subject, off, reading).map((parameters) => hypothesis({ program, reading, parameters }))
    ]),
    ...[...readings, ...withoutInputs(program.inputs)].flatMap((reading) => batchMeans(program, reading)),
    ...changes.flatMap((parameters) => outputs.map((output) => hypothesis({ program, parameters, output })))
  ]
}

/** Parameters that stand for one another between losses. */
const alike: ReadonlyArray<ReadonlyArray<string>> = [
  ["beta", "tau"],
  ["lam", "alpha"],
  ["gamma", "margin", "delta"]
]

/** The parameters of another loss, taken from the call's by name or a like name; its own default otherwise. */
const translated = (
  names: ReadonlyArray<string>,
  params: Readonly<Record<string, number>>
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const like = alike.find((group) => group.includes(name)) ?? []
      const known = [name, ...like].find((other) => params[other] !== undefined)
      return known === undefined ? [] : [[name, params[known]!] as const]
    })
  )

/**
 * Another loss of the catalogue, at the same parameters or at its own defaults; with `also`, summed or times a constant factor
 * besides.
 */
export const others = (subject: Subject, off: ReadonlyArray<Measured>, also = false): ReadonlyArray<Hypothesis> => {
  const known = new Set(Object.keys(off[0]?.call.rows[0] ?? {}))
  return catalogue.flatMap(({ id, inputs, notRunnable }) => {
    if (id === subject.loss.id || notRunnable !== undefined || !inputs.every((name) => known.has(name))) return []
    const loss = resolveLoss(id)
    if (Result.isFailure(loss)) return []
    const { program } = loss.success
    const names = Object.keys(program.params)
    const named = (text: string) => ({ id, says: `this is ${id}${text}, not ${subject.loss.id ?? subject.loss.spec}` })
    const other = named("")
    const defaults = names.map((name) => `${name} = ${program.params[name]}`).join(", ")
    const parameters: ParameterChange = {
      id: "as-is",
      says: "",
      change: (params) => ({ ...program.params, ...translated(names, params) })
    }
    const own: ParameterChange = { id: "as-is", says: "", change: () => program.params }
    if (!also) {
      return [
        hypothesis({ program, other, parameters }),
        ...(names.length === 0 ? [] : [hypothesis({ program, other: named(` (${defaults})`), parameters: own })])
      ]
    }
    const factors = off.slice(0, 1).flatMap((one) => {
      const at = pairValue(withParams(program, parameters.change(one.call.params)), one.call.rows[0]!).loss
      return one.call.rows.length === 1 && at !== 0 ? [constantFactor(tidy(one.observed!.loss[0]! / at))] : []
    })
    return [
      ...[outputs[0]!, ...factors].map((output) => hypothesis({ program, other, parameters, output })),
      ...batchMeans(program).map(
        (mean): Hypothesis => ({
          id: `${id}+${mean.id}`,
          says: `${other.says}, and ${mean.says}`,
          complexity: 2.5,
          predict: ({ call, perPair }) =>
            mean.predict({ call: { ...call, params: parameters.change(call.params) }, perPair })
        })
      )
    ]
  })
}
