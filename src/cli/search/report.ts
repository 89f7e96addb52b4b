/** @file What a search prints: a line for each structure as it is decided, or one JSON document at the end. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { exactPropertyNames } from "../../landscape/exactProperties.ts"
import { countStructures, searchStats } from "../../landscape/search/index.ts"
import type { CliFailure } from "../failure.ts"
import { printJson, style, wrap } from "../output.ts"
import { type FoundLoss, type SearchRequest, type SearchTally, streamSearch } from "./stream.ts"

/** What heads the JSON document: the arguments as understood. */
export type SearchQuestion = Readonly<Record<string, unknown>>

const signs: Readonly<Record<string, string>> = {
  proved: "+",
  refuted: "-",
  undecided: "?",
  "not-applicable": "."
}

const letters = "abcdefghijklmnopqrstuvwxyz"

const paintOf = (verdict: string) =>
  verdict === "proved" ? style.good : verdict === "refuted" ? style.dim : style.open

const legend = (): ReadonlyArray<string> => [
  ...wrap(exactPropertyNames.map((name, i) => `${letters[i]}:${name}`).join(" ")),
  style.dim("+ proved, - refuted, ? undecided, . not applicable")
]

/** How many published losses a line names; JSON has them all. */
const namesShown = 3

const lineOf = (found: FoundLoss): string => {
  const verdicts = exactPropertyNames.map((name) => {
    const verdict = found.properties[name] ?? "undecided"
    return paintOf(verdict)(signs[verdict] ?? "?")
  })
  const [shown, more] = [found.sameLossAs.slice(0, namesShown), found.sameLossAs.length - namesShown]
  const names = shown.length === 0 ? "" : `  = ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`
  return `${String(found.distance).padStart(7)}  ${verdicts.join("")}  ${found.loss}${style.accent(names)}`
}

const counted = (count: bigint | number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString("en-US")} ${BigInt(count) === 1n ? noun : plural}`

const summary = (tally: SearchTally): string =>
  [
    `${counted(tally.found, "structure")} of ${counted(tally.distinctLosses, "loss", "losses")}, ${tally.published.toLocaleString("en-US")} equal to a published one; ${tally.examined.toLocaleString("en-US")} examined, ${tally.pruned.toLocaleString("en-US")} pruned`,
    ...(tally.undecided === 0 ? [] : [`${tally.undecided} left out because a property is undecided`]),
    ...(tally.complete ? [] : ["stopped at --limit, there are more"])
  ].join("; ")

/** A count as a JSON number, as decimal text where a double would round it. */
const exact = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value)

/** How far the search is, on a terminal's last line; nothing elsewhere. */
const progressLine = (streaming: boolean) => {
  // Lines that stream to the same terminal are progress enough.
  const shown = process.stderr.isTTY === true && !(streaming && process.stdout.isTTY === true)
  return {
    show: (decided: number): void => {
      if (shown) process.stderr.write(`\r${decided.toLocaleString("en-US")} structures so far`)
    },
    clear: (): void => {
      if (shown) process.stderr.write("\r\u001b[K")
    }
  }
}

/** Searches and prints: text as it comes, JSON whole. */
export const reportSearch = (
  question: SearchQuestion,
  request: SearchRequest,
  json: boolean
): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const progress = progressLine(!json)
    const losses: Array<FoundLoss> = []
    if (!json) {
      for (const line of legend()) yield* Console.log(line)
      yield* Console.log(style.bold(`changes  ${letters.slice(0, exactPropertyNames.length)}  loss`))
    }
    const onFound = (found: FoundLoss): void => {
      if (json) losses.push(found)
      else process.stdout.write(`${lineOf(found)}\n`)
    }
    const tally = yield* streamSearch(request, searchStats(), onFound, progress.show).pipe(
      Effect.ensuring(Effect.sync(progress.clear))
    )
    yield* json
      ? printJson({ ...question, ...tally, pruned: exact(tally.pruned), losses })
      : Console.log(summary(tally))
  })

/** Counts without listing; what no closed form or pruning search answers is decided one by one. */
export const reportCount = (
  question: SearchQuestion,
  request: SearchRequest,
  json: boolean
): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const count = yield* countOf(request)
    yield* json ? printJson({ ...question, count: exact(count) }) : Console.log(count.toLocaleString("en-US"))
  })

const countOf = (request: SearchRequest): Effect.Effect<bigint, CliFailure> => {
  const progress = progressLine(false)
  const count =
    request.require.length === 0
      ? Effect.sync(() => countStructures(request.space, progress.show))
      : streamSearch({ ...request, nearestFirst: false }, searchStats(), () => undefined, progress.show).pipe(
          Effect.map(({ found }) => BigInt(found))
        )
  return count.pipe(Effect.ensuring(Effect.sync(progress.clear)))
}
