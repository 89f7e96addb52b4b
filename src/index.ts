/**
 * @file The public interface of the package: losses by name or formula, their programs and kernels, what is proved or refuted
 * of them, bandits, new losses from a query. More by subpath: `losslattice/logic` (formulas, row sets, polynomials),
 * `losslattice/bandit` (environments, optima, metrics), `losslattice/finetune` (training jobs, events and the embedded engine) and
 * `losslattice/notebook` (formulas, tables and figures in a notebook). Whole studies run from the command line.
 *
 * What can fail on a caller's input returns a `Result` of Effect: `{ success }`, or `{ failure }` with a `message`.
 */

// Bandits, and new losses from a query.
export { type BanditCellResult, runBanditCell } from "./bandit/cell.ts"
export type { BanditCellSpec } from "./bandit/cellSchema.ts"
export * from "./derive/index.ts"
// What is known of a loss, and of two: the documents of `losslattice explain` and `compare`.
export { type Comparison, compareLosses } from "./explain/comparison.ts"
export { type Explanation, explainLoss } from "./explain/explanation.ts"
// The landscape: counts, order by value, equality, exact properties.
export { landscapeCounts } from "./landscape/counts.ts"
export { type Dominance, dominance } from "./landscape/dominance.ts"
export { canonicalStructure, sameLoss } from "./landscape/equality.ts"
export { exactProperties } from "./landscape/exactProperties.ts"
export {
  ballAround,
  between,
  countStructures,
  nearestAdmissible,
  nearestAdmissibleLosses,
  type SearchSpace,
  type SearchStats,
  searchStats,
  searchStructures,
  wholeSpace
} from "./landscape/search/index.ts"
// Logic: between formulas, structures and ratios.
export { type Decompiled, DecompileError, decompileRatio } from "./logic/decompile/index.ts"
export type { Formula } from "./logic/formula.ts"
export { admissibleStructures, latticeCovers, latticeNameOf, NAMED, type NamedStructure } from "./logic/lattice.ts"
export { entails, interval, join, meet } from "./logic/order.ts"
export { FormulaSyntaxError, parseFormula } from "./logic/parse.ts"
export { formulaLatex, formulaText } from "./logic/print.ts"
export { structureRatio } from "./logic/ratio.ts"
export { makeStructure, type Semantics, type Structure, structureFromTriple, type Triple } from "./logic/structure.ts"
export { parseStructureSpec, parseTriple, structureSpec, tripleText } from "./logic/structureText.ts"
export { tripleOf } from "./logic/triple.ts"
// Losses: any LOSS text to a loss, its program, its value and derivatives.
export { catalogue, catalogueIds, getCatalogueEntry } from "./loss/catalogue/index.ts"
export { decodeProgram, encodeProgram } from "./loss/codec.ts"
export { exportFormats, exportLoss } from "./loss/export/index.ts"
export { interpret } from "./loss/interpret.ts"
export { compileKernel, type Kernel } from "./loss/kernel.ts"
export type { Link, Loss } from "./loss/loss.ts"
export type { Program } from "./loss/program.ts"
export { lossFromStructure, resolveLoss } from "./loss/resolve.ts"
// Properties tried on bandits, and the random numbers of it all.
export { findProperty, properties } from "./properties/registry.ts"
export { replayCase, validateLoss } from "./properties/validate.ts"
export { Rng } from "./random/rng.ts"
export { type Interval, resolved, studentInterval } from "./random/statistics.ts"
