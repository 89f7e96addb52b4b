/** @file What may predict an outcome: facts about a loss, and the conditions it was trained under. */
import * as Result from "effect/Result"
import { decideProperty } from "../../landscape/exactProperties.ts"
import { vanishingKind } from "../../landscape/limits.ts"
import { hasRow, rowsOf } from "../../logic/rows.ts"
import { pairPropositions, type Structure } from "../../logic/structure.ts"
import { structureSpec } from "../../logic/structureText.ts"
import { interpret } from "../../loss/interpret.ts"
import type { Loss } from "../../loss/loss.ts"
import { resolveLoss } from "../../loss/resolve.ts"
import { parseLossSpec } from "../../loss/spec.ts"

/** How a reference model enters a loss: not, added to the ratio, or in the weights of the literals. */
export const readings = ["none", "added", "in the weights"] as const
export type Reading = (typeof readings)[number]

/** A loss as predictors see it: its truth table without a reference, and how it is read. */
export interface PredictedLoss {
  readonly loss: Loss
  /** The structure over M(w), M(l), any added reference left out. */
  readonly table: Structure
  readonly reading: Reading
}

/** What a predictor looks at. */
export interface Subject extends PredictedLoss {
  readonly ceWeight: number
}

/** One predictor. `levels`: the order of a factor's levels, the first being what the others are compared with. */
export interface Predictor {
  readonly meaning: string
  readonly levels?: ReadonlyArray<string>
  readonly valueOf: (subject: Subject) => string | number
}

const markOfRow = ({ ticks, crosses }: Structure, row: number): string =>
  hasRow(ticks, row) ? (hasRow(crosses, row) ? "both" : "tick only") : hasRow(crosses, row) ? "cross only" : "neither"

/** Row 3: both propositions true. */
const bothValidRow = 3

/** Log-probability at which slopes are compared. */
const even = Math.log(1 / 8)

const slopeShare = ({ loss }: Subject): number => {
  const point = { lw: even, ll: even, rw: even, rl: even, nw: 1, nl: 1 }
  const { dlw, dll } = interpret(loss.program, point)
  return dll / (dll - dlw)
}

const proved = (name: "chosen-safe" | "rejected-safe" | "swap-antisymmetric") => ({
  levels: ["no", "yes"],
  valueOf: ({ table }: Subject) => (decideProperty(table, "absolute", name).verdict === "proved" ? "yes" : "no")
})

/** All predictors. One more: its line here. */
export const predictors = {
  class: {
    meaning: "behaviour class: what the loss does with the row “both invalid”",
    levels: ["neither", "cross only", "both", "tick only"],
    valueOf: ({ table }) => vanishingKind(table)
  },
  depth: {
    meaning: "depth in the lattice: ticks less crosses plus 2, so 0 for CEUnl, the most constrained, and 4 for unCPO",
    valueOf: ({ table }) => rowsOf(table.ticks).length - rowsOf(table.crosses).length + 2
  },
  bothValid: {
    meaning: "what the loss does with the row “both valid”",
    levels: ["neither", "cross only", "both", "tick only"],
    valueOf: ({ table }) => markOfRow(table, bothValidRow)
  },
  slopeShare: {
    meaning: "|a_l| / (a_w + |a_l|), the slopes of rho in log p_w and log p_l where all probabilities are 1/8",
    valueOf: slopeShare
  },
  chosenSafe: {
    meaning: "whether no tabular step lowers the chosen answer (P9, read without a reference)",
    ...proved("chosen-safe")
  },
  rejectedSafe: {
    meaning: "whether no tabular step raises the rejected answer (P10, read without a reference)",
    ...proved("rejected-safe")
  },
  antisymmetric: {
    meaning: "whether exchanging the answers turns rho into -rho (P6)",
    ...proved("swap-antisymmetric")
  },
  reading: {
    meaning: "how a reference enters: not, added to the ratio, or in the weights (the relative twin)",
    levels: readings,
    valueOf: ({ reading }) => reading
  },
  ceWeight: {
    meaning: "weight of the cross-entropy term, each weight a level",
    valueOf: ({ ceWeight }) => String(ceWeight)
  },
  "class*reading": {
    meaning: "behaviour class and reading together, each pair a level",
    valueOf: ({ table, reading }) => `${vanishingKind(table)}, ${reading}`
  },
  table: {
    meaning: "the truth table itself, each a level: all that a predictor of tables could say",
    valueOf: ({ table }) => structureSpec(table)
  }
} as const satisfies Readonly<Record<string, Predictor>>

export type PredictorName = keyof typeof predictors

/** Names of the predictors. */
export const predictorNames = Object.keys(predictors) as ReadonlyArray<PredictorName>

/** Orders of the factors' levels. */
export const levelOrders: Readonly<Record<string, ReadonlyArray<string>>> = Object.fromEntries(
  Object.entries(predictors).flatMap(([name, one]) => ("levels" in one ? [[name, one.levels]] : []))
)

/** The LOSS text without an added reference and without a reading of the weights. */
const withoutReading = (text: string): string => {
  const parsed = parseLossSpec(text)
  if (Result.isFailure(parsed)) return text
  const { form, body, settings } = parsed.success
  const kept = [...settings].filter(([name]) => name !== "reference" && name !== "semantics" && name !== "oddsBeta")
  const head = form === "catalogue" || form === "file" ? body : `${form}:${body}`
  return kept.length === 0 ? head : `${head}?${kept.map(([name, value]) => `${name}=${value}`).join("&")}`
}

/**
 * A LOSS as predictors see it; the failure says why it cannot be: no single structure over M(w), M(l), or a constant ratio, which
 * has neither slopes nor outcomes.
 * @param reference whether the study adds a reference to the loss
 */
export const predictedLoss = (text: string, reference: boolean): Result.Result<PredictedLoss, string> => {
  const [own, base] = [resolveLoss(text), resolveLoss(withoutReading(text))]
  if (Result.isFailure(own)) return Result.fail(own.failure.message)
  const table = Result.isSuccess(base) ? base.success.structure : undefined
  if (table === undefined || table.propositions.join() !== pairPropositions.join()) {
    return Result.fail(`${text} has no truth table over M(w), M(l)`)
  }
  if (table.ticks === table.crosses) return Result.fail(`${text} has a constant ratio`)
  const loss = own.success
  const added = reference || loss.structure?.propositions.some((name) => name.startsWith("Ref")) === true
  return Result.succeed({
    loss,
    table,
    reading: loss.semantics === "relative" ? "in the weights" : added ? "added" : "none"
  })
}
