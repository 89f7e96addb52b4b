/** @file Which losses of the catalogue have the rho of a given one: equality decided exactly, across readings as well. */
import * as Result from "effect/Result"
import { sameLoss } from "../landscape/equality.ts"
import { relativeTwin } from "../logic/decompile/relative.ts"
import type { AnyStructure, Semantics, Structure } from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import type { CatalogueStructure } from "../loss/catalogueLoss.ts"
import type { Loss } from "../loss/loss.ts"
import { makeRatio, type Point } from "../properties/ratio.ts"

interface Reading {
  readonly structure: Structure
  readonly semantics: Semantics
}

const probe: Point = { lw: Math.log(0.23), ll: Math.log(0.31), rw: Math.log(0.17), rl: Math.log(0.41) }

/** rho at one point; undefined for a structure that speaks of further responses. */
const rhoAtProbe = ({ structure, semantics }: Reading): number | undefined => {
  const known = structure.propositions.every((proposition) => /\((?:w|l)\)$/.test(proposition))
  return known ? makeRatio(structure, { semantics, oddsBeta: 1 })(probe).rho : undefined
}

const inRelative = ({ structure, semantics }: Reading): AnyStructure | undefined =>
  semantics === "relative" ? structure : Result.getOrUndefined(relativeTwin(structure))

/** Across readings a point is tried first: reading a ratio again takes as long as all the rest of `explain`. */
const sameAcross = (a: Reading, b: Reading): boolean => {
  const [x, y] = [rhoAtProbe(a), rhoAtProbe(b)]
  if (x === undefined || y === undefined || Math.abs(x - y) > 1e-9) return false
  const [first, second] = [inRelative(a), inRelative(b)]
  return first !== undefined && second !== undefined && sameLoss(first, second)
}

/**
 * The ids, other than its own, of the losses whose rho is the given loss's on the same probabilities: link, beta and margin
 * aside (docs/theory.md §7). Powers of the odds change rho, and none of the catalogue has them.
 */
export const sameLosses = (
  loss: Loss,
  structure: Structure,
  known: ReadonlyArray<CatalogueStructure>
): ReadonlyArray<string> => {
  if (loss.oddsBeta !== 1) return []
  const own: Reading = { structure, semantics: loss.semantics }
  // Many share one structure: each distinct one is compared once.
  const verdicts = new Map<string, boolean>()
  const isSame = (other: CatalogueStructure): boolean => {
    const key = `${other.semantics} ${structureSpec(other.structure)}`
    const found =
      verdicts.get(key) ??
      (other.semantics === own.semantics ? sameLoss(other.structure, structure) : sameAcross(own, other))
    verdicts.set(key, found)
    return found
  }
  return known
    .filter((other) => other.id !== loss.id && other.lengthNormalised === loss.lengthNormalised && isSame(other))
    .map(({ id }) => id)
}
