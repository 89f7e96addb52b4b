/**
 * Adapters: which argument of the user's code is which. Known names need none; the others are named in a JSON or YAML document,
 * `{"pi_w": "lw", "temperature": "beta", "mode": {"constant": "sigmoid"}}`, or in full
 * `{"arguments": {…}, "returns": 0, "dtype": "float32"}`.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { catalogue } from "../loss/catalogue/index.ts"
import type { Loss } from "../loss/loss.ts"
import { nearest } from "../loss/nearest.ts"
import type { Params } from "./expected.ts"
import { derivedArguments, meaningOfName, parameterArguments, particularArguments } from "./names.ts"
import type { ArgumentInfo, Dtype, Source, TargetInfo } from "./protocol.ts"

/** An adapter, or an argument, that says nothing usable; one sentence. */
export class AdapterError extends Data.TaggedError("AdapterError")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

const failure = (reason: string): Result.Result<never, AdapterError> => Result.fail(new AdapterError({ reason }))

/** A decoded adapter. */
export interface Adapter {
  readonly arguments: Readonly<Record<string, unknown>>
  /** Which part of the result is the loss: a place in a tuple, a key or an attribute. */
  readonly returns: number | string | null
  readonly dtype?: Dtype
}

export const noAdapter: Adapter = { arguments: {}, returns: null }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const keys = ["arguments", "returns", "dtype"]

/** Reads an adapter document; `where` names it in errors. */
export const decodeAdapter = (document: unknown, where: string): Result.Result<Adapter, AdapterError> => {
  if (!isRecord(document)) return failure(`${where}: an adapter is an object of argument names and meanings`)
  if (!isRecord(document.arguments)) return Result.succeed({ ...noAdapter, arguments: document })
  const unknown = Object.keys(document).find((key) => !keys.includes(key))
  if (unknown !== undefined) return failure(`${where}: unknown key "${unknown}"; ${nearest(unknown, keys)}`)
  const { returns = null, dtype } = document
  if (returns !== null && typeof returns !== "string" && !(Number.isInteger(returns) && Number(returns) >= 0))
    return failure(
      `${where}: "returns" must be a place in a tuple, a key or an attribute, found ${JSON.stringify(returns)}`
    )
  if (dtype !== undefined && dtype !== "float32" && dtype !== "float64")
    return failure(`${where}: "dtype" must be float32 or float64, found ${JSON.stringify(dtype)}`)
  return Result.succeed({
    arguments: document.arguments,
    returns: returns as number | string | null,
    ...(dtype === undefined ? {} : { dtype })
  })
}

/** All inputs that a meaning may name. */
export const knownInputs: ReadonlyArray<string> = [
  ...new Set(["lw", "ll", "rw", "rl", "nw", "nl", "rg", "lp", "np", ...catalogue.flatMap(({ inputs }) => inputs)])
]

const part = /^(?:(?:tokens|logits)\([lr][wlg]\)|(?:mask|labels|index)\([wlg]\))$/
const sum = /^[+-]?[a-z][a-z_0-9]*(?:\/[a-z][a-z_0-9]*)?(?:[+-][a-z][a-z_0-9]*(?:\/[a-z][a-z_0-9]*)?)*$/

/** Whether a text is a meaning of inputs: `lw`, `lw-ll`, `lw/nw`, `lw,ll`, `tokens(lw)`, `model(policy)`, `batch`. */
export const isMeaning = (text: string): boolean => {
  const plain = text.replaceAll(" ", "")
  if (plain === "batch" || plain === "model(policy)" || plain === "model(reference)") return true
  return plain
    .split(",")
    .every(
      (one) =>
        part.test(one) ||
        (sum.test(one) && (one.match(/[a-z][a-z_0-9]*/g) ?? []).every((name) => knownInputs.includes(name)))
    )
}

/** Value of a parameter text (`beta`, `1-alpha`, `gamma/beta`) at parameters; undefined for any other text. */
export const parameterValue = (text: string, params: Params): number | undefined => {
  const match = /^(?:(1-)?([A-Za-z_]\w*)|([A-Za-z_]\w*)([*/])([A-Za-z_]\w*))$/.exec(text.replaceAll(" ", ""))
  if (match === null) return undefined
  const [, complement, one, a, operator, b] = match
  if (one !== undefined) {
    const value = params[one]
    return value === undefined ? undefined : complement === undefined ? value : 1 - value
  }
  const [x, y] = [params[a!], params[b!]]
  if (x === undefined || y === undefined) return undefined
  return operator === "*" ? x * y : x / y
}

