/** @file `losslattice run`: a study from its file to its run folder. */
import { relative } from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DryRun } from "../../experiments/dryRun.ts"
import {
  dryRun,
  makeProgress,
  type RunClaim,
  type RunOptions,
  runClaims,
  runStudy,
  stderrOutput
} from "../../experiments/run.ts"
import { fromStudy, InputError, WorkError } from "../failure.ts"
import { style, textWidth, wrap } from "../output.ts"

interface RunInput {
  readonly config: string
  readonly overrides: ReadonlyArray<string>
  readonly out: Option.Option<string>
  readonly small: boolean
  readonly dryRun: boolean
  readonly fresh: boolean
  readonly force: boolean
  readonly workers: Option.Option<number>
}

const shortPath = (folder: string): string => {
  const path = relative(process.cwd(), folder)
  return path.startsWith("..") ? folder : path
}

const plan = ({ folder, stages }: DryRun): string => {
  const lines = stages.flatMap(({ id, state, cells, reason, script }) => {
    const cached = cells.filter((cell) => cell.cached).length
    const count =
      cells.length === 0 ? "" : `, ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, ${cached} cached`
    return [
      `${style.bold(id.padEnd(10))} ${state}${count}${reason === undefined ? "" : ` (${reason})`}`,
      ...cells.map((cell) => `  ${cell.cached ? style.dim(`cached  ${cell.id}`) : `to run  ${cell.id}`}`),
      ...(script === undefined
        ? []
        : [
            "",
            ...script
              .trimEnd()
              .split("\n")
              .map((line) => `  ${line}`),
            ""
          ])
    ]
  })
  return [...lines, shortPath(folder)].join("\n")
}

const painted = (claim: RunClaim): string => {
  const mark = claim.stands ? style.good : claim.verdict === "open" ? style.open : style.bad
  return mark(claim.text)
}

/** The claims with their verdicts, one a line, and what decides each under it. */
const claimLines = (claims: ReadonlyArray<RunClaim>): ReadonlyArray<string> =>
  claims.flatMap((claim) => [
    `${painted(claim)}  ${claim.says}`,
    ...wrap(claim.evidence, textWidth - 4).map((line) => style.dim(`    ${line}`))
  ])

const unmetMessage = (folder: string, unmet: ReadonlyArray<RunClaim>, all: number): string =>
  `${folder}: ${unmet.length} of ${all} ${all === 1 ? "claim does" : "claims do"} not stand: ` +
  `${unmet.map(({ claim, text }) => `${claim} (${text})`).join(", ")}; everything is in the folder`

/** Runs `run`. */
export const run = (input: RunInput) =>
  Effect.gen(function* () {
    if (Option.isSome(input.workers) && input.workers.value < 1) {
      return yield* new InputError({ message: `--workers: expected at least 1, found ${input.workers.value}` })
    }
    const options: RunOptions = {
      file: input.config,
      overrides: input.overrides,
      small: input.small,
      fresh: input.fresh,
      force: input.force,
      ...(Option.isSome(input.out) ? { out: input.out.value } : {}),
      ...(Option.isSome(input.workers) ? { workers: input.workers.value } : {})
    }
    if (input.dryRun) return yield* Console.log(plan(yield* fromStudy(dryRun(options))))
    const { folder } = yield* fromStudy(runStudy({ ...options, progress: makeProgress(stderrOutput()) }))
    const claims = yield* fromStudy(runClaims(folder))
    if (claims.length > 0) yield* Console.log(claimLines(claims).join("\n"))
    // The last line on stdout is the run folder, for scripts.
    yield* Console.log(shortPath(folder))
    const unmet = claims.filter((claim) => !claim.stands)
    if (unmet.length > 0)
      return yield* new WorkError({ message: unmetMessage(shortPath(folder), unmet, claims.length) })
  })
