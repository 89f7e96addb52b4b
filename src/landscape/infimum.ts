/** The infimum of a loss over all weightings, from the range of rho and the loss's link, beta and margin (P14). */
import { logBound, pathText, type RhoRange, type Supremum } from "./range.ts"

/** A link with numbers: `f(t)`, `t = beta rho - margin`. */
export interface NumericLink {
  readonly kind: "logistic" | "hinge" | "exponential" | "squared"
  readonly beta: number
  readonly margin: number
}

/** The infimum in the loss's unit, whether some weighting attains it, and where the loss escapes to when none does. */
export interface Infimum {
  readonly value: number
  readonly attained: boolean
  readonly escapesTo?: string
}

const valueAt = (kind: NumericLink["kind"], t: number): number => {
  switch (kind) {
    case "logistic":
      return t > 0 ? Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t)) - t
    case "hinge":
      return Math.max(0, 1 - t)
    case "exponential":
      return Math.exp(-t)
    case "squared":
      return t * t
  }
}

/**
 * The infimum of `f(beta rho - margin)`. Rho takes every value strictly between its ends and, unless it is constant, neither
 * end: so the hinge's 0 is attained when rho exceeds `(margin + 1)/beta` somewhere, the square's when `margin/beta` lies
 * strictly inside the range; every other infimum is that of the nearer end and is not attained.
 * @returns undefined when the end that decides is left open
 */
export const lossInfimum = (
  { kind, beta, margin }: NumericLink,
  { upper, lower }: RhoRange,
  variables: ReadonlyArray<string>
): Infimum | undefined => {
  if (upper === undefined || (kind === "squared" && lower === undefined)) return undefined
  const highest = beta * logBound(upper.bound) - margin
  const lowest = lower === undefined ? -Infinity : -beta * logBound(lower.bound) - margin
  const attainsZero = kind === "hinge" ? highest > 1 : kind === "squared" && lowest < 0 && highest > 0
  if (attainsZero) return { value: 0, attained: true }
  const [end, t]: readonly [Supremum, number] = kind === "squared" && lowest >= 0 ? [lower!, lowest] : [upper, highest]
  const value = valueAt(kind, t)
  return end.attained ? { value, attained: true } : { value, attained: false, escapesTo: pathText(variables, end.path) }
}
