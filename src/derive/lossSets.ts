/** The distinct losses over M(w), M(l) of a kind, as LOSS texts: what a study that trains all of them lists. */
import { lossClasses } from "../landscape/classes.ts"
import { monotoneClasses } from "../landscape/counts.ts"
import { equalStructures, NAMED, pairPropositions, type Structure, structureSpec } from "../logic/index.ts"
import { representative } from "./order.ts"

/**
 * `lattice`: the sixteen. `strict`: the 34 whose rho strictly rises with p_w and falls with p_l; of the sixteen all but CE and
 * fUNL, which look at one answer only. `monotone`: the 41 whose rho never falls with p_w and never rises with p_l, among them
 * the sixteen and the constant 0.
 */
export const lossSets = ["lattice", "strict", "monotone"] as const
/** The name of a set of losses. */
export type LossSet = (typeof lossSets)[number]

const textOf = (structure: Structure): string =>
  NAMED.find((entry) => equalStructures(entry.structure, structure))?.id ?? structureSpec(structure)

const listed = new Map<LossSet, ReadonlyArray<string>>()

const list = (set: LossSet): ReadonlyArray<string> => {
  const lattice = NAMED.map(({ id }) => id)
  if (set === "lattice") return lattice
  const { weak, strict } = monotoneClasses(lossClasses(pairPropositions))
  const texts = (set === "strict" ? strict : weak).map((one) => textOf(representative(pairPropositions, one)))
  return [...lattice.filter((text) => texts.includes(text)), ...texts.filter((text) => !lattice.includes(text))]
}

/** One LOSS a distinct rho: the sixteen in their published order by catalogue id, then the others as `rows:…`. */
export const lossesOf = (set: LossSet): ReadonlyArray<string> => {
  const known = listed.get(set)
  if (known !== undefined) return known
  const made = list(set)
  listed.set(set, made)
  return made
}
