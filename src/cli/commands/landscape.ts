/** @file `losslattice landscape`: exact counts. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { CountProgress } from "../../landscape/classes.ts"
import { type LandscapeCounts, landscapeCounts } from "../../landscape/counts.ts"
import type { CliFailure } from "../failure.ts"
import { printJson, tableLines } from "../output.ts"
import { readPropositions } from "../propositions.ts"

interface LandscapeInput {
  readonly propositions: string
  readonly pairs: boolean
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

/** One line on stderr, drawn over itself, where that is a terminal; nothing elsewhere. */
const countProgress = (): { readonly progress: CountProgress; readonly end: () => void } => {
  if (process.stderr.isTTY !== true) return { progress: () => undefined, end: () => undefined }
  let drawn = performance.now()
  return {
    progress: (what, done, all) => {
      if (performance.now() - drawn < 100) return
      drawn = performance.now()
      process.stderr.write(`\r\u001b[K${what}: ${done.toLocaleString("en-US")} of ${all.toLocaleString("en-US")}`)
    },
    end: () => process.stderr.write("\r\u001b[K")
  }
}

/** Runs `landscape`. */
export const run = ({ propositions, pairs, json }: LandscapeInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const names = yield* readPropositions(propositions)
    const { progress, end } = countProgress()
    const counts = landscapeCounts(names, { pairs, progress })
    end()
    yield* json ? printJson(counts) : Console.log(page(counts))
  })
