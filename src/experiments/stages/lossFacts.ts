/** @file What the records say of a loss's logic, in the words that `explain` uses. */
import * as Result from "effect/Result"
import { logicText } from "../../explain/explanation.ts"
import { hasRho } from "../../landscape/limits.ts"
import { pairPropositions, type Structure } from "../../logic/structure.ts"
import type { Loss } from "../../loss/loss.ts"
import { resolveLoss } from "../../loss/resolve.ts"
import type { BehaviourClass } from "../figures/records.ts"

/** Rows, readable triple and ratio of a structure, side by side as columns. */
export const logicFacts = (structure: Structure, reading: Pick<Loss, "semantics" | "lengthNormalised">) => {
  const { ratio, ...logic } = logicText(structure, reading)
  return { ...logic, ...ratio }
}

// Row 0: every proposition false.
const bothInvalid = 1n

/**
 * What a loss over M(w), M(l) does with the row "both invalid" (docs/experiments.md E14): the four behaviour classes.
 * Undefined for structures over other propositions, and for those whose rho is constant.
 */
export const behaviourClass = (structure: Structure): BehaviourClass | undefined => {
  if (structure.propositions.join() !== pairPropositions.join() || !hasRho(structure)) return undefined
  const tick = (structure.ticks & bothInvalid) !== 0n
  const cross = (structure.crosses & bothInvalid) !== 0n
  return tick && cross ? "both" : tick ? "tick-only" : cross ? "cross-only" : "neither"
}

/** {@link behaviourClass} of a LOSS text, as records carry it: no field where there is none. */
export const classField = (loss: string): { readonly class?: BehaviourClass } => {
  const resolved = resolveLoss(loss)
  const structure = Result.isSuccess(resolved) ? resolved.success.structure : undefined
  const found = structure && behaviourClass(structure)
  return found === undefined ? {} : { class: found }
}
