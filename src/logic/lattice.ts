/**
 * The sixteen named losses over M(w), M(l): the structures in which TF is a tick only and FT a cross only, TT and FF being
 * free (docs/experiments.md 1.5). Names and structures are the published ones; admissibility and the 32 covers are computed.
 */
import { entails } from "./order.ts"
import { equalStructures, makeStructure, pairPropositions, type Structure } from "./structure.ts"

/** One of the sixteen: published name, id in the catalogue, whether it was known before the lattice, its structure. */
export interface NamedStructure {
  readonly name: string
  readonly id: string
  readonly known: boolean
  readonly structure: Structure
}

// The catalogue's `cpo` and `orpo` are the published trainers' full losses, its `ce` the negative log-likelihood.
const catalogueIds: Readonly<Record<string, string>> = { CE: "ce_odds", CPO: "cpo_core", ORPO: "orpo_seq" }

const named = (name: string, ticks: bigint, crosses: bigint, known = false): NamedStructure => ({
  name,
  id: catalogueIds[name] ?? name.toLowerCase(),
  known,
  structure: makeStructure(pairPropositions, ticks, crosses)
})

// Rows, most significant first: TT FT TF FF.
/** The sixteen in the order in which they are published. */
export const NAMED: ReadonlyArray<NamedStructure> = [
  named("CEUnl", 0b0010n, 0b1101n, true),
  named("cUNL", 0b0010n, 0b1100n),
  named("l3", 0b0010n, 0b0101n),
  named("ORPO", 0b0010n, 0b0100n, true),
  named("sCE", 0b1010n, 0b1101n),
  named("CPO", 0b1010n, 0b1100n, true),
  named("CE", 0b1010n, 0b0101n, true),
  named("cCPO", 0b1010n, 0b0100n),
  named("l20", 0b0011n, 0b1101n),
  named("fUNL", 0b0011n, 0b1100n),
  named("qfUNL", 0b0011n, 0b0101n),
  named("cfUNL", 0b0011n, 0b0100n),
  named("l5", 0b1011n, 0b1101n),
  named("l14", 0b1011n, 0b1100n),
  named("bCPO", 0b1011n, 0b0101n),
  named("unCPO", 0b1011n, 0b0100n)
]

/** All structures over M(w), M(l) in which TF is a tick only and FT a cross only: 4 marks each for TT and FF. */
export const admissibleStructures = (): ReadonlyArray<Structure> => {
  const free = [0b0000n, 0b0001n, 0b1000n, 0b1001n]
  return free.flatMap((ticks) =>
    free.map((crosses) => makeStructure(pairPropositions, 0b0010n | ticks, 0b0100n | crosses))
  )
}

/** The covering pairs of the sixteen under entailment, computed from the definition: `from ⊏ to` with nothing between. */
export const latticeCovers = (): ReadonlyArray<{ readonly from: NamedStructure; readonly to: NamedStructure }> => {
  const below = (a: NamedStructure, b: NamedStructure): boolean => a !== b && entails(a.structure, b.structure)
  return NAMED.flatMap((from) =>
    NAMED.filter((to) => below(from, to) && !NAMED.some((mid) => below(from, mid) && below(mid, to))).map((to) => ({
      from,
      to
    }))
  )
}

/** The published name of a structure over exactly M(w), M(l) (rows compared, not rho); undefined for any other. */
export const latticeNameOf = (structure: Structure): string | undefined =>
  NAMED.find((entry) => equalStructures(entry.structure, structure))?.name
