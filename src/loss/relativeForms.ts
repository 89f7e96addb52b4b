/**
 * Where relative structures (docs/theory.md §11) occur in the published losses: as the core ratio, as the ratio of one term of
 * a sum, or because logistic terms multiply out to one. Searched over the whole catalogue, parameters at their defaults and at
 * special values, and decided by exact decompilation under the relative reading.
 *
 * `Σ c_i softplus(-z_i)`, `z_i = log N_i/D_i`, weights `c_i = c m_i` with whole m_i, is `c softplus(-rho)` with
 * `N = Π N_i^m_i`, `D = Π (N_i + D_i)^m_i - N`: a structure whenever that ratio decompiles.
 */
import * as Result from "effect/Result"
import { type Decompiled, decompileRatio } from "../logic/decompile/index.ts"
import {
  contentRational,
  divideRational,
  type Rational,
  rationalText,
  rationalToNumber,
  signRational
} from "../logic/rational.ts"
import type { AnyStructure } from "../logic/structure.ts"
import { catalogue } from "./catalogue/index.ts"
import type { CatalogueEntry, RatioSpec } from "./catalogue/schema.ts"
import { conditionHolds } from "./catalogueLoss.ts"
import { parseKnownExpression } from "./expression.ts"
import { type ExactParameters, type LinearForm, type LogisticTerm, logisticSum } from "./linearForm.ts"
import { conditionText, parameterGrid } from "./parameterGrid.ts"
import { isPolicyInput } from "./program.ts"

/** How a loss contains a ratio: it is all of it, one of its terms, or what its terms multiply out to. */
export type FormRole = "whole" | "term" | "merged"

/** One relative structure in one published loss. */
export interface RelativeForm {
  readonly id: string
  readonly role: FormRole
  /** Parameters at which it holds, over the values tried: "" always, else text such as `beta == 1`. */
  readonly condition: string
  readonly structure: AnyStructure
  readonly lengthNormalised: boolean
  /** `link(z)` with `z = scale (rho + logFactor)`, as expressions. */
  readonly scale: string
  readonly link: string
  readonly logFactor: string
  /**
   * For merged terms of ratios `p/r` at one scale: the name of that scale. At any value b of it the loss is the merged one
   * with `oddsBeta = b`, for `softplus(-b log p/r)` is `softplus(-log (p/r)^b)`.
   */
  readonly everyScale?: string
}

const extrasOf = ({ params, inputs }: CatalogueEntry): ReadonlyArray<string> => [
  ...Object.keys(params),
  ...inputs.filter((name) => !isPolicyInput(name) && !/^r[wlg]$/.test(name))
]

const relativeReading = (
  entry: CatalogueEntry,
  ratio: { readonly numerator: string; readonly denominator: string }
): Decompiled | undefined =>
  Result.getOrUndefined(
    decompileRatio(
      { kind: "parts", numerator: ratio.numerator, denominator: ratio.denominator },
      { semantics: "relative", extras: extrasOf(entry) }
    )
  )

const structureOf = (found: Decompiled): AnyStructure => (found.kind === "structure" ? found.structure : found.weighted)

/** The form of a ratio that the catalogue states, where it has a relative reading. */
const statedForm = (entry: CatalogueEntry, ratio: RatioSpec, role: FormRole): ReadonlyArray<RelativeForm> => {
  const found = relativeReading(entry, ratio)
  if (found === undefined) return []
  const grid = parameterGrid(entry.params)
  const holds = grid.map((point) => conditionHolds(ratio.when, asNumbers(point)))
  return [
    {
      id: entry.id,
      role,
      condition: conditionText(grid, holds),
      structure: structureOf(found),
      lengthNormalised: found.lengthNormalised,
      scale: ratio.scale,
      link: ratio.link,
      logFactor: found.logFactor.text
    }
  ]
}

const asNumbers = (point: ExactParameters): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(point).map(([name, value]) => [name, rationalToNumber(value)]))

/** More factors than a structure of six propositions can hold are not multiplied out. */
const mostFactors = 6

/** A monomial ratio and its scale: `z = scale log N/D`, exponents whole without a common divisor. */
interface MonomialRatio {
  readonly numerator: ReadonlyArray<string>
  readonly denominator: ReadonlyArray<string>
  readonly scale: Rational
}

/** `z = -argument` as a scaled logarithm of a ratio of probabilities; undefined for a constant part or other inputs. */
const monomialRatio = (argument: LinearForm): MonomialRatio | undefined => {
  if (argument.size === 0 || [...argument.keys()].some((name) => !/^[lr](?:w|l|g|y\d+)$/.test(name))) return undefined
  const scale = contentRational(argument.values())
  const [numerator, denominator]: [Array<string>, Array<string>] = [[], []]
  for (const [name, value] of argument) {
    const exponent = Number(divideRational(value, scale).num)
    const factor = `${name[0] === "l" ? "p" : "r"}_${name.slice(1)}`
    const side = exponent < 0 ? numerator : denominator
    for (let k = Math.abs(exponent); k > 0; k--) side.push(factor)
  }
  return numerator.length + denominator.length > 2 * mostFactors ? undefined : { numerator, denominator, scale }
}

const product = (factors: ReadonlyArray<string>): string => (factors.length === 0 ? "1" : factors.join("*"))

