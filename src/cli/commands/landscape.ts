/** @file `losslattice landscape`: exact counts. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type LandscapeCounts, landscapeCounts } from "../../landscape/counts.ts"
import type { Semantics } from "../../logic/structure.ts"
import { type CliFailure, fromInput } from "../failure.ts"
import { printJson, tableLines } from "../output.ts"
import { progressLine } from "../progressLine.ts"
import { readPropositions } from "../propositions.ts"
import { readReference, relativeLandscape, relativeLines } from "../relativeLandscape.ts"

interface LandscapeInput {
  readonly propositions: string
  readonly pairs: boolean
  readonly semantics: Semantics
  readonly reference: Option.Option<string>
  readonly json: boolean
}

/** A count; where there is none, because it has no meaning over few propositions or would need listing too many structures. */
const shown = (value: number | null | undefined, propositions: number): string =>
  value === null || value === undefined
    ? propositions > 2
      ? "not listed: too many"
      : "does not apply"
    : value.toLocaleString("en-US")

const page = (counts: LandscapeCounts): string => {
  const show = (value: number | null | undefined): string => shown(value, counts.propositions.length)
  const rows: Array<ReadonlyArray<string>> = [
    [`over ${counts.propositions.join(", ")}`, "count"],
    ["structures", show(counts.structures)],
    ["with ticks and crosses (non-degenerate)", show(counts.nonDegenerate)],
    ["distinct losses", show(counts.distinctLosses ?? counts.distinctLossesClosedForm)],
    ["structures with rho = 0 everywhere", show(counts.zeroClassSize)],
    ["monotone losses", show(counts.monotone)],
    ["strictly monotone losses", show(counts.strictlyMonotone)],
    ["strictly monotone and swap-antisymmetric", show(counts.swapAntisymmetricStrictlyMonotone)],
    ["admissible structures", show(counts.admissible)],
    ["covers among the admissible", show(counts.admissibleCovers)]
  ]
  if (counts.comparablePairs) {
    rows.push(["ordered pairs by entailment", show(counts.comparablePairs.entailment)])
    rows.push(["ordered pairs by dominance", show(counts.comparablePairs.dominance)])
    rows.push(["pairs undecided", show(counts.comparablePairs.undecided)])
  }
  const width = Math.max(...rows.map(([, count]) => count!.length))
  return tableLines(rows.map(([label, count]) => [label!, count!.padStart(width)])).join("\n")
}

/** Runs `landscape`. */
export const run = ({
  propositions,
  pairs,
  semantics,
  reference,
  json
}: LandscapeInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const names = yield* readPropositions(propositions)
    const at = yield* fromInput(readReference(names, semantics, Option.getOrUndefined(reference)))
    const line = progressLine()
    const counts = landscapeCounts(names, {
      pairs,
      progress: (what, done, all) =>
        line.show(() => `${what}: ${done.toLocaleString("en-US")} of ${all.toLocaleString("en-US")}`)
    })
    line.clear()
    if (semantics === "absolute") return yield* json ? printJson(counts) : Console.log(page(counts))
    const relative = relativeLandscape(names, at)
    yield* json
      ? printJson({ ...counts, semantics, ...relative })
      : Console.log([page(counts), ...relativeLines(relative)].join("\n"))
  })
