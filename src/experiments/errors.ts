/**
 * @file How a study fails. `exitCode` tells the command line which kind it is: 2 when a person has to change an input,
 * 1 when the work failed. Every `message` is one sentence a line, without a stack trace.
 */
import * as Data from "effect/Data"
import type { ConfigIssue } from "./located.ts"
import { placeText } from "./located.ts"

/** A study file, or an override of it, that cannot be used: all its problems, each with its place. */
export class ConfigFileError extends Data.TaggedError("ConfigFileError")<{
  readonly file: string
  readonly issues: ReadonlyArray<ConfigIssue>
}> {
  readonly exitCode = 2
  override get message(): string {
    return this.issues.map((issue) => `${placeText(issue.place)}: ${issue.message}`).join("\n")
  }
}

/** The run folder cannot be made or written, for example because its parent is a file (2), or the disk is full (1). */
export class RunFolderError extends Data.TaggedError("RunFolderError")<{
  readonly folder: string
  readonly reason: string
  readonly exitCode: 1 | 2
}> {
  override get message(): string {
    return `${this.folder}: ${this.reason}`
  }
}

/** Another process runs the same study in the same folder. */
export class RunLocked extends Data.TaggedError("RunLocked")<{
  readonly folder: string
  readonly pid: number
  readonly host: string
  readonly started: string
}> {
  readonly exitCode = 2
  override get message(): string {
    return `${this.folder}: process ${this.pid} on ${this.host} has been running this study since ${this.started}; wait for it, or stop it with "losslattice cancel"`
  }
}

/** A stage, or one cell of it, could not do its work. */
export class StageError extends Data.TaggedError("StageError")<{
  readonly stage: string
  readonly cell?: string
  readonly reason: string
}> {
  readonly exitCode = 1
  override get message(): string {
    return `${this.cell ?? `stage ${this.stage}`}: ${this.reason}`
  }
}

/** A cached file does not hold what was written into it. Never fatal: the work behind it is done again, and the log says so. */
export class CacheCorrupt extends Data.TaggedError("CacheCorrupt")<{ readonly key: string; readonly reason: string }> {
  override get message(): string {
    return `cache entry ${this.key}: ${this.reason}`
  }
}

/** The run ended, and some of its work failed; everything else is in the folder. */
export class RunFailed extends Data.TaggedError("RunFailed")<{
  readonly folder: string
  readonly failures: ReadonlyArray<StageError>
}> {
  readonly exitCode = 1
  override get message(): string {
    const shown = this.failures.slice(0, 5).map((failure) => failure.message)
    const more =
      this.failures.length > shown.length
        ? [`and ${this.failures.length - shown.length} more, see its manifest.json`]
        : []
    return [`${this.folder}: ${this.failures.length} of its parts failed`, ...shown, ...more].join("\n  ")
  }
}

/** What is asked of a run folder cannot be done: no manifest, no process to stop, a figure that differs. */
export class RunQueryError extends Data.TaggedError("RunQueryError")<{
  readonly folder: string
  readonly reason: string
  readonly exitCode: 1 | 2
}> {
  override get message(): string {
    return `${this.folder}: ${this.reason}`
  }
}
