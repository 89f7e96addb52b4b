/**
 * Decompilation: from the core ratio of a published loss, in mathjs syntax, to the preference structure whose weighted
 * model counts it is (docs/theory.md §6 and §11). Exact and complete within 6 propositions: a ratio is answered with its
 * structure, a weighted structure, or the reason why there is neither; nothing is approximated.
 */
import * as Result from "effect/Result"
import { constantValue, degreeIn, isMultilinear, isZero } from "../polynomial.ts"
import { equalRational, one } from "../rational.ts"
import { maxPropositions } from "../rows.ts"
import type { Semantics, Structure, WeightedStructure } from "../structure.ts"
import { commonDegreeBound } from "./degreeBound.ts"
import { DecompileError, Refusal } from "./error.ts"
import { type Expression, expressionNames, expressionText } from "./expression.ts"
import { divideExactly, gcdPolynomial } from "./gcd.ts"
import { type Interpretation, interpret } from "./interpret.ts"
import { parseExpression } from "./mathjs.ts"
import { addLog, type LogFactor, logExpression, logOfRational, logValue } from "./policyFree.ts"
import {
  divideQuotients,
  isProbability,
  type Names,
  type Quotient,
  quotientOf,
  quotientVariables,
  readNames
} from "./quotient.ts"
import { type Axis, absoluteAxes, relativeAxes } from "./weights.ts"

export { DecompileError } from "./error.ts"
export {
  type Expression,
  ExpressionSyntaxError,
  expressionNames,
  expressionParts,
  expressionText
} from "./expression.ts"
export { parseExpression } from "./mathjs.ts"

/** A ratio as one text, or its numerator and denominator apart (as written: neither is expanded into the other). */
export type RatioSource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "parts"; readonly numerator: string; readonly denominator: string }

/** How {@link decompileRatio} reads a ratio. */
export interface DecompileOptions {
  /** The reading to use; default: absolute, unless only the relative one gives a structure. */
  readonly semantics?: Semantics
  /** Policy-free names that may occur besides the probabilities: `nw`, `s_w`, `alpha`, … Default none. */
  readonly extras?: ReadonlyArray<string>
}

/** The logarithm of what the rows leave over, policy-free, in nats: mathjs text, tree, and number where it is one. */
export interface LogFactorText {
  readonly text: string
  readonly expression: Expression
  readonly value?: number
}

/** `rho = log WMC(ticks) / WMC(crosses) + logFactor`, the weights read by `semantics` over (length-normalised) probabilities. */
export type Decompiled = {
  readonly semantics: Semantics
  readonly lengthNormalised: boolean
  readonly logFactor: LogFactorText
} & (
  | { readonly kind: "structure"; readonly structure: Structure }
  | { readonly kind: "weighted"; readonly weighted: WeightedStructure }
)

type Fraction = Pick<Quotient, "numerator" | "denominator">

interface Outcome {
  readonly semantics: Semantics
  readonly interpretation: Interpretation
}

/** Copies that a reading of at most 6 propositions can hold: both powers of a pair (p, r) fit the same ones. */
const maxDegrees = 2 * maxPropositions

/**
 * The fraction in lowest terms; the fraction itself when it is already.
 * @throws Refusal when even in lowest terms its powers need too many copies, which is seen without finding them
 */
const reduced = (fraction: Fraction): Fraction => {
  const { numerator, denominator } = fraction
  const names = quotientVariables(fraction)
  const bounds = names.map((name) => commonDegreeBound(numerator, denominator, name))
  if (bounds.every((bound) => bound === 0)) return fraction
  const least = names.reduce(
    (sum, name, i) => sum + Math.max(degreeIn(numerator, name), degreeIn(denominator, name)) - bounds[i]!,
    0
  )
  if (least > maxDegrees)
    throw new Refusal(`its powers need at least ${Math.ceil(least / 2)} propositions: too many copies`)
  const common = gcdPolynomial(numerator, denominator)
  if (constantValue(common) !== undefined) return fraction
  return { numerator: divideExactly(numerator, common)!, denominator: divideExactly(denominator, common)! }
}

const axesOf = (
  semantics: Semantics,
  { numerator, denominator }: Fraction,
  order: ReadonlyArray<string>
): ReadonlyArray<Axis> => {
  const present = new Set(quotientVariables({ numerator, denominator }))
  const names = order.filter((name) => present.has(name))
  return semantics === "absolute"
    ? absoluteAxes(names, [numerator, denominator])
    : relativeAxes(names, [numerator, denominator])
}

