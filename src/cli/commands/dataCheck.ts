/** @file `losslattice data check`: what a file of preference data holds, and whether it can be trained on. */
import { resolve } from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type CheckDocument, checkDocument } from "../../finetune/rows/checkDocument.ts"
import { DataCheck } from "../../finetune/rows/dataCheck.ts"
import { formatOf, RowFileError, rowBatches } from "../../finetune/rows/files.ts"
import { percent, type TokenLengths } from "../../finetune/rows/findings.ts"
import type { Summary } from "../../finetune/rows/series.ts"
import { runWorkerCommand } from "../../finetune/workerCommand.ts"
import { type CliFailure, InputError, WorkError } from "../failure.ts"
import { labelled, printJson, style, tableLines } from "../output.ts"
import { progressLine } from "../progressLine.ts"

interface DataCheckInput {
  readonly file: string
  readonly model: Option.Option<string>
  readonly json: boolean
}

const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 })
const short = (value: number): string => (Number.isInteger(value) ? number(value) : value.toPrecision(3))

const readAll = async (file: string): Promise<DataCheck> => {
  const check = new DataCheck()
  const line = progressLine()
  try {
    for await (const batch of rowBatches(file)) {
      for (const row of batch) check.add(row)
      line.show(() => `${number(check.rows)} rows`)
    }
  } finally {
    line.clear()
  }
  return check
}

/** Token lengths by the PyTorch worker, which has the tokenizers. */
const tokenLengths = (file: string, model: string): Effect.Effect<TokenLengths, CliFailure> =>
  Effect.gen(function* () {
    const answer = yield* Effect.promise(() => runWorkerCommand("data", { source: resolve(file), model }))
    if (Result.isSuccess(answer)) return answer.success[0] as TokenLengths
    const { kind, message } = answer.failure
    const sentence = kind === "unavailable" ? `--model: ${message}` : `--model ${model}: ${message}`
    return yield* kind === "failed" ? new WorkError({ message: sentence }) : new InputError({ message: sentence })
  })

const summaryRow = (name: string, { mean, min, p05, p25, p50, p75, p95, max }: Summary): ReadonlyArray<string> => [
  name,
  ...[mean, min, p05, p25, p50, p75, p95, max].map((value) => short(value).padStart(7))
]

const summaryHead = (what: string): ReadonlyArray<string> => [
  what,
  ...["mean", "least", "5 %", "25 %", "half", "75 %", "95 %", "most"].map((head) => head.padStart(7))
]

const lengthTable = (document: CheckDocument): ReadonlyArray<string> => {
  const rows = Object.entries(document.characters).map(([name, summary]) => summaryRow(name, summary))
  const { sharedPrefix, lengthBias, scores, completions, model } = document
  if (sharedPrefix) rows.push(summaryRow("shared beginning", sharedPrefix.characters))
  if (lengthBias) rows.push(summaryRow("chosen - rejected", lengthBias.difference))
  const lines = rows.length === 0 ? [] : ["", ...tableLines([summaryHead("characters"), ...rows])]
  const others: Array<ReadonlyArray<string>> = []
  if (sharedPrefix) others.push(summaryRow("share of the shorter", sharedPrefix.share))
  if (scores) others.push(summaryRow("score difference", scores.margin))
  if (completions) others.push(summaryRow("completions a row", completions))
  if (others.length > 0) lines.push("", ...tableLines([summaryHead(""), ...others]))
  if (model) {
    const tokens = Object.entries(model.tokens).map(([name, summary]) => summaryRow(name, summary))
    lines.push("", ...tableLines([summaryHead("tokens"), ...tokens]))
  }
  return lines
}

const counts = (record: Readonly<Record<string, number>>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(", ") || "none"

const severities = { error: style.bad("error"), warning: style.open("warning"), note: style.dim("note") }

const findingLines = ({ findings }: CheckDocument): ReadonlyArray<string> =>
  findings.flatMap(({ severity, count, share, lines, message, advice }) => {
    const many = count > lines.length ? ", …" : ""
    const where = lines.length === 0 ? "" : `; line${count === 1 ? "" : "s"} ${lines.join(", ")}${many}`
    const what = `${message[0]!.toUpperCase()}${message.slice(1)}: ${number(count)} (${percent(share)})${where}`
    return [
      ...labelled(severity, `${what}.`, { column: 10, paint: (text) => text }).map((text) =>
        text.startsWith(severity) ? severities[severity] + text.slice(severity.length) : text
      ),
      ...labelled("", `${advice[0]!.toUpperCase()}${advice.slice(1)}.`, { column: 10, paint: style.dim })
    ]
  })

const errorLines = ({ errors, refused }: CheckDocument): ReadonlyArray<string> =>
  errors.length === 0
    ? []
    : [
        "",
        ...errors.slice(0, 8).flatMap(({ line, reason }) => labelled(`line ${number(line)}`, reason, { column: 14 })),
        ...(refused > 8 ? [`… ${number(refused - 8)} more${refused > errors.length ? "" : ": --json"}`] : [])
      ]

const page = (document: CheckDocument): string => {
  const verdict = document.usable ? style.good("usable") : style.bad("not usable as it is")
  return [
    `${style.bold(document.file)}: ${number(document.rows)} rows, ${number(document.usableRows)} sound; ${verdict}`,
    ...labelled("kinds", counts(document.kinds), { column: 10 }),
    ...labelled("layouts", counts(document.layouts), { column: 10 }),
    ...labelled("numbers", counts(document.columns), { column: 10 }),
    ...(document.labels ? labelled("labels", counts({ ...document.labels }), { column: 10 }) : []),
    ...(document.gold ? labelled("gold", `${number(document.gold)} rows have a third answer`, { column: 10 }) : []),
    ...lengthTable(document),
    ...(document.findings.length === 0 ? [] : ["", ...findingLines(document)]),
    ...errorLines(document)
  ].join("\n")
}

/** Runs `data check`: exit 0 when the data can be trained on, 1 when a trainer would refuse them, 2 when they cannot be read. */
export const run = (input: DataCheckInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const { file } = input
    const check = yield* Effect.tryPromise({
      try: () => readAll(file),
      catch: (error) => {
        if (error instanceof RowFileError) return new InputError({ message: error.message })
        throw error
      }
    })
    const source = Option.getOrUndefined(input.model)
    const model =
      source === undefined || check.usable === 0 ? undefined : { source, lengths: yield* tokenLengths(file, source) }
    const document = checkDocument(file, formatOf(file), check, model)
    yield* input.json ? printJson(document) : Console.log(page(document))
    const errors = document.findings.filter(({ severity }) => severity === "error")
    if (errors.length === 0) return
    const sum = errors.map(({ count, message }) => `${message}: ${number(count)}`).join("; ")
    return yield* new WorkError({ message: `${file}: a trainer would refuse these data: ${sum}` })
  })
