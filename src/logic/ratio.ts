/** The core ratio of a structure as short text (mathjs syntax) and as LaTeX. */
import { propositionParts, responseLatex } from "./proposition.ts"
import { type CountExpression, type CountNotation, countExpression, renderCount } from "./ratioExpression.ts"
import { moveRows, type RowSet, rowsWhere } from "./rows.ts"
import type { Semantics, Structure } from "./structure.ts"

/** Numerator and denominator as text. */
export interface RatioText {
  readonly numerator: string
  readonly denominator: string
}

/** How the ratio's probabilities are read and named; see {@link structureRatio}. */
export interface RatioOptions {
  readonly semantics?: Semantics
  readonly lengthNormalised?: boolean
  /** Power of every odds, default 1. */
  readonly oddsBeta?: number
}

/** Whether proposition k does not matter to the set. */
const isFree = (set: RowSet, k: number, n: number): boolean => {
  const high = rowsWhere(k, n)
  return (set & high) >> BigInt(2 ** k) === (set & ~high)
}

/** Drops propositions that matter to neither side: their weight cancels in the ratio. */
const relevant = ({ propositions, ticks, crosses }: Structure): Structure => {
  const n = propositions.length
  const kept = propositions.filter((_, k) => !isFree(ticks, k, n) || !isFree(crosses, k, n))
  const target = propositions.map((p) => kept.indexOf(p))
  // Any value of a dropped proposition will do: bit 31, which no row has, reads it as false.
  const pick = (set: RowSet): RowSet =>
    moveRows(
      set,
      target.map((k) => (k < 0 ? 31 : k)),
      kept.length
    )
  return { propositions: kept, ticks: pick(ticks), crosses: pick(crosses) }
}

const counts = (
  structure: Structure,
  { semantics = "absolute", oddsBeta = 1 }: RatioOptions
): readonly [CountExpression, CountExpression] => {
  const { propositions, ticks, crosses } = relevant(structure)
  // Powers of p and 1 - p do not sum to 1: like relative weights, nothing can be shortened by that.
  const sums = oddsBeta === 1 ? semantics : "relative"
  return [countExpression(ticks, propositions, sums), countExpression(crosses, propositions, sums)]
}

/** The weight of a literal to the power of the odds: `p_w^2`, `(1-p_w)^2`. */
const powered = (notation: CountNotation, oddsBeta: number): CountNotation =>
  oddsBeta === 1
    ? notation
    : {
        ...notation,
        literal: (proposition, positive) => {
          const { text, isSum } = notation.literal(proposition, positive)
          return { text: notation.power(isSum ? notation.bracket(text) : text, oddsBeta, isSum), isSum: false }
        },
        power: (base, exponent, isSum) => notation.power(isSum ? base : notation.bracket(base), exponent, true)
      }

const textNotation = (options: RatioOptions): CountNotation => {
  const { semantics = "absolute", lengthNormalised = false, oddsBeta = 1 } = options
  const letters = lengthNormalised ? { M: "g", Ref: "h" } : { M: "p", Ref: "r" }
  const plain: CountNotation = {
    literal: (proposition, positive) => {
      const { model, response } = propositionParts(proposition)
      const name = `${letters[model]}_${response}`
      if (positive) return { text: name, isSum: false }
      return semantics === "relative"
        ? { text: `${letters.Ref}_${response}`, isSum: false }
        : { text: `1-${name}`, isSum: true }
    },
    times: "*",
    bracket: (text) => `(${text})`,
    power: (base, exponent) => `${base}^${exponent}`,
    minus: "-"
  }
  return powered(plain, oddsBeta)
}

const latexNotation = (options: RatioOptions): CountNotation => {
  const { semantics = "absolute", lengthNormalised = false, oddsBeta = 1 } = options
  const probability = (model: "M" | "Ref", response: string): string => {
    const y = responseLatex(response)
    const plain = `${model === "M" ? "\\pi_\\theta" : "\\pi_{\\mathrm{ref}}"}(${y}\\mid x)`
    return lengthNormalised ? `${plain}^{1/|${y}|}` : plain
  }
  const plain: CountNotation = {
    literal: (proposition, positive) => {
      const { model, response } = propositionParts(proposition)
      if (positive) return { text: probability(model, response), isSum: false }
      return semantics === "relative"
        ? { text: probability("Ref", response), isSum: false }
        : { text: `1 - ${probability(model, response)}`, isSum: true }
    },
    times: "\\,",
    bracket: (text) => `\\left(${text}\\right)`,
    power: (base, exponent, isSum) => `${isSum ? base : `\\left(${base}\\right)`}^{${exponent}}`,
    minus: " - "
  }
  return powered(plain, oddsBeta)
}

/**
 * Numerator and denominator of `exp(rho)` as short mathjs text, e.g. DPO `p_w*r_l` over `p_l*r_w`, unCPO `1-p_l*(1-p_w)`
 * over `p_l*(1-p_w)`. Exact as polynomials; propositions free on both sides are left out; an empty side is "0".
 * @param options semantics default absolute (relative: `r_x` for the negative literal of `M(x)`); lengthNormalised writes
 * `g_x`, `h_x` for `p_x`, `r_x`; oddsBeta raises the weight of every literal to that power
 */
export const structureRatio = (structure: Structure, options: RatioOptions = {}): RatioText => {
  const [top, bottom] = counts(structure, options)
  const notation = textNotation(options)
  return { numerator: renderCount(top, notation), denominator: renderCount(bottom, notation) }
}

/** The ratio in LaTeX: `\frac{…}{…}` over `\pi_\theta(y_w\mid x)`, `\pi_{\mathrm{ref}}(y_l\mid x)`, with `^{1/|y_w|}` when length-normalised. */
export const ratioLatex = (structure: Structure, options: RatioOptions = {}): string => {
  const [top, bottom] = counts(structure, options)
  const notation = latexNotation(options)
  return `\\frac{${renderCount(top, notation)}}{${renderCount(bottom, notation)}}`
}
