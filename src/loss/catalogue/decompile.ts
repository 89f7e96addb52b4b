/**
 * Catalogue ratios as structures, in a form that can be written down: `decompiled.ts` holds what decompiling every ratio of
 * the catalogue gives, so that resolving a catalogue loss does not decompile (a test does, and compares).
 */
import * as Result from "effect/Result"
import { type DecompileError, type DecompileOptions, decompileRatio } from "../../logic/decompile/index.ts"
import type { Proposition } from "../../logic/proposition.ts"
import { maskText } from "../../logic/rows.ts"
import { makeStructure, type Semantics, type Structure } from "../../logic/structure.ts"
import { isPolicyInput } from "../program.ts"
import type { CatalogueEntry, LossLevel } from "./schema.ts"

/** One ratio as a structure: `rho = log WMC(ticks)/WMC(crosses) + logFactor`. */
export interface DecompiledRatio {
  readonly propositions: string
  readonly ticks: string
  readonly crosses: string
  readonly semantics: Semantics
  readonly lengthNormalised: boolean
  /** Policy-free expression of parameters and inputs. */
  readonly logFactor: string
}

/** The ratios of one entry: its core ratio, its terms, and its named parts, in the order of the entry. */
export interface DecompiledEntry {
  readonly rho?: DecompiledRatio
  readonly terms?: ReadonlyArray<DecompiledRatio>
  readonly parts?: ReadonlyArray<DecompiledRatio>
}

/** The names of an entry that may occur in a ratio besides the probabilities. */
const extrasOf = (entry: CatalogueEntry): ReadonlyArray<string> => [
  ...Object.keys(entry.params),
  ...entry.inputs.filter((name) => !isPolicyInput(name) && !/^r[wlg]$/.test(name))
]

/** Decompiles one ratio of an entry. @throws RangeError when it has no structure: a ratio in the catalogue has one */
const decompileOne = (
  entry: CatalogueEntry,
  ratio: { readonly numerator: string; readonly denominator: string }
): DecompiledRatio => {
  const options: DecompileOptions = { extras: extrasOf(entry) }
  const source = { kind: "parts", numerator: ratio.numerator, denominator: ratio.denominator } as const
  const result = decompileRatio(source, options)
  if (Result.isFailure(result)) throw refused(entry, result.failure)
  const { semantics, lengthNormalised, logFactor } = result.success
  if (result.success.kind !== "structure") throw new RangeError(`${entry.id}: its ratio has weighted rows`)
  const { propositions, ticks, crosses } = result.success.structure
  const n = propositions.length
  return {
    propositions: propositions.join(","),
    ticks: maskText(ticks, n),
    crosses: maskText(crosses, n),
    semantics,
    lengthNormalised,
    logFactor: logFactor.text
  }
}

const refused = (entry: CatalogueEntry, error: DecompileError): RangeError =>
  new RangeError(`${entry.id}: ${error.message}`)

/** Decompiles everything in an entry that is a ratio. */
export const decompileEntry = (entry: CatalogueEntry): DecompiledEntry => ({
  ...(entry.rho === null ? {} : { rho: decompileOne(entry, entry.rho) }),
  ...(entry.terms === null ? {} : { terms: entry.terms.map((term) => decompileOne(entry, term)) }),
  ...(entry.parts === undefined ? {} : { parts: entry.parts.map((part) => decompileOne(entry, part)) })
})

/** The structure that was written down. */
export const structureOf = (ratio: DecompiledRatio): Structure =>
  makeStructure(ratio.propositions.split(",") as ReadonlyArray<Proposition>, BigInt(ratio.ticks), BigInt(ratio.crosses))

/** The level of a single ratio, read off its decompilation (docs/losses.md §2). */
export const levelOfRatio = (ratio: DecompiledRatio): LossLevel => {
  if (ratio.semantics === "relative") return "counting"
  const tilted = ratio.logFactor !== "0"
  if (ratio.lengthNormalised) return tilted ? "norm_tilt" : "exact_norm"
  return tilted ? "tilt" : "exact"
}
