/** @file What the command line calls: run a study, plan it, draw its figures again. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { type DryRun, dryRunOf } from "./dryRun.ts"
import { ConfigFileError, type RunFailed, type RunFolderError, type RunLocked, type StageError } from "./errors.ts"
import { losslatticeStudy } from "./losslatticeStudy.ts"
import { type RunResult, runStudyOf, type StudyOptions } from "./study.ts"

/** The options of `losslattice run`. */
export interface RunOptions extends Omit<StudyOptions, "profile"> {
  /** Uses the study's `small` profile. */
  readonly small?: boolean
  /** Finetunes losses that the selection refuses; the records and the configuration say so. */
  readonly force?: boolean
}

const forcing = "select.force=true"

/** Where forcing made a select section out of nothing, the flag is at fault and not a setting that nobody wrote. */
const inWordsOfFlags = <A, E, R>(effect: Effect.Effect<A, E | ConfigFileError, R>) =>
  Effect.mapError(effect, (error) => {
    if (!(error instanceof ConfigFileError)) return error
    const issues = error.issues.map((issue) =>
      issue.place._tag === "Argument" && issue.place.argument === forcing
        ? { ...issue, place: { ...issue.place, argument: "--force" }, message: "the study has no select section" }
        : issue
    )
    return new ConfigFileError({ file: error.file, issues })
  })

const studyOptions = ({ small, force, overrides, ...rest }: RunOptions): StudyOptions => ({
  ...rest,
  ...(small ? { profile: "small" } : {}),
  overrides: [...(overrides ?? []), ...(force ? [forcing] : [])]
})

/**
 * Runs a study, or continues it where an interruption left it.
 * Wrong input (exit code 2): ConfigFileError, RunFolderError, RunLocked. Work that failed (1): RunFailed, StageError.
 */
export const runStudy = (
  options: RunOptions
): Effect.Effect<
  RunResult,
  ConfigFileError | RunFolderError | RunLocked | RunFailed | StageError,
  FileSystem.FileSystem
> => inWordsOfFlags(runStudyOf(losslatticeStudy, studyOptions(options)))

/** What {@link runStudy} would do: stages, cells, and what of them is there already. Makes nothing. */
export const dryRun = (options: RunOptions): Effect.Effect<DryRun, ConfigFileError, FileSystem.FileSystem> =>
  inWordsOfFlags(dryRunOf(losslatticeStudy, studyOptions(options)))

export { type RunClaim, runClaims } from "./claims/runClaims.ts"
export { cancelRun, type RunState, runLog, runStatus } from "./monitor.ts"
export { makeProgress, stderrOutput } from "./progress.ts"
export { renderFigures } from "./renderFigures.ts"
