/** @file `key=value` arguments: dotted keys, values as in YAML, `a=1,2` for a sweep. */
import * as Result from "effect/Result"
import { type ConfigIssue, type Located, type LocatedEntry, type Place, parseLocated } from "./located.ts"

const placed = (located: Located, place: Place): Located => {
  if (located._tag === "Scalar") return { ...located, place }
  if (located._tag === "List") return { ...located, place, items: located.items.map((item) => placed(item, place)) }
  const entries = [...located.entries].map(([key, entry]): [string, LocatedEntry] => [
    key,
    { keyPlace: place, value: placed(entry.value, place) }
  ])
  return { ...located, place, entries: new Map(entries) }
}

/** Commas outside brackets and quotes separate the values of a sweep. */
const splitSweep = (text: string): ReadonlyArray<string> => {
  const parts: Array<string> = [""]
  let depth = 0
  let quote = ""
  for (const character of text) {
    if (quote !== "") quote = character === quote ? "" : quote
    else if (character === '"' || character === "'") quote = character
    else if ("[{(".includes(character)) depth++
    else if ("]})".includes(character)) depth--
    if (character === "," && depth === 0 && quote === "") parts.push("")
    else parts[parts.length - 1] += character
  }
  return parts
}

const parseValue = (text: string, place: Place): Result.Result<Located, ConfigIssue> => {
  const parsed = parseLocated("", text)
  if (Result.isSuccess(parsed)) return Result.succeed(placed(parsed.success, place))
  return Result.fail({ place, path: [], message: parsed.failure[0]?.message ?? "not a YAML value" })
}

const setAt = (
  located: Located | undefined,
  path: ReadonlyArray<string>,
  value: Located,
  place: Place
): Result.Result<Located, string> => {
  const [step, ...rest] = path
  if (step === undefined) return Result.succeed(value)
  if (located?._tag === "List") {
    const index = Number(step)
    const item = located.items[index]
    if (!/^\d+$/.test(step) || item === undefined) {
      return Result.fail(
        `${JSON.stringify(step)} is no position of a list with ${located.items.length} items (the first is 0)`
      )
    }
    return Result.map(setAt(item, rest, value, place), (inner) => ({
      ...located,
      items: located.items.with(index, inner)
    }))
  }
  // A key below a scalar or nothing makes a map there; whether that is allowed is the Schema's to say.
  const entries: ReadonlyMap<string, LocatedEntry> = located?._tag === "Map" ? located.entries : new Map()
  return Result.map(setAt(entries.get(step)?.value, rest, value, place), (inner) => ({
    _tag: "Map" as const,
    place: located?.place ?? place,
    entries: new Map(entries).set(step, { keyPlace: place, value: inner })
  }))
}

/**
 * Lays one argument on a configuration. `seeds=1,2` sets a list, `bandit.studies.clean.steps=200` a number, `title="a, b"` text.
 * Fails when the argument has no `=`, its value is not YAML, or it names a position that a list does not have; a key that the
 * Schema does not know is refused when the result is decoded.
 */
export const applyOverride = (located: Located, argument: string): Result.Result<Located, ConfigIssue> => {
  const place: Place = { _tag: "Argument", argument }
  const fail = (message: string): Result.Result<Located, ConfigIssue> => Result.fail({ place, path: [], message })
  const at = argument.indexOf("=")
  if (at < 1) return fail("expected key=value, for example seeds=1,2")
  const path = argument.slice(0, at).trim().split(".")
  if (path.some((step) => step === "")) return fail(`${JSON.stringify(argument.slice(0, at))} has an empty part`)
  const parts = splitSweep(argument.slice(at + 1))
  const values: Array<Located> = []
  for (const part of parts) {
    const value = parseValue(part, place)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    values.push(value.success)
  }
  const value: Located = values.length === 1 ? values[0]! : { _tag: "List", place, items: values }
  const set = setAt(located, path, value, place)
  return Result.isSuccess(set) ? Result.succeed(set.success) : fail(set.failure)
}