/** The ratio that logistic terms at scale 1 multiply out to, with the common weight; undefined when they do not. */
const mergedRatio = (terms: ReadonlyArray<LogisticTerm>, ratios: ReadonlyArray<MonomialRatio>) => {
  if (terms.some(({ weight }) => signRational(weight) <= 0)) return undefined
  const common = contentRational(terms.map(({ weight }) => weight))
  const times = terms.map(({ weight }) => Number(divideRational(weight, common).num))
  if (times.reduce((sum, m) => sum + m, 0) > mostFactors) return undefined
  const power = (text: string, k: number) => `(${text})^${times[k]}`
  const numerator = ratios.map((ratio, k) => power(product(ratio.numerator), k)).join("*")
  const sums = ratios.map((ratio, k) => power(`${product(ratio.numerator)} + ${product(ratio.denominator)}`, k))
  return { numerator, denominator: `${sums.join("*")} - ${numerator}`, weight: common }
}

interface Hit {
  readonly form: Omit<RelativeForm, "condition">
  readonly at: ReadonlyArray<boolean>
}

/** What the loss is at one point of its parameters, as text for finding the same again; undefined for no relative form. */
const mergedAt = (entry: CatalogueEntry, point: ExactParameters) => {
  const terms = logisticSum(parseKnownExpression(entry.loss), point)
  const ratios = terms?.map(({ argument }) => monomialRatio(argument))
  if (terms === undefined || ratios === undefined || terms.length === 0) return undefined
  if (!ratios.every((ratio) => ratio !== undefined)) return undefined
  const scale = ratios[0]!.scale
  // One term is a core ratio at any scale; several multiply out at scale 1 alone.
  if (terms.length > 1 && ratios.some((ratio) => rationalText(ratio.scale) !== "1")) return undefined
  const first = { numerator: product(ratios[0]!.numerator), denominator: product(ratios[0]!.denominator) }
  const merged = terms.length === 1 ? { ...first, weight: terms[0]!.weight } : mergedRatio(terms, ratios)
  return merged && { ...merged, scale, role: terms.length === 1 ? ("whole" as const) : ("merged" as const) }
}

/** Whether all of an entry's terms are `log p/r` of one response at one scale; the scale's name then. */
const sharedScale = ({ terms, params }: CatalogueEntry): string | undefined => {
  const scale = terms?.[0]?.scale
  const single = (terms ?? []).every(
    ({ numerator, denominator, scale: own }) =>
      own === scale && [numerator, denominator].sort().join().replace(/_\w/g, "") === "p,r"
  )
  return scale !== undefined && single && Object.hasOwn(params, scale) ? scale : undefined
}

/**
 * Forms that the loss expression takes at special parameters, where the catalogue states no ratio for all of them; only those
 * that a condition on one parameter, or an equation of two, gives.
 */
const foundForms = (entry: CatalogueEntry): ReadonlyArray<RelativeForm> => {
  if (entry.rho !== null && entry.rho.when === undefined) return []
  const grid = parameterGrid(entry.params)
  const hits = new Map<string, Hit>()
  const everyScale = sharedScale(entry)
  const merged = grid.map((point) => mergedAt(entry, point))
  for (const found of merged) {
    const key = found && keyOf(found)
    if (found === undefined || hits.has(key!)) continue
    const reading = relativeReading(entry, found)
    if (reading === undefined) continue
    const { weight, role } = found
    const factor = rationalText(weight) === "1" ? "" : `${rationalText(weight)}*`
    hits.set(key!, {
      form: {
        id: entry.id,
        role,
        structure: structureOf(reading),
        lengthNormalised: false,
        scale: role === "merged" ? "1" : scaleText(grid, merged, key!),
        link: `${factor}softplus(-z)`,
        logFactor: reading.logFactor.text,
        ...(role === "merged" && everyScale !== undefined ? { everyScale } : {})
      },
      at: merged.map((other) => other !== undefined && keyOf(other) === key)
    })
  }
  return [...hits.values()]
    .map(({ form, at }) => ({ ...form, condition: conditionText(grid, at) }))
    .filter(({ condition }) => !/ (?:and|or) /.test(condition))
}

/** The scale of a single term as a multiple of the first parameter that it is proportional to; else its first value. */
const scaleText = (
  grid: ReadonlyArray<ExactParameters>,
  merged: ReadonlyArray<ReturnType<typeof mergedAt>>,
  key: string
): string => {
  const hits = merged.flatMap((found, k) =>
    found && keyOf(found) === key ? [{ scale: found.scale, point: grid[k]! }] : []
  )
  for (const name of Object.keys(grid[0]!)) {
    if (hits.some(({ point }) => point[name]!.num === 0n)) continue
    const factors = hits.map(({ scale, point }) => rationalText(divideRational(scale, point[name]!)))
    if (new Set(factors).size === 1) return factors[0] === "1" ? name : `${factors[0]}*${name}`
  }
  return rationalText(hits[0]!.scale)
}

/** What makes two points' findings one: the ratio, and for merged terms the weight. */
const keyOf = ({ numerator, denominator, role, weight }: NonNullable<ReturnType<typeof mergedAt>>): string =>
  `${role} ${numerator} / ${denominator}${role === "merged" ? ` ${rationalText(weight)}` : ""}`

/** Every relative structure in every published loss, in the order of the catalogue. */
export const relativeForms = (): ReadonlyArray<RelativeForm> =>
  catalogue.flatMap((entry) => [
    ...(entry.rho === null ? [] : statedForm(entry, entry.rho, "whole")),
    ...(entry.terms ?? []).flatMap((term) => statedForm(entry, term, "term")),
    ...foundForms(entry)
  ])
