/**
 * @file The course of training with the four losses whose published curves are known (docs/experiments.md 1.7, 1.8), in every world that
 * a run's records have: a bandit, the study's own language model, runs made elsewhere; and the published ends. Pure.
 */
import type { ElsewhereSourceRow, ElsewhereStepRow } from "../../elsewhere.ts"
import { finite, type Records } from "../records.ts"
import { type CurvePoint, curve } from "./curves.ts"
import { finishedRuns } from "./finetuneRows.ts"
import { distinct, intervalPhrase } from "./intervals.ts"
import { lossNames } from "./lossNames.ts"
import { publishedCards } from "./publishedCards.ts"

/** Lattice ids, in the order of the columns. */
export const dynamicsLosses = ["cpo_core", "ccpo", "uncpo", "cfunl"] as const

/** What they are called. */
export const dynamicsNames = (records: Records): ReadonlyMap<string, string> => lossNames(records, dynamicsLosses)

/** The bandit study that is shown. */
const banditStudy = "dynamics"

/** What tells the curves of a panel apart: the answer, and whether the loss had a cross-entropy term beside it. */
export interface DynamicsSeries {
  readonly side: "chosen" | "rejected"
  readonly ceWeight: number
}

/** The series as the name of a curve. */
export const seriesKey = ({ side, ceWeight }: DynamicsSeries): string => `${side} ${ceWeight}`

/** One row of panels. */
export interface DynamicsWorld {
  readonly title: string
  readonly yTitle: string
  readonly perToken: boolean
  readonly ceWeights: readonly number[]
  /** Curves by loss. */
  readonly points: ReadonlyMap<string, readonly CurvePoint[]>
  /** What the intervals of the row are over. */
  readonly intervals: string
}

const tokenTitle = "log π per token, nats"

interface StepRow {
  readonly loss: string
  readonly ceWeight?: number
  readonly seed: number
  readonly step: number
}

/** Losses of which there is one run only, where of others there are several. */
const singlePhrase = (rows: readonly StepRow[], names: ReadonlyMap<string, string>): string => {
  const seedsOf = (loss: string) => new Set(rows.filter((row) => row.loss === loss).map(({ seed }) => seed)).size
  const losses = distinct(rows.map(({ loss }) => loss))
  const single = losses.filter((loss) => seedsOf(loss) === 1)
  return single.length === 0 || single.length === losses.length
    ? ""
    : ` One run only of ${single.map((loss) => names.get(loss)).join(", ")}.`
}

const worldOf = <R extends StepRow>(
  names: ReadonlyMap<string, string>,
  title: string,
  yTitle: string,
  rows: readonly R[],
  value: (row: R, side: DynamicsSeries["side"]) => number | undefined,
  note = ""
): readonly DynamicsWorld[] => {
  const own = rows.filter(({ loss }) => (dynamicsLosses as readonly string[]).includes(loss))
  if (distinct(own.map(({ step }) => step)).length < 3) return []
  const ceWeights = distinct(own.map(({ ceWeight = 0 }) => ceWeight)).toSorted((a, b) => a - b)
  const points = dynamicsLosses.map((loss) => {
    const curves = ceWeights.flatMap((ceWeight) =>
      (["chosen", "rejected"] as const).flatMap((side) =>
        curve(
          seriesKey({ side, ceWeight }),
          own.filter((row) => row.loss === loss && (row.ceWeight ?? 0) === ceWeight),
          (row) => value(row, side)
        )
      )
    )
    return [loss, curves] as const
  })
  const intervals = `${title}${note}: ${intervalPhrase(own)}${singlePhrase(own, names)}`
  return [{ title, yTitle, perToken: yTitle === tokenTitle, ceWeights, points: new Map(points), intervals }]
}

const perToken = (row: object, side: DynamicsSeries["side"]): number | undefined =>
  finite((row as Readonly<Record<string, unknown>>)[`logps_per_token/${side}`])

/** Held-out evaluations where there are many, else the batches of training. */
const denser = <R extends { readonly kind: string; readonly step: number }>(rows: readonly R[]) => {
  const evaluations = rows.filter(({ kind }) => kind === "evaluation")
  const many = new Set(evaluations.map(({ step }) => step)).size >= 5
  return { rows: many ? evaluations : rows.filter(({ kind }) => kind === "step"), heldOut: many }
}

const pairsPhrase = (heldOut: boolean): string => (heldOut ? " (held-out pairs)" : " (training batches)")

const elsewhereWorlds = (records: Records): readonly DynamicsWorld[] =>
  records.elsewhere
    .filter((row): row is ElsewhereSourceRow => row.kind === "source")
    .flatMap(({ source, model }) => {
      const own = records.elsewhere.filter(
        (row): row is ElsewhereStepRow => row.kind !== "source" && row.source === source
      )
      const { rows, heldOut } = denser(own)
      return worldOf(dynamicsNames(records), model, tokenTitle, rows, perToken, pairsPhrase(heldOut))
    })

/** The rows of panels, from the smallest world to the largest. */
export const dynamicsWorlds = (records: Records): readonly DynamicsWorld[] => {
  const bandit = records.bandit.filter(
    ({ environment, failure }) => environment === banditStudy && failure === undefined
  )
  const tuned = denser(finishedRuns(records.finetune))
  const names = dynamicsNames(records)
  return [
    ...worldOf(names, "Bandit", "change of log π, nats", bandit, (row, side) =>
      finite(side === "chosen" ? row.chosenLogpDrift : row.rejectedLogpDrift)
    ),
    ...worldOf(names, "Small language model", tokenTitle, tuned.rows, perToken, pairsPhrase(tuned.heldOut)),
    ...elsewhereWorlds(records)
  ]
}

/** The published ends of the four. */
export const dynamicsCards = publishedCards.filter(({ loss }) => (dynamicsLosses as readonly string[]).includes(loss))
