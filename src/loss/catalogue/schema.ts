/** What the catalogue knows about one published loss. Entries are data: one file each in `losses/`, listed in `index.ts`. */

/** The dominant requirement of a loss. */
export type LossKind =
  | "pairwise"
  | "unpaired"
  | "k-wise"
  | "token-level"
  | "needs-reward-score"
  | "needs-online-samples"

/** How far a loss is from a preference structure (docs/losses.md §2). */
export type LossLevel = "exact" | "exact_norm" | "tilt" | "norm_tilt" | "counting" | "sum" | "power" | "shape" | "token"

/** Default and allowed range of a parameter; bounds that are not given are open to infinity. */
export interface ParameterSpec {
  readonly default: number
  /** Exclusive lower bound. */
  readonly above?: number
  /** Inclusive lower bound. */
  readonly atLeast?: number
  /** Exclusive upper bound. */
  readonly below?: number
  /** Inclusive upper bound. */
  readonly atMost?: number
  /** A value inside the bounds that is not allowed. */
  readonly except?: number
}

/** One ratio: `link(z)`, `z = scale·log(numerator/denominator)`; `when` says at which parameters it holds. */
export interface RatioSpec {
  readonly numerator: string
  readonly denominator: string
  readonly scale: string
  readonly link: string
  readonly when?: string
}

/** A ratio that a refused loss contains in part, for instance on one branch of a maximum. */
export interface PartSpec {
  /** Where it holds, in words. */
  readonly when: string
  /** Parameter condition under which it is a structure, such as `lam == 1`; absent: always. */
  readonly condition?: string
  readonly numerator: string
  readonly denominator: string
}

/** Quantities that an engine must compute over a batch (detached), by input name, in words. */
export type BatchStatistics = Readonly<Record<string, string>>

/** One published loss. Expressions use the grammar of `expression.ts` over `params` and `inputs`. */
export interface CatalogueEntry {
  readonly id: string
  readonly title: string
  readonly aliases: ReadonlyArray<string>
  readonly arxiv: string | null
  readonly year: number | null
  readonly kind: LossKind
  readonly reference: boolean
  readonly lengthNormalised: boolean
  /** The link in words. */
  readonly link: string
  readonly params: Readonly<Record<string, ParameterSpec>>
  readonly inputs: ReadonlyArray<string>
  /** The loss of one pair as an expression. */
  readonly loss: string
  readonly level: LossLevel
  readonly rho: RatioSpec | null
  readonly terms: ReadonlyArray<RatioSpec> | null
  /** Formula as published, in words and symbols. */
  readonly formula: string
  /** What keeps the loss from being one structure; absent for those that are one. */
  readonly obstacle?: string
  readonly parts?: ReadonlyArray<PartSpec>
  readonly batchStatistics?: BatchStatistics
  /** Why a loss of one pair's scalars is not this loss (sorting over the batch, token weights, …): it cannot run here. */
  readonly notRunnable?: string
  /** An input, or a facility of an engine, with which it can run after all: `kl_w`, `token-mask`, `rematching`. */
  readonly runnableWith?: string
  /** Inputs besides log-probabilities through which its gradient flows. */
  readonly movingInputs?: ReadonlyArray<string>
  /** Ids of entries that go by the same name elsewhere, or differ in one convention. */
  readonly variants: ReadonlyArray<string>
  readonly notes: string
  readonly codeVersusPaper: string
  /** Where the formula was taken from: `code`, `code-read`, `recalled`, `definition`, … */
  readonly source: string
  readonly checkedAgainst: ReadonlyArray<string>
}
