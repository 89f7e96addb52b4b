/** Ways to a policy that are no loss program: policy gradients, losses over rankings, dynamics of games, decoding without training. */
import * as Result from "effect/Result"
import type { ParameterSpec } from "../../loss/catalogue/schema.ts"
import { nearest } from "../../loss/nearest.ts"
import { readNumber } from "../../loss/settings.ts"
import { BanditSpecError } from "../errors.ts"
import type { World } from "../inputs/filler.ts"
import type { Family } from "../objective.ts"

/** A rule that moves a policy itself, without a gradient. */
export interface Dynamics {
  /** One step from log π to log π, in place; shape [contexts * arms], normalised. */
  readonly stepInPlace: (logp: Float64Array) => void
}

/** What a method is made into. */
export type Method =
  | { readonly kind: "family"; readonly family: Family }
  | { readonly kind: "dynamics"; readonly dynamics: Dynamics }
  /** A policy that needs no training, shape [contexts * arms]. */
  | { readonly kind: "policy"; readonly policy: Float64Array }

/** What a run gives a method. */
export interface MethodContext {
  readonly world: World
  /** Updates of the whole run. */
  readonly steps: number
}

/** A number with its range; without a default the method chooses. */
interface NumberSpec extends Omit<ParameterSpec, "default"> {
  readonly default?: number
  /** Whether it counts something. */
  readonly whole?: boolean
}

/** A setting: a number, or one of some words, the first the default. */
export type SettingSpec = NumberSpec | ReadonlyArray<string>

/** Settings as read; a number that was not given and has no default is absent. */
export interface Settings {
  readonly number: (name: string) => number | undefined
  readonly word: (name: string) => string
}

/** One method. */
export interface MethodDefinition {
  readonly name: string
  /** What it is, in a few words. */
  readonly title: string
  readonly settings: Readonly<Record<string, SettingSpec>>
  /** The failure is the reason in words. */
  readonly make: (settings: Settings, context: MethodContext) => Result.Result<Method, string>
}

const isWords = (spec: SettingSpec): spec is ReadonlyArray<string> => Array.isArray(spec)

const readSetting = (name: string, text: string, spec: SettingSpec): Result.Result<number | string, string> => {
  if (!isWords(spec)) {
    const read = readNumber(name, text, { ...spec, default: spec.default ?? 0 })
    return spec.whole === true && Result.isSuccess(read) && !Number.isInteger(read.success)
      ? Result.fail(`${name} must be a whole number, found ${text}`)
      : read
  }
  return spec.includes(text)
    ? Result.succeed(text)
    : Result.fail(`${name} must be one of ${spec.join(", ")}, found "${text}"`)
}

/** Reads `a=1&b=two`; every setting at most once. The failure is the reason in words. */
export const readSettings = (
  { name, settings }: MethodDefinition,
  text: string
): Result.Result<Settings, BanditSpecError> => {
  const given = new Map<string, number | string>()
  const refuse = (reason: string) =>
    Result.fail(new BanditSpecError({ issues: [`loss "${name}${text === "" ? "" : `?${text}`}": ${reason}`] }))
  for (const part of text.split("&").filter((piece) => piece !== "")) {
    const [key = "", value = ""] = part.split("=", 2)
    const spec = Object.hasOwn(settings, key) ? settings[key] : undefined
    if (spec === undefined) {
      const known = Object.keys(settings)
      return refuse(`it has no setting "${key}"; ${known.length === 0 ? "it has none" : nearest(key, known)}`)
    }
    if (given.has(key)) return refuse(`${key} is set twice`)
    const read = readSetting(key, value, spec)
    if (Result.isFailure(read)) return refuse(read.failure)
    given.set(key, read.success)
  }
  const defaultOf = (key: string) => {
    const spec = settings[key]!
    return isWords(spec) ? spec[0] : spec.default
  }
  return Result.succeed({
    number: (key) => (given.get(key) ?? defaultOf(key)) as number | undefined,
    word: (key) => (given.get(key) ?? defaultOf(key)) as string
  })
}