/** What a written meaning is. Numbers, truth values and null are constants; a text is an input's meaning or a parameter's. */
const sourceOf = (name: string, written: unknown, loss: Loss): Result.Result<Source, AdapterError> => {
  if (written === null || typeof written === "number" || typeof written === "boolean")
    return Result.succeed({ constant: written })
  if (isRecord(written) && Object.keys(written).join() === "constant")
    return Result.succeed({ constant: written.constant as string })
  if (typeof written !== "string") return failure(`adapter: "${name}" must be a text, a number or {"constant": …}`)
  if (parameterValue(written, loss.program.params) !== undefined) return Result.succeed({ param: written })
  if (isMeaning(written)) return Result.succeed({ input: written })
  const allowed = [...knownInputs, ...Object.keys(loss.program.params)]
  return failure(
    `adapter: "${name}": "${written}" is neither an input (lw, ll, rw, rl, nw, nl, lw-ll, lw/nw, tokens(lw), model(policy), …) nor a parameter of ${loss.spec}; ${nearest(written, allowed)}`
  )
}

/** The parameter that an argument of this name takes, among those not yet taken. */
const parameterFor = (name: string, loss: Loss): string | undefined => {
  const params = Object.keys(loss.program.params)
  if (params.includes(name)) return name
  const only = particularArguments[name]
  if (only !== undefined && !only.includes(loss.id ?? "")) return undefined
  const derived = derivedArguments[name]
  if (derived !== undefined && parameterValue(derived, loss.program.params) !== undefined) return derived
  return params.find((param) => (parameterArguments[param] ?? []).includes(name))
}

/** The argument sources of a target, and what is worth telling about them. */
export interface Resolved {
  readonly sources: Readonly<Record<string, Source>>
  /** Arguments left at their own defaults. */
  readonly left: ReadonlyArray<string>
  /** By parameter of the loss: the argument that it is passed by. */
  readonly passed: Readonly<Record<string, string>>
}

/** Only the best-suited argument takes a parameter: `cpo_alpha` before `alpha`, a parameter's own name before any other. */
const takesBest = (argument: string, text: string, all: ReadonlyArray<ArgumentInfo>, loss: Loss): boolean => {
  const names = [text, ...(parameterArguments[text] ?? [])]
  const rivals = all.map(({ name }) => name).filter((name) => parameterFor(name, loss) === text)
  const best = names.find((name) => rivals.includes(name))
  return best === undefined || best === argument
}

/**
 * Says for every argument what it gets: what the adapter says, else what its name says, else its own default.
 * @returns a failure naming the first argument that must be given and is not known
 */
export const resolveArguments = (
  info: TargetInfo,
  adapter: Adapter,
  loss: Loss
): Result.Result<Resolved, AdapterError> => {
  const all = [...info.made, ...info.arguments]
  const sources: Record<string, Source> = {}
  const left: Array<string> = []
  const stray = Object.keys(adapter.arguments).find((name) => !all.some((one) => one.name === name))
  if (stray !== undefined)
    return failure(
      `adapter: there is no argument "${stray}"; ${nearest(
        stray,
        all.map(({ name }) => name)
      )}`
    )
  for (const { name, required } of all) {
    const written = adapter.arguments[name]
    if (written !== undefined) {
      const source = sourceOf(name, written, loss)
      if (Result.isFailure(source)) return Result.fail(source.failure)
      sources[name] = source.success
      continue
    }
    const source = sourceByName(name, info, all, loss)
    if (source !== undefined) sources[name] = source
    else if (!required) left.push(name)
    else
      return failure(
        `argument "${name}" is not known: say what it is with --adapter '{"${name}": "lw"}' (lw, ll, rw, rl: log-probabilities; nw, nl: token counts; ${Object.keys(loss.program.params).join(", ") || "no parameters"}; {"constant": …})`
      )
  }
  const passed = Object.fromEntries(
    Object.entries(sources).flatMap(([argument, source]) =>
      "param" in source ? (source.param.match(/[A-Za-z_]\w*/g) ?? []).map((param) => [param, argument] as const) : []
    )
  )
  return Result.succeed({ sources, left, passed })
}

const sourceByName = (
  name: string,
  info: TargetInfo,
  all: ReadonlyArray<ArgumentInfo>,
  loss: Loss
): Source | undefined => {
  const param = parameterFor(name, loss)
  if (param !== undefined && takesBest(name, param, all, loss)) return { param }
  if (info.kind === "trainer") return undefined
  if (loss.inputs.includes(name) || /^[lrn][wl]$/.test(name)) return { input: name }
  const meaning = meaningOfName(name)
  return meaning === undefined || !isMeaning(meaning) ? undefined : { input: meaning }
}
