/**
 * The Loss: what every other part of the project works with. A loss is a program (value and derivatives) together with
 * what is known about it as logic: its structure, the weight semantics and the link, or the reason why there is none.
 */
import type { Semantics, Structure, WeightedStructure } from "../logic/structure.ts"
import type { ProjectName } from "./catalogue/projects/index.ts"
import type { CatalogueEntry, LossKind, LossLevel } from "./catalogue/schema.ts"
import type { Program } from "./program.ts"

/** The standard links of `t = beta·rho - margin`: softplus(-t), max(0, 1 - t), t², e^-t. */
export type LinkKind = "logistic" | "hinge" | "squared" | "exponential"

/**
 * How rho becomes a loss. For the standard kinds the loss is `f(beta·rho - margin)`; for `custom`, `formula` gives the loss
 * as an expression of `z = beta·rho` (and of inputs) and margin is 0. beta and margin are texts where they depend on inputs.
 */
export interface Link {
  readonly kind: LinkKind | "custom"
  readonly beta: number | string
  readonly margin: number | string
  readonly formula?: string
}

/** A part of a loss that is a structure although the whole is not: where it applies, and the structure. */
export interface LossPart {
  /** Condition or wording: `where pi(y_w) < ref(y_w), at lambda = 1`. */
  readonly when: string
  /** The ratio of that part, in p_w, r_l, … */
  readonly numerator: string
  readonly denominator: string
  readonly structure: Structure
  readonly semantics: Semantics
  readonly lengthNormalised: boolean
}

/** A loss, resolved: parameters have values, and the program contains the derivatives. */
export interface Loss {
  /** The text that names it; resolving it again gives the same loss. */
  readonly spec: string
  /** Catalogue id; absent for a loss that is none of the catalogue. */
  readonly id?: string
  readonly title: string
  readonly citation?: { readonly arxiv?: string; readonly year?: number }
  readonly kind: LossKind
  readonly params: Readonly<Record<string, number>>
  readonly semantics: Semantics
  /** Whether probabilities are per-token geometric means, `log p = lw / nw`. */
  readonly lengthNormalised: boolean
  /** The power that every odds is raised to inside rho (1: none). */
  readonly oddsBeta: number
  /** rho = log WMC(ticks)/WMC(crosses); absent when no single structure expresses the loss. */
  readonly structure?: Structure
  /** The same with weighted rows: neither `structure` nor a refusal. */
  readonly weighted?: WeightedStructure
  readonly link: Link
  /** Why no structure expresses the loss. */
  readonly refusal?: string
  /** Why the loss has no finite value anywhere (a degenerate structure): it can be named and compared, not evaluated. */
  readonly unevaluable?: string
  /** The parts of such a loss that are structures. */
  readonly parts?: ReadonlyArray<LossPart>
  /** Names of all inputs of the program: lw, ll, rw, rl, nw, nl, s_w, … */
  readonly inputs: ReadonlyArray<string>
  readonly program: Program
  readonly latex: string
  readonly level?: LossLevel
  readonly entry?: CatalogueEntry
  /** The trainer's name that the text was, with what the trainer does. */
  readonly project?: ProjectName
}
