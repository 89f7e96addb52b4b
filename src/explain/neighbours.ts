/** @file Where a structure sits in the lattice of the sixteen: itself, or as one of them with a reference model. */
import {
  equalStructures,
  latticeCovers,
  NAMED,
  type NamedStructure,
  type Structure,
  withReference
} from "../logic/index.ts"

/** The covers around a structure in the lattice of the sixteen. */
export interface Neighbours {
  readonly name: string
  /** Covered by it: entail it, constrain more. */
  readonly moreConstrained: ReadonlyArray<string>
  /** Covering it: entailed by it, constrain less. */
  readonly lessConstrained: ReadonlyArray<string>
}

const placed = (structure: Structure): { readonly entry: NamedStructure; readonly suffix: string } | undefined => {
  for (const entry of NAMED) {
    if (equalStructures(entry.structure, structure)) return { entry, suffix: "" }
    if (equalStructures(withReference(entry.structure), structure)) return { entry, suffix: " with reference" }
  }
  return undefined
}

/** The neighbours in the lattice; undefined for a structure that is none of the sixteen, with or without reference. */
export const neighboursOf = (structure: Structure): Neighbours | undefined => {
  const place = placed(structure)
  if (place === undefined) return undefined
  const { entry, suffix } = place
  const named = ({ name }: NamedStructure) => name + suffix
  const covers = latticeCovers()
  return {
    name: named(entry),
    moreConstrained: covers.filter(({ to }) => to === entry).map(({ from }) => named(from)),
    lessConstrained: covers.filter(({ from }) => from === entry).map(({ to }) => named(to))
  }
}
