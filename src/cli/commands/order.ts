/** @file `losslattice order`: the true order of losses, and where it is finer than entailment. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type DominanceReport, dominanceReport, type OrderedKind } from "../../derive/order.ts"
import type { CliFailure } from "../failure.ts"
import { labelled, printJson, style, tableLines } from "../output.ts"

interface OrderInput {
  readonly among: OrderedKind
  readonly json: boolean
}

const kindWords: Readonly<Record<OrderedKind, string>> = {
  all: "all losses",
  monotone: "the preference-monotone losses",
  strict: "the strictly monotone losses",
  admissible: "the sixteen admissible losses"
}

const missingText = (what: string, missing: NonNullable<DominanceReport["noJoin"]>): string =>
  `no lattice: ${missing.pair.join(" and ")} have ${missing.bounds.length === 0 ? `no ${what}` : `several ${what}s, ${missing.bounds.join(", ")}`}`

const page = (report: DominanceReport): string => {
  const { pairs, covers, losses } = report
  const number = (value: number): string => value.toLocaleString("en-US")
  const only = covers.filter(({ kind }) => kind === "dominance only")
  const counts = [
    [`${kindWords[report.among]} over ${report.propositions.join(", ")}`, number(losses.length)],
    ["ordered pairs by dominance", number(pairs.dominance)],
    ["by entailment of some structures", number(pairs.entailment)],
    ["by entailment, also by way of others", number(pairs.entailed)],
    ["by dominance alone", number(pairs.finer)],
    ["ordered on real policies (p_w + p_l <= 1)", number(pairs.onSimplex)],
    ["undecided", number(pairs.undecided)],
    ["covers (transitive reduction)", number(covers.length)],
    ["covers that entailment does not know", number(only.length)],
    ["longest chain", number(report.height)],
    ["largest antichain", number(report.width)]
  ]
  const width = Math.max(...counts.map(([, count]) => count!.length))
  return [
    ...tableLines(counts.map(([label, count]) => [label!, count!.padStart(width)])),
    "",
    ...labelled("minimal", report.minimal.join(", "), { column: 10 }),
    ...labelled("maximal", report.maximal.join(", "), { column: 10 }),
    ...(report.noJoin === undefined
      ? []
      : labelled("joins", missingText("least upper bound", report.noJoin), { column: 10 })),
    ...(report.noMeet === undefined
      ? []
      : labelled("meets", missingText("greatest lower bound", report.noMeet), { column: 10 })),
    "",
    style.bold("covers that entailment does not know (the first's rho is never larger)"),
    ...only.slice(0, 40).map(({ from, to }) => `  ${from} <= ${to}`),
    ...(only.length > 40 ? [`  … ${only.length - 40} more: --json`] : [])
  ].join("\n")
}

/** Runs `order`. */
export const run = ({ among, json }: OrderInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const report = dominanceReport(["M(w)", "M(l)"], among)
    yield* json ? printJson(report) : Console.log(page(report))
  })
