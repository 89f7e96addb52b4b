/** Values of the settings in a LOSS text: parameters with ranges, and the options that every structure takes. */
import * as Result from "effect/Result"
import type { Semantics } from "../logic/structure.ts"
import type { ParameterSpec } from "./catalogue/schema.ts"
import { linkKinds } from "./links.ts"
import type { LinkKind } from "./loss.ts"
import { nearest } from "./nearest.ts"

/** What a structure can be read and linked with. Absent means default. */
export interface StructureOptions {
  readonly link?: LinkKind
  /** Scale of rho, > 0. */
  readonly beta?: number
  readonly margin?: number
  /** Adds Ref(l) to the ticks and Ref(w) to the crosses. */
  readonly reference?: boolean
  readonly semantics?: Semantics
  /** Power of every odds, > 0. */
  readonly oddsBeta?: number
  readonly lengthNormalised?: boolean
}

type Read<A> = Result.Result<A, string>

const positive: ParameterSpec = { default: 1, above: 0 }

/** A range in words: `above 0 and below 0.5`. */
export const rangeText = (spec: ParameterSpec): string => {
  const bounds = [
    spec.above === undefined ? undefined : `above ${spec.above}`,
    spec.atLeast === undefined ? undefined : `at least ${spec.atLeast}`,
    spec.below === undefined ? undefined : `below ${spec.below}`,
    spec.atMost === undefined ? undefined : `at most ${spec.atMost}`,
    spec.except === undefined ? undefined : `other than ${spec.except}`
  ].filter((bound) => bound !== undefined)
  return bounds.length === 0 ? "any finite number" : bounds.join(" and ")
}

/** Whether a parameter may have the value. */
export const inRange = (value: number, spec: ParameterSpec): boolean =>
  Number.isFinite(value) &&
  (spec.above === undefined || value > spec.above) &&
  (spec.atLeast === undefined || value >= spec.atLeast) &&
  (spec.below === undefined || value < spec.below) &&
  (spec.atMost === undefined || value <= spec.atMost) &&
  value !== spec.except

/** Reads the value of a numeric parameter; the failure is the reason as text. */
export const readNumber = (name: string, text: string, spec: ParameterSpec = { default: 0 }): Read<number> => {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) return Result.fail(`${name} must be a number, found "${text}"`)
  return inRange(value, spec) ? Result.succeed(value) : Result.fail(`${name} must be ${rangeText(spec)}, found ${text}`)
}

const readChoice = <A extends string>(name: string, text: string, choices: ReadonlyArray<A>): Read<A> => {
  const found = choices.find((choice) => choice === text)
  return found === undefined
    ? Result.fail(`${name} must be one of ${choices.join(", ")}, found "${text}"`)
    : Result.succeed(found)
}

const readBoolean = (name: string, text: string): Read<boolean> =>
  Result.map(readChoice(name, text, ["true", "false"]), (choice) => choice === "true")

const readers = {
  link: (text) => readChoice("link", text, linkKinds),
  beta: (text) => readNumber("beta", text, positive),
  margin: (text) => readNumber("margin", text),
  reference: (text) => readBoolean("reference", text),
  semantics: (text) => readChoice("semantics", text, ["absolute", "relative"] as const),
  oddsBeta: (text) => readNumber("oddsBeta", text, positive),
  lengthNormalised: (text) => readBoolean("lengthNormalised", text)
} satisfies { readonly [K in keyof StructureOptions]-?: (text: string) => Read<NonNullable<StructureOptions[K]>> }

/** Names of the options of structures. */
export const structureOptionNames = Object.keys(readers) as ReadonlyArray<keyof StructureOptions>

/** Reads the options of a structure. `numbers`: further numeric parameters that may be set. */
export const readStructureOptions = (
  settings: ReadonlyMap<string, string>,
  numbers: ReadonlyArray<string> = []
): Read<{ readonly options: StructureOptions; readonly params: Readonly<Record<string, number>> }> => {
  const options: Record<string, unknown> = {}
  const params: Record<string, number> = {}
  for (const [name, text] of settings) {
    const reader = Object.hasOwn(readers, name) ? readers[name as keyof typeof readers] : undefined
    if (reader === undefined && !numbers.includes(name)) {
      return Result.fail(`unknown parameter "${name}"; ${nearest(name, [...structureOptionNames, ...numbers])}`)
    }
    const value: Read<unknown> = reader === undefined ? readNumber(name, text) : reader(text)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    if (reader !== undefined) options[name] = value.success
    // beta and margin may occur inside a ratio as well: there they are the same numbers.
    if (numbers.includes(name)) params[name] = value.success as number
  }
  return Result.succeed({ options: options as StructureOptions, params })
}

/** Parameters of a catalogue entry: defaults, overridden by the settings. */
export const readParameters = (
  specs: Readonly<Record<string, ParameterSpec>>,
  settings: ReadonlyMap<string, string>
): Read<Readonly<Record<string, number>>> => {
  const params = Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]))
  for (const [name, text] of settings) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) return Result.fail(`unknown parameter "${name}"; ${allowedText(name, Object.keys(specs))}`)
    const value = readNumber(name, text, spec)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    params[name] = value.success
  }
  return Result.succeed(params)
}

const allowedText = (name: string, allowed: ReadonlyArray<string>): string => {
  if (allowed.length === 0) return "it takes none"
  return allowed.length <= 8 ? `allowed: ${allowed.join(", ")}` : nearest(name, allowed)
}
