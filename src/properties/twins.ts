/**
 * The relative landscape beside the absolute one (docs/theory.md §11): each lattice loss with its relative twin, the published
 * losses that the twin is or is part of, and the exact properties in both readings.
 */

import { lossClasses, structureOf } from "../landscape/classes.ts"
import { monotoneClasses } from "../landscape/counts.ts"
import { sameLoss } from "../landscape/equality.ts"
import { type ExactPropertyName, exactProperties } from "../landscape/exactProperties.ts"
import { oddsCounts, slope } from "../landscape/odds.ts"
import { evaluate } from "../landscape/oddsPolynomial.ts"
import { oneBetaFamily } from "../landscape/oddsPower.ts"
import { referenceLimit } from "../landscape/referenceLimit.ts"
import type { ExactVerdict } from "../landscape/verdict.ts"
import { NAMED } from "../logic/lattice.ts"
import { type RatioText, structureRatio } from "../logic/ratio.ts"
import { divideRational, multiplyRational, one, type Rational, rational } from "../logic/rational.ts"
import { count } from "../logic/rows.ts"
import { isWeighted, makeStructure, pairPropositions, type Structure } from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import { type RelativeForm, relativeForms } from "../loss/relativeForms.ts"

/** The properties shown side by side, in this order. */
export const twinProperties = [
  "preference-monotone",
  "strictly-monotone",
  "swap-antisymmetric",
  "complement-swap-self-dual",
  "chosen-safe",
  "rejected-safe",
  "chosen-led",
  "level-invariant",
  "reference-form",
  "reference-invariant",
  "vanishing-class",
  "margin-range",
  "bounded-below",
  "infimum-attained",
  "escapes-on-policies"
] as const satisfies ReadonlyArray<ExactPropertyName>

export type TwinProperty = (typeof twinProperties)[number]

/** A published loss that holds a twin's rho; `inverse`: minus that rho, as `log p_l/r_l` is minus NPO's. */
export interface Publication extends Omit<RelativeForm, "structure"> {
  readonly inverse: boolean
}

/** One property in both readings. */
export interface PropertyPair {
  readonly absolute: ExactVerdict
  readonly relative: ExactVerdict
  /** Whether verdict or value differ. */
  readonly differs: boolean
}

/** One loss of the lattice and its relative twin. */
export interface Twin {
  /** The lattice's name, or `rows:…` of a loss that has none. */
  readonly name: string
  /** A LOSS text of the absolute loss; with `?semantics=relative` that of the twin. */
  readonly loss: string
  readonly structure: Structure
  readonly absolute: RatioText
  readonly relative: RatioText
  /** Published losses whose core ratio, merged terms or single terms have the twin's rho. */
  readonly published: ReadonlyArray<Publication>
  readonly properties: Readonly<Record<TwinProperty, PropertyPair>>
  /** Whether `beta rho` and odds to the power beta are one family, either reading. */
  readonly oneBetaFamily: ExactVerdict
  /** What the twin's rho tends to as the reference's probabilities vanish at fixed ratios, the policy fixed. */
  readonly vanishingReference: string
  /** The twin at policy = reference: `exp(rho)` and `a_w`, `a_l`, the same for answers of any length. */
  readonly start: { readonly ratio: Rational; readonly aw: Rational; readonly al: Rational }
}

const inverseOf = ({ propositions, ticks, crosses }: Structure): Structure =>
  makeStructure(propositions, crosses, ticks)

const publicationsOf = (structure: Structure, forms: ReadonlyArray<RelativeForm>): ReadonlyArray<Publication> =>
  forms.flatMap(({ structure: found, ...form }): ReadonlyArray<Publication> => {
    if (sameLoss(found, structure)) return [{ ...form, inverse: false }]
    return sameLoss(found, inverseOf(structure)) ? [{ ...form, inverse: true }] : []
  })

const propertyPairs = (structure: Structure): Twin["properties"] => {
  const [absolute, relative] = [exactProperties(structure, "absolute"), exactProperties(structure, "relative")]
  const pairs = {} as Record<TwinProperty, PropertyPair>
  for (const name of twinProperties) {
    const [a, b] = [absolute[name], relative[name]]
    pairs[name] = { absolute: a, relative: b, differs: a.verdict !== b.verdict || a.value !== b.value }
  }
  return pairs
}

/** At odds 1 each count is its number of rows, and `d rho/d log p` the slope by that odds over both counts. */
const startOf = (structure: Structure): Twin["start"] => {
  const counts = oddsCounts(structure)
  const point = counts.variables.map(() => one)
  const [ticks, crosses] = [rational(count(structure.ticks)), rational(count(structure.crosses))]
  const rate = (name: string): Rational =>
    divideRational(evaluate(slope(counts, counts.variables.indexOf(name)), point), multiplyRational(ticks, crosses))
  return { ratio: divideRational(ticks, crosses), aw: rate("p_w"), al: rate("p_l") }
}

const twinOf = (name: string, loss: string, structure: Structure, forms: ReadonlyArray<RelativeForm>): Twin => ({
  name,
  loss,
  structure,
  absolute: structureRatio(structure),
  relative: structureRatio(structure, { semantics: "relative" }),
  published: publicationsOf(structure, forms),
  properties: propertyPairs(structure),
  oneBetaFamily: oneBetaFamily(oddsCounts(structure), "relative"),
  vanishingReference: referenceLimit(structure),
  start: startOf(structure)
})

/** The sixteen lattice losses with their relative twins, in the lattice's order. */
export const latticeTwins = (): ReadonlyArray<Twin> => {
  const forms = relativeForms()
  return NAMED.map(({ name, id, structure }) => twinOf(name, id, structure, forms))
}

/** All strictly monotone losses over M(w), M(l), canonical structures, with their twins. */
export const strictlyMonotoneTwins = (): ReadonlyArray<Twin> => {
  const forms = relativeForms()
  return monotoneClasses(lossClasses(pairPropositions)).strict.map(({ members }) => {
    const structure = structureOf(pairPropositions, members[0]!)
    const known = NAMED.find((entry) => sameLoss(entry.structure, structure))
    const spec = structureSpec(structure)
    return twinOf(known?.name ?? spec, known?.id ?? spec, structure, forms)
  })
}

/** Published losses with a relative structure that is no twin of a lattice loss nor its inverse: copies, weights. */
export const otherRelativeForms = (): ReadonlyArray<RelativeForm & { readonly spec: string }> =>
  relativeForms()
    .filter(({ structure }) =>
      NAMED.every((entry) => !sameLoss(structure, entry.structure) && !sameLoss(structure, inverseOf(entry.structure)))
    )
    .map((form) => ({
      ...form,
      spec: isWeighted(form.structure) ? "weighted rows" : structureSpec(form.structure)
    }))
