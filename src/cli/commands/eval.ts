/** @file `losslattice eval`: values and derivatives of losses at given points, case by case. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { propositionParts } from "../../logic/proposition.ts"
import { compileKernel, type Kernel } from "../../loss/kernel.ts"
import type { Loss } from "../../loss/loss.ts"
import { nearestName } from "../../loss/nearest.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { readJson } from "../files.ts"
import { resolve } from "../losses.ts"
import { printJson, style, tableLines } from "../output.ts"

interface EvalInput {
  readonly cases: string
  readonly json: boolean
}

interface Prepared {
  readonly loss: Loss
  readonly kernel: Kernel
}

/** Value of one case; `expected` when the case carries golden values (`loss` as a number, `dlw`, `dll`, `cond`). */
interface Evaluated {
  readonly name: string
  readonly value: { readonly loss: number; readonly dlw: number; readonly dll: number }
  readonly withinTolerance?: boolean
}

const caseKeys = ["id", "loss", "params", "inputs", "dlw", "dll", "cond"]
/** Inputs that every pair has; a loss that does not read one ignores it. */
const pairInputs = ["lw", "ll", "rw", "rl", "nw", "nl"]
const logProbability = /^[lr](?:[wlg]|y\d+)$/
const tokenCount = /^n(?:[wlg]|y\d+)$/
/** Settings of a structure that are no numbers, with what they are instead. */
const settingKinds: Readonly<Record<string, "boolean" | "string">> = {
  link: "string",
  semantics: "string",
  reference: "boolean",
  lengthNormalised: "boolean"
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const fail = (message: string) => Effect.fail(new InputError({ message }))

const suggest = (name: string, allowed: ReadonlyArray<string>): string => {
  const near = nearestName(name, allowed)
  return `${near === undefined ? "" : `did you mean "${near}"? `}allowed: ${allowed.join(", ")}`
}

const numbers = (where: string, value: unknown): Effect.Effect<Readonly<Record<string, number>>, InputError> => {
  if (!isRecord(value)) return fail(`${where}: expected an object of numbers, found ${JSON.stringify(value)}`)
  const wrong = Object.entries(value).find(([, item]) => typeof item !== "number" || !Number.isFinite(item))
  return wrong
    ? fail(`${where}.${wrong[0]}: expected a finite number, found ${JSON.stringify(wrong[1])}`)
    : Effect.succeed(value as Readonly<Record<string, number>>)
}

/** The parameters of a case as settings of a LOSS: numbers, and the words and truth values that structures take. */
const settingsOf = (where: string, value: unknown): Effect.Effect<ReadonlyArray<string>, InputError> => {
  if (value === undefined) return Effect.succeed([])
  if (!isRecord(value)) return fail(`${where}: expected an object of parameters, found ${JSON.stringify(value)}`)
  return Effect.forEach(Object.entries(value), ([name, item]) => {
    const kind = Object.hasOwn(settingKinds, name) ? settingKinds[name]! : "number"
    const isRight = typeof item === kind && (kind !== "number" || Number.isFinite(item))
    // A word is a word: what else it contains would be read as further settings.
    if (isRight && (kind !== "string" || /^\w+$/.test(String(item)))) return Effect.succeed(`${name}=${item}`)
    const expected = { number: "a finite number", boolean: "true or false", string: "a word" }[kind]
    return fail(`${where}.${name}: expected ${expected}, found ${JSON.stringify(item)}`)
  })
}

/** The LOSS text of a case: `loss` when it is text, else `id`; the settings are appended. */
const specOf = (where: string, item: Readonly<Record<string, unknown>>, settings: ReadonlyArray<string>) => {
  const name = typeof item.loss === "string" ? item.loss : item.id
  if (typeof name !== "string") return fail(`${where}: expected an "id" or a "loss" (text), found neither`)
  if (typeof item.loss === "string" && item.id !== undefined) {
    return fail(`${where}: give either "id" or "loss", not both`)
  }
  if (settings.length === 0) return Effect.succeed(name)
  return Effect.succeed(`${name}${/\?\w+=/.test(name) ? "&" : "?"}${settings.join("&")}`)
}

const checkInputs = (where: string, loss: Loss, inputs: Readonly<Record<string, number>>) => {
  const missing = loss.inputs.find((name) => inputs[name] === undefined)
  if (missing !== undefined)
    return fail(`${where}.inputs: ${missing} is missing; ${loss.spec} reads ${loss.inputs.join(", ")}`)
  const allowed = [...new Set([...loss.inputs, ...pairInputs])]
  const { propositions = [] } = loss.structure ?? loss.weighted ?? {}
  const responses = propositions.map((proposition) => propositionParts(proposition).response)
  const isLogProbability = (name: string): boolean =>
    logProbability.test(name) || responses.some((response) => name === `l${response}` || name === `r${response}`)
  const isCount = (name: string): boolean =>
    tokenCount.test(name) || responses.some((response) => name === `n${response}`)
  for (const [name, value] of Object.entries(inputs)) {
    if (!allowed.includes(name)) return fail(`${where}.inputs.${name}: unknown input; ${suggest(name, allowed)}`)
    if (isLogProbability(name) && value > 0) {
      return fail(`${where}.inputs.${name}: a log-probability is at most 0, found ${value} (a probability above 1)`)
    }
    if (isCount(name) && !(value > 0)) {
      return fail(`${where}.inputs.${name}: a token count is positive, found ${value}`)
    }
  }
  return Effect.void
}

/** Names the values that are no numbers: JSON can only write them as text, and nobody should meet them unprepared. */
const warnings = (file: string, results: ReadonlyArray<Evaluated>): ReadonlyArray<string> => {
  const lines = results.flatMap(({ name, value }, index) => {
    const odd = Object.entries(value).filter(([, x]) => !Number.isFinite(x))
    const found = odd.map(([key, x]) => `${key} is ${x}`).join(", ")
    return odd.length === 0
      ? []
      : [`losslattice: warning: ${file}[${index}]: ${name} has no finite value here: ${found}`]
  })
  const most = 10
  const rest = lines.length - most
  return rest > 0 ? [...lines.slice(0, most), `losslattice: warning: ${file}: and ${rest} more cases`] : lines
}

const golden = (item: Readonly<Record<string, unknown>>, value: Evaluated["value"]): boolean | undefined => {
  const condition = Array.isArray(item.cond) ? (item.cond as ReadonlyArray<number | null>) : undefined
  if (typeof item.loss !== "number" || condition === undefined) return undefined
  const pairs = [
    [item.loss, value.loss],
    [item.dlw, value.dlw],
    [item.dll, value.dll]
  ] as ReadonlyArray<readonly [number, number]>
  // Tolerance of docs/losses.md §9.
  return pairs.every(([expected, found], i) => {
    const relative = condition[i] === null || condition[i] === undefined ? 0 : 16 * 2 ** -52 * (1 + condition[i])
    return Math.abs(found - expected) <= relative * Math.abs(expected) + 1e-60
  })
}

const evaluateCase = (file: string, cache: Map<string, Prepared>) => (item: unknown, index: number) =>
  Effect.gen(function* () {
    const where = `${file}[${index}]`
    if (!isRecord(item))
      return yield* fail(`${where}: expected an object {id | loss, params, inputs}, found ${JSON.stringify(item)}`)
    const unknown = Object.keys(item).find((key) => !caseKeys.includes(key))
    if (unknown !== undefined) return yield* fail(`${where}.${unknown}: unknown key; ${suggest(unknown, caseKeys)}`)
    const spec = yield* specOf(where, item, yield* settingsOf(`${where}.params`, item.params))
    let prepared = cache.get(spec)
    if (prepared === undefined) {
      const loss = yield* fromInput(resolve(spec), where)
      if (loss.unevaluable !== undefined)
        return yield* fail(`${where}: ${spec} cannot be evaluated: ${loss.unevaluable}`)
      prepared = { loss, kernel: compileKernel(loss.program) }
      cache.set(spec, prepared)
    }
    if (item.inputs === undefined)
      return yield* fail(`${where}.inputs: missing; ${spec} reads ${prepared.loss.inputs.join(", ")}`)
    const inputs = yield* numbers(`${where}.inputs`, item.inputs)
    yield* checkInputs(where, prepared.loss, inputs)
    const { loss, dlw, dll } = prepared.kernel.evaluate(inputs)
    const value = { loss, dlw, dll }
    const withinTolerance = golden(item, value)
    const evaluated: Evaluated = { name: spec, value, ...(withinTolerance === undefined ? {} : { withinTolerance }) }
    return evaluated
  })

const text = (results: ReadonlyArray<Evaluated>): string => {
  const compared = results.filter(({ withinTolerance }) => withinTolerance !== undefined)
  const outside = compared.filter(({ withinTolerance }) => !withinTolerance).length
  const rows = results.map(({ name, value, withinTolerance }) => [
    name,
    String(value.loss),
    String(value.dlw),
    String(value.dll),
    withinTolerance === undefined ? "" : withinTolerance ? style.good("within") : style.bad("OUTSIDE")
  ])
  const lines = tableLines([["loss", "value", "d/d lw", "d/d ll", compared.length > 0 ? "tolerance" : ""], ...rows])
  const verdict =
    compared.length === 0
      ? []
      : ["", `${compared.length - outside} of ${compared.length} given values agree within tolerance`]
  return [...lines, ...verdict].join("\n")
}

/** Runs `eval`. */
export const run = ({ cases, json }: EvalInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const items = yield* readJson(cases)
    if (!Array.isArray(items))
      return yield* fail(
        `${cases}: expected a JSON array of cases, found ${items === null ? "null" : `a JSON ${typeof items}`}`
      )
    if (items.length === 0) return yield* fail(`${cases}: no cases in the array; at least one is needed`)
    const results = yield* Effect.forEach(items as ReadonlyArray<unknown>, evaluateCase(cases, new Map()))
    yield* Effect.forEach(warnings(cases, results), (line) => Console.error(line), { discard: true })
    yield* json ? printJson(results.map(({ value }) => value)) : Console.log(text(results))
  })
