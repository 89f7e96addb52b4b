/** @file `losslattice compare`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Comparison, type ComparisonWitness, compareLosses } from "../../explain/comparison.ts"
import type { Loss } from "../../loss/loss.ts"
import { comparePrograms, type ProgramComparison } from "../../properties/programs.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { resolve } from "../losses.ts"
import { labelled, printJson, style } from "../output.ts"
import { programLines, programSentence } from "../programReport.ts"

interface CompareInput {
  readonly a: string
  readonly b: string
  readonly programs: boolean
  readonly json: boolean
}

const entailmentText = (a: string, b: string, found: Comparison["entails"]): string =>
  ({
    "A⊑B": `${a} entails ${b}: row by row, its loss is at least as large for every non-increasing link`,
    "B⊑A": `${b} entails ${a}: row by row, its loss is at least as large for every non-increasing link`,
    both: "the same rows: the same structure",
    none: "neither entails the other"
  })[found]

const dominanceText = (
  a: string,
  b: string,
  { verdict, reason }: Pick<Comparison["dominance"], "verdict" | "reason">,
  sameProbabilities: boolean
): string =>
  ({
    "A<=B": `rho of ${a} is at most rho of ${b} at every probability`,
    "B<=A": `rho of ${b} is at most rho of ${a} at every probability`,
    equal: sameProbabilities
      ? "the same rho everywhere, link, beta and margin aside"
      : "the same rho, each of its own probabilities",
    incomparable: "neither: each has the larger rho somewhere",
    undecided: `undecided${reason === undefined ? " within the budget" : `: ${reason}`}`
  })[verdict]

const number = (value: ComparisonWitness[string] | undefined): string => String(Number(Number(value).toPrecision(6)))

const page = (a: string, b: string, found: Comparison): string => {
  const { witnesses = [], certificate, onSimplex, verdict } = found.dominance
  const line = (label: string, text: string): ReadonlyArray<string> =>
    labelled(label, text, { column: 13 }).map((row, i) => (i === 0 ? row.replace(label, style.bold(label)) : row))
  const witnessText = ({ rhoA, rhoB, onSimplex: real, exact: _, ...point }: ComparisonWitness): string => {
    const where = Object.entries(point).map(([name, value]) => `${name} = ${number(value)}`)
    const odd = real ? "" : " (not a real policy: the two sum to more than 1)"
    return `${where.join(", ")}: rho ${number(rhoA)} of ${a}, ${number(rhoB)} of ${b}${odd}`
  }
  const lines = [
    ...line("entailment", entailmentText(a, b, found.entails)),
    ...line("dominance", dominanceText(a, b, found.dominance, found.sameProbabilities)),
    ...(onSimplex === undefined || onSimplex === verdict
      ? []
      : line(
          "",
          `on real policies (p_w + p_l <= 1): ${dominanceText(a, b, { verdict: onSimplex }, found.sameProbabilities)}`
        )),
    ...(certificate === undefined ? [] : line("certificate", certificate)),
    ...witnesses.flatMap((witness) => line("witness", witnessText(witness))),
    ...(found.meet === null ? [] : line("meet", found.meet)),
    ...(found.join === null ? [] : line("join", found.join)),
    ...(found.sameProbabilities
      ? []
      : line("note", "one reads sequence probabilities, the other per-token ones: only the structures are compared")),
    ...line("links", found.sameLink ? "the same" : "different (the lines above are about rho alone)")
  ]
  return lines.join("\n")
}

/** Whether the loss has values: all but degenerate structures. */
const hasValues = (loss: Loss): boolean => loss.unevaluable === undefined

const programsOnly = (a: string, b: string, found: ProgramComparison, json: boolean) =>
  json ? printJson({ programs: found }) : Console.log(programLines(a, b, found).join("\n"))

/** Runs `compare`: structures and rho, then the two losses as functions; with `--programs` the latter alone. */
export const run = ({ a, b, programs, json }: CompareInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const [first, second] = [yield* fromInput(resolve(a)), yield* fromInput(resolve(b))]
    const asFunctions = hasValues(first) && hasValues(second) ? comparePrograms(first, second) : undefined
    if (programs) {
      if (asFunctions !== undefined) return yield* programsOnly(a, b, asFunctions, json)
      const lacking = [first, second].find((loss) => !hasValues(loss))!
      return yield* new InputError({ message: `${lacking.spec} has no values to compare: ${lacking.unevaluable}` })
    }
    const structures = compareLosses(first, second)
    if (Result.isFailure(structures)) {
      const { message } = structures.failure
      const more =
        asFunctions === undefined ? "" : `; as functions, ${programSentence(a, b, asFunctions)}: see --programs`
      return yield* new InputError({ message: message + more })
    }
    const found = structures.success
    yield* json
      ? printJson({ ...found, ...(asFunctions === undefined ? {} : { programs: asFunctions }) })
      : Console.log(
          [page(a, b, found), ...(asFunctions === undefined ? [] : programLines(a, b, asFunctions))].join("\n")
        )
  })
