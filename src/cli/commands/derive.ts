/** @file `losslattice derive`: losses that meet a query. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Candidate, type Derived, type DeriveQuery, DeriveQuerySchema, deriveLosses } from "../../derive/index.ts"
import { decodeLocated } from "../../experiments/decode.ts"
import { parseLocated, placeText } from "../../experiments/located.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { readText } from "../files.ts"
import { writeLossEntries } from "../lossEntries.ts"
import { labelled, printJson, style, textWidth, wrap } from "../output.ts"
import { progressLine } from "../progressLine.ts"

interface DeriveInput {
  readonly config: string
  readonly out: Option.Option<string>
  readonly force: boolean
  readonly json: boolean
}

/** Front and outcomes with intervals, a line each. */
const paretoLines = ({ front, outcomes, dominatedBy }: NonNullable<Candidate["pareto"]>): ReadonlyArray<string> => [
  front === undefined
    ? "no front: it does not come as far from the reference as asked in every seed"
    : `front ${front}${dominatedBy.length === 0 ? "" : `; beaten by ${dominatedBy.join(", ")}`}`,
  ...outcomes.map(({ metric, environment, kl, mean, low, high, seeds, reached }) => {
    const where = `${metric} on ${environment}${kl === undefined ? "" : ` at KL ${kl}`}`
    const missing = reached === seeds ? "" : ` (reached in ${reached} of ${seeds} seeds)`
    if (mean === undefined) return `${where}: never reached`
    const bounds = low === undefined ? "" : ` [${low.toPrecision(3)}, ${high!.toPrecision(3)}]`
    return `${where}: ${mean.toPrecision(3)}${bounds}${missing}`
  })
]

const candidateLines = (found: Candidate, { rankBy }: DeriveQuery): ReadonlyArray<string> => {
  const near = found.neighbours.map(({ id, distance }) => `${id} (${distance})`).join(", ")
  const proved = Object.entries(found.properties).filter(([, verdict]) => verdict === "proved")
  const line = (label: string, text: string) =>
    labelled(label, text, { column: 8, indent: 3 }).map((row) => `   ${row}`)
  return [
    "",
    `${style.bold(`${found.rank}. ${found.name}`)}  ${found.loss}`,
    ...wrap(found.sentence, textWidth - 3).map((row) => `   ${row}`),
    ...(found.outcome === undefined || typeof rankBy === "string" || "pareto" in rankBy
      ? []
      : line("by", `${rankBy.outcome} ${found.outcome.toPrecision(4)}`)),
    ...(found.pareto === undefined ? [] : paretoLines(found.pareto).flatMap((text) => line("by", text))),
    ...line("core", `${found.core}; given: ${found.conditioning}; both: ${found.additive}`),
    ...line("ratio", found.ratio.numerator),
    ...line("over", found.ratio.denominator),
    ...line("proved", proved.map(([name]) => name).join(", ")),
    ...(near === "" ? [] : line("near", near))
  ]
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`

const number = (value: number | string): string => (typeof value === "number" ? value.toLocaleString("en-US") : value)

/** What became of everything that the query could reach, a line each. */
const reportLines = ({ report, query }: Derived): ReadonlyArray<string> => {
  const rejected = Object.entries(report.rejected).map(([name, count]) => `${number(count)} by ${name}`)
  const line = (label: string, text: string) => labelled(label, text, { column: 12, indent: 2 })
  return [
    ...line(
      "structures",
      `${number(report.space)} over ${query.propositions.join(", ")}: ${number(report.pruned)} ruled out unlisted, ${number(report.examined)} examined`
    ),
    ...line(
      "losses",
      `${number(report.losses)} distinct; ${number(report.equivalent)} structures are one of these again`
    ),
    ...(rejected.length === 0 ? [] : line("rejected", rejected.join(", "))),
    ...(report.known.length === 0
      ? []
      : line("known", `${report.known.length}: ${report.known.map(({ loss }) => loss).join(", ")}`)),
    ...(report.undecided === 0 ? [] : line("undecided", `${report.undecided} left out`))
  ]
}

const page = (derived: Derived): string => {
  const { query, candidates, report } = derived
  const shown = report.returned < report.found ? ` (the first ${report.returned} shown)` : ""
  const none =
    candidates.length > 0
      ? []
      : report.undecided === 0
        ? ["No loss meets the query: the search is exhaustive and every property is decided, so this is a proof."]
        : [`No loss is known to meet the query; ${report.undecided} are undecided.`]
  return [
    `${counted(report.found, "loss")}${shown}`,
    ...reportLines(derived),
    ...none,
    ...candidates.flatMap((found) => candidateLines(found, query))
  ].join("\n")
}

/** The query of a file; every problem with line and column. */
const readQuery = (file: string): Effect.Effect<DeriveQuery, InputError> =>
  Effect.flatMap(readText(file), (text) => {
    const decoded = Result.flatMap(parseLocated(file, text), (located) => decodeLocated(DeriveQuerySchema, located))
    return Result.isSuccess(decoded)
      ? Effect.succeed(decoded.success)
      : Effect.fail(
          new InputError({
            message: decoded.failure.map(({ place, message }) => `${placeText(place)}: ${message}`).join("\n")
          })
        )
  })

const writeEntries = (
  folder: string,
  derived: Derived,
  force: boolean
): Effect.Effect<ReadonlyArray<string>, InputError> => {
  const written = writeLossEntries(folder, derived, force)
  return Result.isSuccess(written)
    ? Effect.succeed(written.success)
    : Effect.fail(new InputError({ message: `--out ${written.failure}` }))
}

/** Runs `derive`. */
export const run = ({ config, out, force, json }: DeriveInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const query = yield* readQuery(config)
    const line = progressLine()
    const found = deriveLosses(query, {
      onProgress: ({ examined, losses }) =>
        line.show(() => `${number(examined)} structures examined, ${number(losses)} losses so far`)
    })
    line.clear()
    const derived = yield* fromInput(found, config)
    const files = Option.isSome(out) ? yield* writeEntries(out.value, derived, force) : []
    yield* json ? printJson({ ...derived, ...(files.length > 0 ? { files } : {}) }) : Console.log(page(derived))
    if (files.length > 0)
      yield* Console.error(
        `wrote ${files.length} loss files; use one as LOSS, for instance: losslattice explain ${files[0]}`
      )
  })
