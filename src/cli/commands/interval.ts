/** @file `losslattice interval`: all losses between two in the entailment order. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { between, fullCode, wholeSpace } from "../../landscape/search/index.ts"
import { entails, fromCode } from "../../logic/order.ts"
import type { Proposition } from "../../logic/proposition.ts"
import { pairPropositions, type Structure } from "../../logic/structure.ts"
import { type CliFailure, InputError } from "../failure.ts"
import { readPropositions } from "../propositions.ts"
import { readLimit, type SearchFlags } from "../search/flags.ts"
import { reportCount, reportSearch } from "../search/report.ts"
import {
  checkListable,
  overPropositions,
  readRequired,
  readSearchedLoss,
  type SearchedLoss,
  searchedPropositions,
  withRequired
} from "../search/request.ts"

interface IntervalInput extends SearchFlags {
  readonly lower: string
  readonly upper: string
}

/** The ends of the whole order, which are no losses: nothing but crosses, nothing but ticks. */
const ends = ["bottom", "top"] as const
type End = (typeof ends)[number]

const readEnd = (text: string): Effect.Effect<SearchedLoss | End, InputError> => {
  const end = ends.find((name) => name === text)
  return end === undefined ? readSearchedLoss(text) : Effect.succeed(end)
}

const endStructure = (end: SearchedLoss | End, propositions: ReadonlyArray<Proposition>): Structure => {
  if (end === "bottom") return fromCode(0n, propositions)
  return end === "top" ? fromCode(fullCode(propositions.length), propositions) : overPropositions(end, propositions)
}

/** What the losses among the ends read their rows as; absolute where there is none. */
const readingOf = (losses: ReadonlyArray<SearchedLoss>) =>
  Effect.suspend(() => {
    const [first, second] = losses
    const reading = {
      semantics: first?.semantics ?? "absolute",
      lengthNormalised: first?.lengthNormalised ?? false
    } as const
    return second === undefined || second.semantics === reading.semantics
      ? Effect.succeed(reading)
      : Effect.fail(
          new InputError({
            message: `${first!.spec} is ${reading.semantics} and ${second.spec} ${second.semantics}: an interval has one semantics`
          })
        )
  })

const checkOrdered = (lower: Structure, upper: Structure, { lower: a, upper: b }: IntervalInput) =>
  Effect.suspend(() => {
    if (entails(lower, upper)) return Effect.void
    const turned = entails(upper, lower) ? `; ${b} entails ${a}: write them the other way round` : ""
    return Effect.fail(
      new InputError({ message: `nothing lies between ${a} and ${b}, since ${a} does not entail ${b}${turned}` })
    )
  })

/** Runs `interval`. */
export const run = (input: IntervalInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const { distinct, json } = input
    const [a, b] = [yield* readEnd(input.lower), yield* readEnd(input.upper)]
    const losses = [a, b].filter((end) => typeof end !== "string")
    const { semantics, lengthNormalised } = yield* readingOf(losses)
    const asked = Option.isNone(input.propositions) ? [] : yield* readPropositions(input.propositions.value)
    const declared = losses.flatMap(({ structure }) => structure.propositions)
    const propositions = yield* searchedPropositions(
      declared.length === 0 ? pairPropositions : declared,
      asked,
      semantics
    )
    const required = yield* readRequired(input.require)
    const limit = yield* readLimit(input.limit)
    const [lower, upper] = [endStructure(a, propositions), endStructure(b, propositions)]
    yield* checkOrdered(lower, upper, input)
    const { space, require } = withRequired(
      { ...between(wholeSpace(propositions), { lower, upper }), distinct },
      required
    )
    const question = { lower: input.lower, upper: input.upper, propositions, semantics, require: required, distinct }
    const request = { space, semantics, lengthNormalised, require, origin: lower, nearestFirst: false, limit }
    if (input.count && require.length === 0) return yield* reportCount(question, request, json)
    yield* checkListable(space)
    yield* input.count ? reportCount(question, request, json) : reportSearch(question, request, json)
  })