const tryReading = (semantics: Semantics, fraction: Fraction, order: ReadonlyArray<string>): Outcome | Refusal => {
  try {
    const axes = axesOf(semantics, fraction, order)
    return { semantics, interpretation: interpret(fraction.numerator, fraction.denominator, axes) }
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

const isOutcome = (outcome: Outcome | Refusal): outcome is Outcome => !(outcome instanceof Refusal)

const isStructure = (outcome: Outcome | Refusal): outcome is Outcome =>
  isOutcome(outcome) && outcome.interpretation.kind === "structure"

const linear = ({ numerator, denominator }: Fraction): boolean => isMultilinear(numerator) && isMultilinear(denominator)

/** The fraction as written and in lowest terms, the one to be read first first: as written unless it alone has powers. */
const readingOrder = (written: Fraction, lowest: Fraction): ReadonlyArray<Fraction> => {
  if (lowest === written) return [written]
  return linear(written) || !linear(lowest) ? [written, lowest] : [lowest, written]
}

/** Structures before weighted structures, absolute before relative, as written before lowest terms; else the refusal. */
const decide = (written: Fraction, order: ReadonlyArray<string>, wanted: Semantics | undefined): Outcome => {
  const readings: ReadonlyArray<Semantics> = wanted === undefined ? ["absolute", "relative"] : [wanted]
  const first = tryReading(readings[0]!, written, order)
  if (isStructure(first) && linear(written)) return first
  const lowest = reduced(written)
  const fractions = readingOrder(written, lowest)
  const outcomes = readings.flatMap((semantics) => fractions.map((fraction) => tryReading(semantics, fraction, order)))
  const best = outcomes.find(isStructure) ?? outcomes.find(isOutcome)
  if (best !== undefined) return best
  // Common factors are cancelled in lowest terms, so its refusal in the reading wanted is the final word.
  throw outcomes[fractions.indexOf(lowest)]
}

const logFactorText = (log: LogFactor): LogFactorText => {
  const expression = logExpression(log)
  const value = logValue(log)
  return { text: expressionText(expression), expression, ...(value === undefined ? {} : { value }) }
}

const decompiled = ({ semantics, interpretation }: Outcome, quotient: Quotient, names: Names): Decompiled => {
  const { lengthNormalised } = names
  if (interpretation.kind === "weighted") {
    return {
      kind: "weighted",
      weighted: interpretation.weighted,
      semantics,
      lengthNormalised,
      logFactor: logFactorText(quotient.log)
    }
  }
  const { structure, constant } = interpretation
  const log = equalRational(constant, one) ? quotient.log : addLog(quotient.log, logOfRational(constant))
  return { kind: "structure", structure, semantics, lengthNormalised, logFactor: logFactorText(log) }
}

const parseAll = (texts: ReadonlyArray<string>): ReadonlyArray<Expression> =>
  texts.map((text) => {
    const parsed = parseExpression(text)
    if (Result.isSuccess(parsed)) return parsed.success
    const { position, found, expected } = parsed.failure
    const where = texts.length > 1 ? ` of "${text}"` : ""
    throw new Refusal(`at position ${position + 1}${where} found ${found}, expected ${expected}`)
  })

const checkSides = ({ numerator, denominator }: Fraction): void => {
  if (isZero(numerator)) throw new Refusal("its numerator is zero everywhere, so it has no logarithm")
  if (isZero(denominator)) throw new Refusal("its denominator is zero everywhere")
  if (quotientVariables({ numerator, denominator }).length > 2 * maxPropositions) {
    throw new Refusal(
      `it has more than ${2 * maxPropositions} probabilities: too many, at most ${maxPropositions} propositions are handled`
    )
  }
}

const ratioOf = (
  source: RatioSource,
  extras: ReadonlyArray<string>
): { quotient: Quotient; names: Names; order: ReadonlyArray<string> } => {
  const expressions = parseAll(source.kind === "text" ? [source.text] : [source.numerator, source.denominator])
  const names = readNames(expressions, new Set(extras))
  const [first, second] = expressions.map((expression) => quotientOf(expression, names))
  if (second !== undefined && isZero(second.numerator)) throw new Refusal("its denominator is zero everywhere")
  const quotient = second === undefined ? first! : divideQuotients(first!, second, names)
  const probabilities = expressions.flatMap(expressionNames).filter(isProbability)
  // g_w and h_w are read as p_w and r_w, noted once for all in `lengthNormalised`.
  const order = [...new Set(probabilities.map((name) => name.replace(/^g/, "p").replace(/^h/, "r")))]
  return { quotient, names, order }
}

/** The text of a ratio, for messages. */
const sourceText = (source: RatioSource): string =>
  source.kind === "text" ? source.text : `(${source.numerator})/(${source.denominator})`

/**
 * The preference structure of a core ratio. Probabilities are `p_x`, `r_x` (policy, reference) or `g_x`, `h_x` (the same
 * per token) for a response x; operators `+ - * / ^` and policy-free functions.
 *
 * - All row weights 0 or one constant, on each side: a structure; the constants go to `logFactor`.
 * - Powers: copies `M2(w)`, …, while 6 propositions suffice.
 * - Other non-negative weights: a weighted structure.
 * - Anything else fails with the reason; for a negative weight with its row and value.
 *
 * The absolute reading is preferred; the relative one (docs/theory.md §11) is taken when it alone gives a structure, or when
 * `options.semantics` asks for it. Common factors are cancelled only where the ratio as written has no structure.
 */
export const decompileRatio = (
  source: RatioSource,
  options: DecompileOptions = {}
): Result.Result<Decompiled, DecompileError> => {
  try {
    const { quotient, names, order } = ratioOf(source, options.extras ?? [])
    checkSides(quotient)
    return Result.succeed(decompiled(decide(quotient, order, options.semantics), quotient, names))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const at = error.row === undefined || error.value === undefined ? {} : { row: error.row, value: error.value }
    return Result.fail(new DecompileError({ expression: sourceText(source), reason: error.message, ...at }))
  }
}
