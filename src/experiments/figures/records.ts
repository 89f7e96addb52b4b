/**
 * @file The rows that the stages write and that figures, tables and the report read: one interface per file
 * `records/<name>.jsonl`, one JSON object per line, no nesting beyond what is shown here.
 *
 * Numbers that are not finite are written as the strings of the JSON contract ("Infinity", "-Infinity", "NaN"); readers
 * take a column through {@link finite} so that such a value is a gap in a curve and never a NaN in a picture.
 *
 * Long because it is one list: the columns of every table, without logic, in the order in which a study writes them.
 */

import type { VanishingClass } from "../../landscape/limits.ts"
import type { ConfirmedLine } from "../bridge/confirm.ts"
import type { ClaimRow } from "../claims/rows.ts"
import type { ConformanceRow } from "../conformance.ts"
import type { ElsewhereRow } from "../elsewhere.ts"
import type { MapsRow } from "./drawing/mapsRows.ts"
import type { SurfacesRow } from "./drawing/surfaceRows.ts"

/** A number as JSON can hold it: docs/contract.md writes those that are not finite as strings. */
export type RecordNumber = number | "Infinity" | "-Infinity" | "NaN"

/** Where a structure puts a row of the truth table: winner side only, loser side only, both, or neither. */
export type RowStatus = "tick" | "cross" | "both" | "neither"

/**
 * Behaviour class of a loss: what it does with the row "both responses invalid" (FF), docs/experiments.md E14.
 * `cross-only` CE-like, `neither` CPO-like, `both` greedy, `tick-only` unlikelihood-like.
 */
export type BehaviourClass = "cross-only" | "neither" | "both" | "tick-only"

/** Link function of a loss, as `explain --json` prints it. */
export interface LinkRow {
  readonly kind: string
  readonly beta: number | string
  readonly margin: number | string
  readonly formula?: string
}

/** One published loss: `records/catalogue.jsonl`. The structure's fields are absent when no single structure expresses it. */
export interface CatalogueRow {
  readonly id: string
  readonly title: string
  readonly year?: number
  /** arXiv identifier of the paper. */
  readonly arxiv?: string
  /** Level of docs/losses.md §2: exact, exact_norm, tilt, norm_tilt, counting, sum, power, shape, token, … */
  readonly level: string
  readonly expressible: boolean
  /** Why no structure expresses the loss (present when `expressible` is false). */
  readonly reason?: string
  readonly propositions?: readonly string[]
  readonly ticks?: readonly string[]
  readonly crosses?: readonly string[]
  readonly core?: string
  readonly conditioning?: string
  readonly additive?: string
  readonly numerator?: string
  readonly denominator?: string
  readonly semantics?: string
  readonly lengthNormalised?: boolean
  /** Whether it needs a reference model. */
  readonly reference?: boolean
  /** The link in the survey's words; `link` is the program's own reading of it. */
  readonly linkName?: string
  readonly link: LinkRow
  /** P13: behaviour and limit of rho as the policy's probabilities vanish; of a structure with rho. */
  readonly vanishingClass?: VanishingClass
  readonly vanishingLimit?: string
  readonly latticeName?: string
  readonly sameLossAs: readonly string[]
}

/** A published loss as a source of another. */
export interface OriginalRow {
  readonly id: string
  readonly title: string
  readonly arxiv?: string
}

/** One of the sixteen admissible two-proposition losses. `depth` counts the bits by which it is weaker than CEUnl (0 to 4). */
export interface LandscapeNodeRow {
  readonly kind: "node"
  readonly name: string
  readonly id: string
  readonly ticks: readonly string[]
  readonly crosses: readonly string[]
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly numerator?: string
  readonly denominator?: string
  readonly known: boolean
  /** Title and paper of the structure itself, and the published loss that it is the core of, for those known before. */
  readonly title?: string
  readonly arxiv?: string
  readonly original?: OriginalRow
  readonly depth: number
  readonly class: BehaviourClass
  /** P13: what rho tends to as the probabilities vanish at a fixed ratio. */
  readonly vanishingLimit?: string
}

/** A covering pair: `from` is the more constrained loss, which entails `to`; both are node ids. */
export interface LandscapeEdgeRow {
  readonly kind: "edge"
  readonly from: string
  readonly to: string
}

/** Exact counts of the landscape over `propositions` (the object of `landscape --json`). */
export interface LandscapeCountsRow {
  readonly kind: "counts"
  readonly propositions: readonly string[]
  readonly structures: number | null
  readonly nonDegenerate: number | null
  readonly distinctLosses: number | null
  readonly zeroClassSize: number | null
  readonly monotone: number | null
  readonly strictlyMonotone: number | null
  readonly swapAntisymmetricStrictlyMonotone: number | null
  readonly admissible: number | null
  readonly admissibleCovers: number | null
}

