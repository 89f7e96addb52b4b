/** @file From a study file and the command line to a decoded configuration: compose, profile, overrides, Schema. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { hashOf } from "./canonical.ts"
import { compose } from "./compose.ts"
import { decodeLocated, sortedIssues } from "./decode.ts"
import { ConfigFileError } from "./errors.ts"
import { type ConfigIssue, entryOf, type Located, mergeLocated, placeOf, withoutKeys } from "./located.ts"
import { applyOverride } from "./overrides.ts"

/** What the command line adds to a study file. */
export interface LoadOptions {
  /** `key=value` arguments, laid on in order, after the profile. */
  readonly overrides?: ReadonlyArray<string>
  /** A name under `profiles:`, whose settings are laid over the study's. */
  readonly profile?: string
}

/** A configuration ready to run. */
export interface LoadedConfig<Config> {
  readonly file: string
  readonly config: Config
  /** Hash of the canonical resolved configuration: equal studies have equal hashes, however they were written. */
  readonly hash: string
  readonly overrides: ReadonlyArray<string>
  readonly profile?: string
  readonly files: ReadonlyArray<{ readonly file: string; readonly hash: string }>
}

const profilesOf = (located: Located): ReadonlyMap<string, Located> => {
  const profiles = entryOf(located, "profiles")
  return profiles?._tag === "Map" ? new Map([...profiles.entries].map(([name, { value }]) => [name, value])) : new Map()
}

const chosenProfile = (located: Located, name: string | undefined): Result.Result<Located | undefined, ConfigIssue> => {
  if (name === undefined) return Result.succeed(undefined)
  const profiles = profilesOf(located)
  const profile = profiles.get(name)
  if (profile !== undefined) return Result.succeed(profile)
  const known = [...profiles.keys()]
  return Result.fail({
    place: placeOf(located, ["profiles"], true),
    path: ["profiles"],
    message: `profiles: there is no profile ${JSON.stringify(name)}; ${known.length > 0 ? `there are ${known.join(", ")}` : "the study has none"}`
  })
}

/** What came out of the parts that could be used, and the problems of the others. */
interface Layered {
  readonly located: Located
  readonly issues: ReadonlyArray<ConfigIssue>
}

const layer = (base: Located, overrides: ReadonlyArray<string>): Layered =>
  overrides.reduce<Layered>(
    ({ located, issues }, argument) => {
      const applied = applyOverride(located, argument)
      return Result.isSuccess(applied)
        ? { located: applied.success, issues }
        : { located, issues: [...issues, applied.failure] }
    },
    { located: base, issues: [] }
  )

/** The problems of the profiles that were not asked for: a study is right or wrong as a whole file. */
const profileIssues = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  whole: Located
): ReadonlyArray<ConfigIssue> =>
  [...profilesOf(whole).values()].flatMap((profile) => {
    const decoded = decodeLocated(schema, mergeLocated(withoutKeys(whole, ["profiles"]), profile))
    return Result.isFailure(decoded) ? decoded.failure : []
  })

/**
 * Decodes a composed tree. All problems of the study, its profiles and the arguments are reported together; what settings
 * say against each other is looked at once each is right by itself.
 */
export const decodeStudy = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  whole: Located,
  options: LoadOptions
): Result.Result<S["Type"], ReadonlyArray<ConfigIssue>> => {
  const profiles = entryOf(whole, "profiles")
  const profile =
    profiles === undefined || profiles._tag === "Map"
      ? chosenProfile(whole, options.profile)
      : Result.fail({ place: profiles.place, path: ["profiles"], message: "profiles: expected a map of profiles" })
  const bare = withoutKeys(whole, ["profiles"])
  const chosen = Result.isSuccess(profile) && profile.success ? mergeLocated(bare, profile.success) : bare
  const layered = layer(chosen, options.overrides ?? [])
  const decoded = decodeLocated(schema, layered.located)
  const issues = [
    ...(Result.isFailure(profile) ? [profile.failure] : []),
    ...layered.issues,
    ...(Result.isFailure(decoded) ? decoded.failure : []),
    ...profileIssues(schema, whole)
  ]
  return Result.isSuccess(decoded) && issues.length === 0
    ? Result.succeed(decoded.success)
    : Result.fail(sortedIssues(issues))
}

/** Reads, composes and decodes a study file. Fails with one {@link ConfigFileError} that holds every problem. */
export const loadConfig = Effect.fn("loadConfig")(function* <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  file: string,
  options: LoadOptions = {}
): Effect.fn.Return<LoadedConfig<S["Type"]>, ConfigFileError, FileSystem.FileSystem> {
  const { located, files } = yield* compose(file)
  const config = yield* Effect.fromResult(
    Result.mapError(decodeStudy(schema, located, options), (issues) => new ConfigFileError({ file, issues }))
  )
  return {
    file,
    config,
    hash: hashOf(config),
    overrides: options.overrides ?? [],
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    files
  }
})
