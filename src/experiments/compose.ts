/** @file A study file and the files it builds on: `defaults: [file…]` laid under it in order, each relative to the file that names it. */
import { dirname, isAbsolute, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { contentHash } from "./canonical.ts"
import { ConfigFileError } from "./errors.ts"
import { entryOf, type Located, mergeLocated, type Place, parseLocated, withoutKeys } from "./located.ts"

/** The merged tree, and every file that went into it with its content's hash. */
export interface Composed {
  readonly located: Located
  readonly files: ReadonlyArray<{ readonly file: string; readonly hash: string }>
}

/** The files on the way to the one being read, outermost first: absolute, and as a person would name them. */
type Chain = ReadonlyArray<{ readonly path: string; readonly shown: string }>

const refuse = (file: string, place: Place, message: string): ConfigFileError =>
  new ConfigFileError({ file, issues: [{ place, path: [], message }] })

/** A default is named beside the place that asked for it; the study file is the place. */
const named = (file: string, chain: Chain): string => (chain.length > 0 ? `defaults: ${file}: ` : "")

const readingProblem = (reason: string): string =>
  reason === "NotFound"
    ? "no such file"
    : reason === "PermissionDenied"
      ? "the file may not be read"
      : `the file cannot be read (${reason})`

const utf8 = (bytes: Uint8Array): string | undefined =>
  Result.getOrUndefined(Result.try(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)))

const readText = Effect.fnUntraced(
  function* (file: string, place: Place, chain: Chain) {
    const fs = yield* FileSystem.FileSystem
    const info = yield* fs.stat(file)
    if (info.type === "Directory")
      return yield* refuse(file, place, `${named(file, chain)}is a folder, a file is needed`)
    const text = utf8(yield* fs.readFile(file))
    return text ?? (yield* refuse(file, place, `${named(file, chain)}is not text in UTF-8`))
  },
  (effect, file, place, chain) =>
    Effect.catchTag(effect, "PlatformError", (error) =>
      Effect.fail(refuse(file, place, named(file, chain) + readingProblem(error.reason._tag)))
    )
)

/** The names under `defaults:`, or what is wrong with them. */
const defaultsOf = (
  file: string,
  located: Located
): Result.Result<ReadonlyArray<{ name: string; place: Place }>, ConfigFileError> => {
  const defaults = entryOf(located, "defaults")
  if (defaults === undefined) return Result.succeed([])
  const items = defaults._tag === "List" ? defaults.items : [defaults]
  const names: Array<{ name: string; place: Place }> = []
  for (const item of items) {
    if (item._tag !== "Scalar" || typeof item.value !== "string") {
      return Result.fail(refuse(file, item.place, "defaults: expected the name of a file"))
    }
    if (isAbsolute(item.value)) {
      return Result.fail(
        refuse(file, item.place, `defaults: ${JSON.stringify(item.value)} has to be relative to this file`)
      )
    }
    names.push({ name: item.value, place: item.place })
  }
  return Result.succeed(names)
}

const composeBelow = (
  shown: string,
  place: Place,
  chain: Chain
): Effect.Effect<Composed, ConfigFileError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const path = resolve(shown)
    const before = chain.findIndex((link) => link.path === path)
    if (before >= 0) {
      const names = [...chain.slice(before).map((link) => link.shown), shown]
      return yield* refuse(shown, place, `defaults go in a circle: ${names.join(" → ")}`)
    }
    const text = yield* readText(shown, place, chain)
    const parsed = parseLocated(shown, text)
    if (Result.isFailure(parsed)) return yield* new ConfigFileError({ file: shown, issues: parsed.failure })
    const own = parsed.success
    if (own._tag !== "Map") {
      const found = own._tag === "List" ? "a list" : own.value === null ? "nothing" : JSON.stringify(own.value)
      return yield* refuse(shown, own.place, `expected a map of settings, found ${found}`)
    }
    const names = yield* Effect.fromResult(defaultsOf(shown, own))
    const [bases, failures] = yield* Effect.partition(names, ({ name, place }) =>
      composeBelow(join(dirname(shown), name), place, [...chain, { path, shown }])
    )
    if (failures.length > 0) {
      return yield* new ConfigFileError({ file: shown, issues: failures.flatMap(({ issues }) => issues) })
    }
    const layers = [...bases.map((base) => base.located), withoutKeys(own, ["defaults"])]
    return {
      located: layers.reduce(mergeLocated),
      files: [...bases.flatMap((base) => base.files), { file: shown, hash: contentHash(text) }]
    }
  })

/**
 * Reads a study file with everything it builds on. Later defaults win over earlier ones, the file itself over all.
 * Fails for a file that is missing, is a folder, is not YAML or not a map, an absolute default, and defaults in a circle.
 */
export const compose = (file: string): Effect.Effect<Composed, ConfigFileError, FileSystem.FileSystem> =>
  composeBelow(file, { _tag: "File", file, line: 0, column: 0 }, [])