/** `records/landscape.jsonl`. */
export type LandscapeRow = LandscapeNodeRow | LandscapeEdgeRow | LandscapeCountsRow

/** One value in both readings of the weights (docs/theory.md §11). */
export interface InReadings<A> {
  readonly absolute: A
  readonly relative: A
}

/** A core ratio as text. */
export interface RatioRow {
  readonly numerator: string
  readonly denominator: string
}

/** What the dominance order says of one kind of losses over a pair: `records/order.jsonl`. */
export type OrderRow = OrderLossRow | OrderCoverRow | OrderCountsRow

/** A loss of the order; `entails`, `dominatedOnly` are positions, among the losses of its kind, of those above it. */
export interface OrderLossRow {
  readonly kind: "loss"
  readonly among: string
  readonly name: string
  readonly loss: string
  readonly ticks: readonly string[]
  readonly crosses: readonly string[]
  readonly level: number
  readonly vanishing: string
  readonly antisymmetric: boolean
  readonly published: boolean
  readonly entails: readonly number[]
  readonly dominatedOnly: readonly number[]
}

/** A cover of the order: from below to above, known to entailment or not. */
export interface OrderCoverRow {
  readonly kind: "cover"
  readonly among: string
  readonly from: string
  readonly to: string
  readonly by: string
}

/** Counts of ordered pairs. */
export interface OrderCountsRow {
  readonly kind: "counts"
  readonly among: string
  readonly losses: number
  readonly covers: number
  readonly height: number
  readonly width: number
  readonly dominance: number
  readonly entailment: number
  readonly entailed: number
  readonly finer: number
  readonly onSimplex: number
  readonly undecided: number
}

/** One published or trainer's name of a loss at its defaults: `records/names.jsonl`. A refused name has no loss. */
export interface NameRow {
  readonly name: string
  /** `catalogue`, `alias`, or the project whose name it is. */
  readonly project: string
  /** The LOSS that it stands for. */
  readonly is?: string
  readonly probabilities?: string
  readonly link?: string
  /** What the project does besides, or why it computes nothing. */
  readonly note?: string
  /** The code in which that was read. */
  readonly checked?: string
  /** Numbers of its classes of equal rho and of equal losses. */
  readonly ratioClass?: number
  readonly lossClass?: number
  /** The other names of the same loss. */
  readonly sameLoss: readonly string[]
}

/** One loss of the lattice and its relative twin: `records/twins.jsonl`. */
export interface TwinRow extends InReadings<RatioRow> {
  readonly name: string
  readonly loss: string
  /** Published losses with the twin's rho, each with the parameters at which; and losses of which it is a term ("-": negated). */
  readonly published: readonly string[]
  readonly terms: readonly string[]
  readonly verdicts: Readonly<Record<string, InReadings<Verdict>>>
  readonly oneBetaFamily: Verdict
  /** What rho tends to as the policy vanishes (the reference fixed), and the twin's as the reference vanishes. */
  readonly limit: InReadings<string> & { readonly reference: string }
  /** The twin at policy = reference: exp(rho) and its derivatives by log p_w, log p_l, as exact fractions. */
  readonly start: { readonly ratio: string; readonly aw: string; readonly al: string }
}

/** Nearest published loss of a derived one; `distance` in truth-table bits. */
export interface NeighbourRow {
  readonly id: string
  readonly distance: number
}

/** One loss that the query returned: `records/derive.jsonl`. `loss` is a LOSS text (`rows:…`). */
export interface DeriveRow {
  readonly query: string
  readonly loss: string
  readonly name: string
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly ratio: { readonly numerator: string; readonly denominator: string }
  readonly distance: number
  readonly neighbours: readonly (string | NeighbourRow)[]
  readonly properties: Readonly<Record<string, string>>
  readonly latticeName?: string
  readonly sentence: string
  readonly examined: number
  readonly pruned: number | string
  readonly rank: number
}

/** Verdicts of docs/contract.md `validate`, and what stands where nothing was run. */
export type Verdict = "proved" | "held" | "refuted" | "undecided" | "not-applicable" | "not-run"

/** One property of one loss: `records/validate.jsonl`. */
export interface ValidateRow {
  readonly loss: string
  readonly property: string
  readonly statement: string
  readonly verdict: Verdict
  readonly runs?: number
  readonly seed?: number
  readonly counterexample?: string | Readonly<Record<string, unknown>>
  readonly certificate?: string | Readonly<Record<string, unknown>>
  /** Why a property does not apply, or why it is undecided. */
  readonly reason?: string
  readonly expected?: string
}

