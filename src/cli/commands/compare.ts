/** @file `losslattice compare`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type Comparison, compareLosses } from "../comparison.ts"
import { type CliFailure, fromInput } from "../failure.ts"
import { resolve } from "../losses.ts"
import { printJson, style } from "../output.ts"

interface CompareInput {
  readonly a: string
  readonly b: string
  readonly json: boolean
}

const entailmentText = (a: string, b: string, found: Comparison["entails"]): string =>
  ({
    "A⊑B": `${a} entails ${b}: row by row, its loss is at least as large for every non-increasing link`,
    "B⊑A": `${b} entails ${a}: row by row, its loss is at least as large for every non-increasing link`,
    both: "the same rows: the same structure",
    none: "neither entails the other"
  })[found]

const dominanceText = (a: string, b: string, { verdict, reason }: Comparison["dominance"]): string =>
  ({
    "A<=B": `rho of ${a} is at most rho of ${b} at every probability`,
    "B<=A": `rho of ${b} is at most rho of ${a} at every probability`,
    equal: "the same rho everywhere: one loss",
    incomparable: "neither: each has the larger rho somewhere",
    undecided: `undecided${reason === undefined ? " within the budget" : `: ${reason}`}`
  })[verdict]

const number = (value: number | boolean | undefined): string => String(Number(Number(value).toPrecision(6)))

const page = (a: string, b: string, found: Comparison): string => {
  const { witnesses = [], certificate, onSimplex, verdict } = found.dominance
  const lines = [
    `${style.bold("entailment")}   ${entailmentText(a, b, found.entails)}`,
    `${style.bold("dominance")}    ${dominanceText(a, b, found.dominance)}`,
    ...(onSimplex === undefined || onSimplex === verdict
      ? []
      : [`             on real policies (p_w + p_l <= 1): ${onSimplex}`]),
    ...(certificate === undefined ? [] : [`${style.bold("certificate")}  ${certificate}`]),
    ...witnesses.map((witness) => {
      const { rhoA, rhoB, onSimplex: real, ...point } = witness
      const where = Object.entries(point).map(([name, value]) => `${name} = ${number(value)}`)
      return `${style.bold("witness")}      ${where.join(", ")}: rho ${number(rhoA)} of ${a}, ${number(rhoB)} of ${b}${real ? "" : " (not a real policy: the two sum to more than 1)"}`
    }),
    ...(found.meet === null ? [] : [`${style.bold("meet")}         ${found.meet}`]),
    ...(found.join === null ? [] : [`${style.bold("join")}         ${found.join}`]),
    ...(found.sameProbabilities
      ? []
      : [
          `${style.bold("note")}         one reads sequence probabilities, the other per-token ones: only the structures are compared`
        ]),
    `${style.bold("links")}        ${found.sameLink ? "the same" : "different (the lines above are about rho alone)"}`
  ]
  return lines.join("\n")
}

/** Runs `compare`. */
export const run = ({ a, b, json }: CompareInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const [first, second] = [yield* fromInput(resolve(a)), yield* fromInput(resolve(b))]
    const found = yield* fromInput(compareLosses(first, second))
    yield* json ? printJson(found) : Console.log(page(a, b, found))
  })
