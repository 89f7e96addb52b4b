/** @file `losslattice neighbourhood`: all losses a few row changes away from one. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ballAround, between, nearestAdmissible } from "../../landscape/search/index.ts"
import type { Structure } from "../../logic/structure.ts"
import { structureSpec } from "../../logic/structureText.ts"
import { type CliFailure, InputError } from "../failure.ts"
import { readPropositions } from "../propositions.ts"
import { readLimit, type SearchFlags } from "../search/flags.ts"
import { reportCount, reportSearch } from "../search/report.ts"
import {
  checkListable,
  overPropositions,
  readRequired,
  readSearchedLoss,
  searchedPropositions,
  withRequired
} from "../search/request.ts"

interface NeighbourhoodInput extends SearchFlags {
  readonly loss: string
  readonly distance: number
  readonly order: "up" | "down" | "any"
}

/** The nearest structure in which the rows of theory.md's sixteen are marked as theirs: null without M(w), M(l). */
const admissibleText = (origin: Structure) => {
  const near = nearestAdmissible(origin)
  return near === undefined ? null : { loss: structureSpec(near.structures[0]!), distance: near.distance }
}

/** Runs `neighbourhood`. */
export const run = (input: NeighbourhoodInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const { distance, order, distinct, json } = input
    if (distance < 0)
      return yield* new InputError({ message: `--distance: expected an integer >= 0, found ${distance}` })
    const loss = yield* readSearchedLoss(input.loss)
    const asked = Option.isNone(input.propositions) ? [] : yield* readPropositions(input.propositions.value)
    const propositions = yield* searchedPropositions(loss.structure.propositions, asked, loss.semantics)
    const required = yield* readRequired(input.require)
    const limit = yield* readLimit(input.limit)
    const origin = overPropositions(loss, propositions)
    const ball = { ...ballAround(origin, distance), distinct }
    const side = order === "up" ? { lower: origin } : order === "down" ? { upper: origin } : {}
    const { space, require } = withRequired(between(ball, side), required)
    const { semantics, lengthNormalised } = loss
    const question = {
      loss: loss.spec,
      propositions,
      semantics,
      distance,
      order,
      require: required,
      distinct,
      nearestAdmissible: admissibleText(origin)
    }
    const request = { space, semantics, lengthNormalised, require, origin, nearestFirst: true, limit }
    if (input.count && require.length === 0) return yield* reportCount(question, request, json)
    yield* checkListable(space)
    yield* input.count ? reportCount(question, request, json) : reportSearch(question, request, json)
  })