/** One checkpoint of one bandit cell: `records/bandit.jsonl`. Log-probabilities, KL and entropy in nats, shares in [0, 1]. */
export interface BanditRow {
  readonly cell: string
  readonly loss: string
  readonly class?: BehaviourClass
  readonly environment: string
  readonly reference: boolean
  readonly ceWeight: number
  readonly seed: number
  readonly step: number
  readonly final: boolean
  readonly expectedReward: RecordNumber
  readonly klToReference: RecordNumber
  readonly regret: RecordNumber
  readonly winRate: RecordNumber
  readonly chosenLogpDrift: RecordNumber
  readonly rejectedLogpDrift: RecordNumber
  readonly unseenMass: RecordNumber
  readonly unseenMassChange: RecordNumber
  readonly entropy: RecordNumber
  readonly rankingAccuracy: RecordNumber
  /** The expected loss of docs/contract.md's StepMetrics; named apart because `loss` is the loss's name. */
  readonly lossValue?: RecordNumber
  /** Probability of every arm where there are few of them; on the last row, or on every row of a traced study (E1). */
  readonly armProbabilities?: readonly number[]
  /** Present on the last row of a run that stopped because a number was no longer finite: which, and when. */
  readonly failure?: string
}

/** One loss considered for finetuning: `records/select.jsonl`. */
export interface SelectRow {
  readonly loss: string
  readonly selected: boolean
  readonly forced: boolean
  readonly reason: string
  readonly counterexample?: string | Readonly<Record<string, unknown>>
  readonly rank?: number
}

/** One logged step or evaluation of one finetuning job, with TRL's metric names: `records/finetune.jsonl`. Nats per response. */
export interface FinetuneRow {
  readonly cell: string
  readonly loss: string
  readonly seed: number
  readonly step: number
  readonly kind: "step" | "evaluation"
  /** The LOSS as it was trained, with its reading of probabilities; `loss` is the one that was selected. */
  readonly spec?: string
  /** Weight of the cross-entropy term beside the loss. */
  readonly ceWeight?: number
  readonly "loss/train"?: RecordNumber
  readonly "logps/chosen"?: RecordNumber
  readonly "logps/rejected"?: RecordNumber
  readonly "rewards/margins"?: RecordNumber
  readonly "rewards/accuracies"?: RecordNumber
  readonly kl?: RecordNumber
  readonly "gold/reward"?: RecordNumber
  /** Standard error of the gold reward over held-out prompts. */
  readonly "gold/reward_se"?: RecordNumber
  /** On the last row of a run that broke off: why. */
  readonly failure?: string
  readonly [metric: string]: string | number | undefined
}

/** One interval over seeds: `records/summary.jsonl`. `resolved` is false when a difference's 95 % interval covers zero. */
export interface SummaryRow {
  readonly loss: string
  readonly metric: string
  readonly mean: RecordNumber
  readonly low: RecordNumber
  readonly high: RecordNumber
  readonly seeds: number
  readonly n: number
  readonly resolved: boolean
  /** What the interval is over: repeated seeds, or the held-out prompts. */
  readonly over?: "seeds" | "prompts"
  /** What a difference is from: "reference" (the model before training) or another loss. */
  readonly against?: string
}

/**
 * How often a finetuned model's answers are better than the baseline's, by the gold reward: `records/win-rates.jsonl`. Ties count
 * half in `winRate`. `resolved` is false when the 95 % interval covers 1/2.
 */
export interface WinRateRow {
  readonly loss: string
  /** Weight of the cross-entropy term beside the loss. */
  readonly ceWeight: number
  readonly against: string
  /** Shares of the comparisons. */
  readonly wins: number
  readonly ties: number
  readonly losses: number
  readonly seeds: number
  readonly comparisons: number
  /** What the interval is over: repeated seeds, or the held-out prompts. */
  readonly over: "seeds" | "prompts"
  readonly n: number
  readonly winRate: number
  readonly low: RecordNumber
  readonly high: RecordNumber
  readonly resolved: boolean
}

/** Which regression a row belongs to; `at`: after the last update, or the KL level in nats. */
interface RegressionPlace {
  readonly analysis: string
  readonly environment: string
  readonly outcome: string
  readonly at: "end" | number
}

/** A regression as a whole. R² are shares of the variance within seeds and, where there are any, within the conditions named. */
export interface RegressionModelRow extends RegressionPlace {
  readonly kind: "model"
  readonly predictors: readonly string[]
  readonly within: readonly string[]
  readonly losses: number
  readonly seeds: number
  readonly n: number
  /** Runs without the outcome: broken off, or never that far from the reference. */
  readonly missing: number
  readonly leftOut: readonly string[]
  /** Standard deviation of the outcome within seeds. */
  readonly spread: number
  readonly r2: number
  /** R² for losses left out of the fit one by one, in all their readings. */
  readonly predicted?: number
  /** R² of a level for every truth table, and for every loss with its reading and cross-entropy weight. */
  readonly byTable: number
  readonly ceiling: number
}

