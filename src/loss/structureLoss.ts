/** Losses made from structures: the semantic loss of a truth table, with its link, weight reading and reference. */
import * as Result from "effect/Result"
import { latticeNameOf } from "../logic/lattice.ts"
import { canonicalOrder, propositionParts } from "../logic/proposition.ts"
import { rationalText } from "../logic/rational.ts"
import {
  type AnyStructure,
  extendTo,
  isDegenerate,
  isWeighted,
  type Semantics,
  type Structure,
  type WeightedStructure,
  withReference
} from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import { type Expression, parseKnownExpression } from "./expression.ts"
import { programFromStructure } from "./fromStructure.ts"
import { expressionLatex, linkedLatex, ratioLossLatex } from "./latex.ts"
import { type LinkSource, links, recogniseLink } from "./links.ts"
import type { Loss } from "./loss.ts"
import type { WeightReading } from "./semantics.ts"
import type { StructureOptions } from "./settings.ts"

/** What is known of a loss besides its structure. */
export interface StructureNaming {
  readonly spec?: string
  readonly title?: string
  /** Policy-free part of the ratio's logarithm (a margin of `-beta` times it). Default 0. */
  readonly logFactor?: Expression
  /** Values of the parameters in `logFactor`. */
  readonly params?: Readonly<Record<string, number>>
}

const zero: Expression = { _tag: "Number", value: 0 }

/** Why a structure has no finite loss; undefined when it has. */
export const degenerateReason = (structure: AnyStructure): string | undefined =>
  isDegenerate(structure)
    ? "a side of the structure has no rows (degenerate): rho is not finite, so there is nothing to evaluate"
    : undefined

/** The settings of a loss as they are written after `?`; "" when all are defaults. */
const settingsText = (options: StructureOptions, extra: Readonly<Record<string, number>>): string => {
  const { reference: _, ...kept } = options
  const settings = { ...extra, ...kept }
  const text = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return text.length === 0 ? "" : `?${text.join("&")}`
}

/** Adds the reference model, or says why that makes no sense. */
export const applyReference = (structure: Structure, options: StructureOptions): Result.Result<Structure, string> => {
  if (options.reference !== true) return Result.succeed(structure)
  if (options.semantics === "relative") {
    return Result.fail(
      "reference=true does not go with semantics=relative, whose weights contain the reference already"
    )
  }
  if (structure.propositions.some((proposition) => propositionParts(proposition).model === "Ref")) {
    return Result.fail("reference=true, but the structure speaks of a reference already")
  }
  if (canonicalOrder(structure.propositions).length + 2 > 6) {
    return Result.fail("reference=true would make more than 6 propositions")
  }
  return Result.succeed(withReference(extendTo(structure, canonicalOrder(structure.propositions))))
}

/** Whether the reading gives every proposition a weight; the failure says which has none. */
export const checkReading = ({ propositions }: AnyStructure, semantics: Semantics): Result.Result<void, string> => {
  const reference = propositions.find((proposition) => propositionParts(proposition).model === "Ref")
  return semantics === "relative" && reference !== undefined
    ? Result.fail(`semantics=relative has no proposition ${reference}: the reference is in the weights of M`)
    : Result.succeed(undefined)
}

/**
 * The loss of a structure: `f(beta·(rho + logFactor) - margin)`, default the plain semantic loss (logistic, 1, 0, absolute).
 * `options.reference` is not looked at: see {@link applyReference}. A degenerate structure has a loss that cannot be
 * evaluated (`unevaluable` says why).
 * @throws RangeError when the reading gives a proposition no weight (see {@link checkReading})
 */
export const lossFromStructure = (
  structure: AnyStructure,
  options: StructureOptions = {},
  naming: StructureNaming = {}
): Loss => {
  const {
    link = "logistic",
    beta = 1,
    margin = 0,
    semantics = "absolute",
    oddsBeta = 1,
    lengthNormalised = false
  } = options
  const source: LinkSource = {
    scale: { _tag: "Name", name: "beta", position: 0 },
    formula: parseKnownExpression(links[link].formula),
    logFactor: naming.logFactor ?? zero
  }
  const params = { ...naming.params, beta, margin }
  const reading = { semantics, oddsBeta, lengthNormalised }
  const program = programFromStructure(structure, reading, source, params)
  const recognised = recogniseLink(source, params)
  const unevaluable = degenerateReason(structure)
  const logic = isWeighted(structure) ? { weighted: structure } : { structure }
  const spec =
    naming.spec ?? (isWeighted(structure) ? "weighted structure" : structureSpec(structure) + settingsText(options, {}))
  return {
    spec,
    // With powers of the odds it is another loss than the lattice's of that table.
    title: naming.title ?? (oddsBeta === 1 ? titleOf(structure) : undefined) ?? spec,
    kind: "pairwise",
    params,
    semantics,
    lengthNormalised,
    oddsBeta,
    ...logic,
    link: recognised,
    inputs: program.inputs,
    program,
    latex: isWeighted(structure)
      ? weightedLatex(structure, recognised, reading)
      : ratioLossLatex(structure, recognised, reading),
    ...(unevaluable === undefined ? {} : { unevaluable })
  }
}

const titleOf = (structure: AnyStructure): string | undefined =>
  isWeighted(structure) ? undefined : latticeNameOf(structure)

/** The sum of the rows' weights as an expression in probabilities, one product of literals per row. */
const weightedSum = (
  { propositions }: WeightedStructure,
  side: WeightedStructure["ticks"],
  { semantics, lengthNormalised, oddsBeta }: WeightReading
): string => {
  const power = oddsBeta === 1 ? "" : `^${oddsBeta}`
  const literal = (proposition: string, isTrue: boolean): string => {
    const { model, response } = propositionParts(proposition)
    const [policy, reference] = lengthNormalised ? ["g", "h"] : ["p", "r"]
    const name = `${model === "M" ? policy : reference}_${response}`
    if (isTrue) return `${name}${power}`
    return `${semantics === "relative" ? `${reference}_${response}` : `(1 - ${name})`}${power}`
  }
  const terms = [...side].map(([row, weight]) =>
    [rationalText(weight), ...propositions.map((p, k) => literal(p, ((row >> k) & 1) === 1))].join("*")
  )
  return terms.length === 0 ? "0" : terms.map((term) => term.replace(/^1\*/, "")).join(" + ")
}

const weightedLatex = (structure: WeightedStructure, link: Loss["link"], reading: WeightReading): string => {
  const [top, bottom] = [structure.ticks, structure.crosses].map((side) => weightedSum(structure, side, reading))
  return linkedLatex(`\\log${expressionLatex(parseKnownExpression(`(${top})/(${bottom})`))}`, link)
}
