/** @file `losslattice order`: the true order of losses, and where it is finer than entailment. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type DominanceReport, dominanceReport, type OrderedKind } from "../../derive/order.ts"
import { lossClasses } from "../../landscape/classes.ts"
import { monotoneClasses } from "../../landscape/counts.ts"
import { countManyPairs, type ManyPairs } from "../../landscape/manyPairs.ts"
import { hasCopies } from "../../landscape/odds.ts"
import type { Proposition } from "../../logic/proposition.ts"
import { type CliFailure, InputError } from "../failure.ts"
import { labelled, printJson, style, tableLines } from "../output.ts"
import { progressLine } from "../progressLine.ts"
import { readPropositions } from "../propositions.ts"

interface OrderInput {
  readonly propositions: string
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

interface ManyReport {
  readonly propositions: ReadonlyArray<Proposition>
  readonly among: OrderedKind
  readonly losses: number
  readonly pairs: ManyPairs
}

/** Counts alone, for the thousands of losses of three propositions. */
const manyReport = (propositions: ReadonlyArray<Proposition>, among: OrderedKind): ManyReport => {
  const line = progressLine()
  const progress = (what: string, done: number, all: number) =>
    line.show(() => `${what}: ${done.toLocaleString("en-US")} of ${all.toLocaleString("en-US")}`)
  const { strict } = monotoneClasses(lossClasses(propositions, progress), progress)
  const pairs = countManyPairs(propositions, strict, progress)
  line.clear()
  return { propositions, among, losses: strict.length, pairs }
}

const manyPage = ({ propositions, among, losses, pairs }: ManyReport): string => {
  const counts = [
    [`${kindWords[among]} over ${propositions.join(", ")}`, losses],
    ["ordered pairs by dominance", pairs.dominance],
    ["refuted, each at a rational point", pairs.refuted],
    ["undecided", pairs.undecided],
    ["that took a proof of their own", pairs.asked]
  ] as const
  const texts = counts.map(([label, count]) => [label, count.toLocaleString("en-US")] as const)
  const width = Math.max(...texts.map(([, text]) => text.length))
  return tableLines(texts.map(([label, text]) => [label, text.padStart(width)])).join("\n")
}

const fail = (message: string) => Effect.fail(new InputError({ message }))

/** Runs `order`: listed over M(w), M(l), counted over any three propositions. */
export const run = ({ propositions, among, json }: OrderInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const names = yield* readPropositions(propositions)
    if (names.length === 3) {
      if (among !== "strict")
        return yield* fail(`--among: over three propositions only "strict" is feasible, found "${among}"`)
      if (hasCopies(names)) return yield* fail(`--propositions: copies cannot be ordered, found ${names.join(",")}`)
      const report = manyReport(names, among)
      return yield* json ? printJson(report) : Console.log(manyPage(report))
    }
    if (names.join() !== "M(w),M(l)")
      return yield* fail(`--propositions: expected M(w),M(l), or three to be counted, found ${names.join(",")}`)
    const report = dominanceReport(names, among)
    yield* json ? printJson(report) : Console.log(page(report))
  })