/** What a predictor accounts for: see experiments/regression/shares.ts. */
export interface RegressionShareRow extends RegressionPlace {
  readonly kind: "share"
  readonly predictor: string
  readonly meaning: string
  readonly share: number
  readonly alone: number
  readonly beyond: number
  readonly partial: number
  readonly predictedAlone?: number
  readonly predictedWithout?: number
}

/** A coefficient with its 95 % interval over seeds (`low`, `high`) and over losses. */
export interface RegressionCoefficientRow extends RegressionPlace {
  readonly kind: "coefficient"
  readonly predictor: string
  /** The conditions that the coefficient is for, where each has its own. */
  readonly stratum?: string
  /** A factor's level, and the one that it is compared with. */
  readonly level?: string
  readonly against?: string
  /** Absent where the predictors before it determine it. */
  readonly estimate?: number
  readonly low?: number
  readonly high?: number
  readonly lossLow?: number
  readonly lossHigh?: number
}

/** A permutation test of a predictor given others: see experiments/regression/permutation.ts. */
export interface RegressionTestRow extends RegressionPlace {
  readonly kind: "test"
  readonly predictor: string
  readonly given: readonly string[]
  readonly gain: number
  readonly byChance: number
  readonly p: number
  readonly permutations: number
  readonly exchangeable: number
}

/** `records/regression.jsonl`. */
export type RegressionRow = RegressionModelRow | RegressionShareRow | RegressionCoefficientRow | RegressionTestRow

/** All records of a run; a stage that has not run has an empty list. */
export interface Records {
  readonly catalogue: readonly CatalogueRow[]
  readonly landscape: readonly LandscapeRow[]
  readonly order: readonly OrderRow[]
  readonly twins: readonly TwinRow[]
  readonly names: readonly NameRow[]
  readonly conformance: readonly ConformanceRow[]
  readonly maps: readonly MapsRow[]
  readonly surfaces: readonly SurfacesRow[]
  readonly derive: readonly DeriveRow[]
  readonly validate: readonly ValidateRow[]
  readonly bandit: readonly BanditRow[]
  readonly claims: readonly ClaimRow[]
  readonly regression: readonly RegressionRow[]
  readonly select: readonly SelectRow[]
  readonly finetune: readonly FinetuneRow[]
  readonly elsewhere: readonly ElsewhereRow[]
  readonly summary: readonly SummaryRow[]
  readonly "win-rates": readonly WinRateRow[]
  readonly confirmations: readonly ConfirmedLine[]
}

/** Name of a record file without its extension. */
export type RecordName = keyof Records

/** Every record name, in the order in which the stages write them. */
export const recordNames = [
  "catalogue",
  "landscape",
  "order",
  "twins",
  "names",
  "conformance",
  "maps",
  "surfaces",
  "derive",
  "validate",
  "bandit",
  "claims",
  "regression",
  "select",
  "finetune",
  "elsewhere",
  "summary",
  "win-rates",
  "confirmations"
] as const satisfies readonly RecordName[]

/** Records with no rows: what a run has before its first stage, and a start for partial records. */
export const emptyRecords: Records = {
  catalogue: [],
  landscape: [],
  order: [],
  twins: [],
  names: [],
  conformance: [],
  maps: [],
  surfaces: [],
  derive: [],
  validate: [],
  bandit: [],
  claims: [],
  regression: [],
  select: [],
  finetune: [],
  elsewhere: [],
  summary: [],
  "win-rates": [],
  confirmations: []
}

/** The value as a finite number, or undefined: an absent or not finite value is a gap, never a NaN that is drawn. */
export const finite = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

/** The nodes of the landscape records, in their order. */
export const landscapeNodes = (records: Records): readonly LandscapeNodeRow[] =>
  records.landscape.filter((row): row is LandscapeNodeRow => row.kind === "node")

/** The covering pairs of the landscape records, in their order. */
export const landscapeEdges = (records: Records): readonly LandscapeEdgeRow[] =>
  records.landscape.filter((row): row is LandscapeEdgeRow => row.kind === "edge")

/** Behaviour class of a loss: the lattice's, else the one its bandit rows carry; undefined for a loss that has none. */
export const behaviourClassOf = (records: Records, loss: string): BehaviourClass | undefined =>
  landscapeNodes(records).find((node) => node.id === loss)?.class ??
  records.bandit.find((row) => row.loss === loss && row.class !== undefined)?.class
