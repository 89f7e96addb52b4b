/** @file `losslattice confirm`: each prediction confirmed, refuted or untested by a finetuning study. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type ConfirmedLine, confirmationCounts, confirmLines, evidenceName } from "../../experiments/bridge/confirm.ts"
import { decodePredictions } from "../../experiments/bridge/prediction.ts"
import type { Json } from "../../experiments/canonical.ts"
import { rowsFromJsonLines } from "../../experiments/records.ts"
import { type CliFailure, InputError } from "../failure.ts"
import { readJson } from "../files.ts"
import { jsonText, printJson, style, tableLines } from "../output.ts"

interface ConfirmInput {
  readonly predictions: string
  readonly run: string
  readonly out: Option.Option<string>
  readonly json: boolean
}

const finetuneRows = (folder: string): Effect.Effect<ReadonlyArray<Readonly<Record<string, Json>>>, InputError> => {
  const path = join(folder, "records", "finetune.jsonl")
  if (!existsSync(path)) {
    return Effect.fail(
      new InputError({ message: `${folder}: no run with finetuning, there is no records/finetune.jsonl in it` })
    )
  }
  return Effect.try({
    try: () => rowsFromJsonLines(readFileSync(path, "utf8")),
    catch: (error) => new InputError({ message: `${path}: ${error instanceof Error ? error.message : String(error)}` })
  })
}

const marks = { confirmed: style.good("confirmed"), refuted: style.bad("refuted"), untested: style.open("untested") }

const seen = ({ observed }: ConfirmedLine): string =>
  observed
    .map(({ metric, mean, low, high }) => {
      const bounds = low === undefined ? "" : ` [${low.toPrecision(3)}, ${high!.toPrecision(3)}]`
      return `${metric} ${mean.toPrecision(3)}${bounds}`
    })
    .join("; ")

const page = (lines: ReadonlyArray<ConfirmedLine>): string =>
  [
    ...tableLines([
      ["question", "loss", "predicted", "by", "", "observed"],
      ...lines.map((line) => [
        line.question,
        line.other === undefined ? line.loss : `${line.loss} than ${line.other}`,
        line.class ?? line.prediction,
        evidenceName(line),
        marks[line.status],
        line.status === "untested" ? line.reason : seen(line)
      ])
    ]),
    "",
    ...tableLines([
      ["question", "by", "confirmed", "refuted", "untested"],
      ...confirmationCounts(lines).map(({ question, evidence, confirmed, refuted, untested }) => [
        question,
        evidence,
        String(confirmed),
        String(refuted),
        String(untested)
      ])
    ])
  ].join("\n")

/** Runs `confirm`. A refuted line is a finding, not a failure of the command. */
export const run = (input: ConfirmInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const decoded = decodePredictions(yield* readJson(input.predictions))
    if (Result.isFailure(decoded)) {
      return yield* new InputError({
        message: decoded.failure.map((problem) => `${input.predictions}: ${problem}`).join("\n")
      })
    }
    const file = decoded.success
    const lines = confirmLines(file.lines, yield* finetuneRows(input.run))
    const document = { ...file, lines, counts: confirmationCounts(lines) }
    if (Option.isSome(input.out)) {
      const path = input.out.value
      yield* Effect.try({
        try: () => writeFileSync(path, `${jsonText(document)}\n`),
        catch: (error) =>
          new InputError({
            message: `--out ${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`
          })
      })
    }
    yield* input.json ? printJson(document) : Console.log(page(lines))
  })
