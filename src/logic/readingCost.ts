/**
 * What a formula costs to read, in quarters of a leaf: the measure by which `shortest.ts` and `smallFormulas.ts` choose
 * among equivalent formulas.
 */
import { type Formula, parts, variables } from "./formula.ts"

/** How a formula is put together, as far as the reading cost of its brackets goes. */
export type Kind = "literal" | "and" | "or" | "xor" | "implies" | "iff"

/** Reading cost of a leaf; brackets and negations are counted against it. */
export const leafCost = 4
export const negationCost = 2

/**
 * Reading cost of standing as an operand below a connective: nothing for a literal, one for the brackets of and, or, xor
 * below and, or, not; nothing for and, or below an arrow, which binds last; more for nests of arrows and exclusive ors,
 * which people read wrongly.
 */
export const operandCost = (kind: Kind, parent: Kind | "not"): number => {
  if (kind === "literal") return 0
  const arrow = kind === "implies" || kind === "iff"
  if (parent === "implies" || parent === "iff") return arrow ? 5 : kind === "xor" ? 3 : 0
  if (parent === "xor") return arrow || kind === "xor" ? 5 : 2
  return arrow ? 2 : 1
}

/** The largest value of {@link operandCost}. */
export const dearestOperand = 5

const kindOf = (formula: Formula): Kind => {
  switch (formula._tag) {
    case "Var":
    case "Const":
    case "Not":
      return "literal"
    case "And":
      return "and"
    case "Or":
      return "or"
    case "Xor":
      return "xor"
    case "Implies":
      return "implies"
    case "Iff":
      return "iff"
  }
}

/** Reading cost of a formula: 4 a leaf (1 a truth value), 2 a negation, brackets and nests. */
export const formulaCost = (formula: Formula): number => {
  if (formula._tag === "Var") return leafCost
  if (formula._tag === "Const") return 1
  const parent = formula._tag === "Not" ? "not" : kindOf(formula)
  const own = formula._tag === "Not" ? negationCost : 0
  return parts(formula).reduce((sum, part) => sum + formulaCost(part) + operandCost(kindOf(part), parent), own)
}

/**
 * What length does not show: an arrow or exclusive or whose sides speak of the same proposition, and an implication from
 * something negated, are harder to read than their lengths say.
 */
export const awkwardness = (formula: Formula): number => {
  const sides = parts(formula)
  const inner = sides.reduce((sum, part) => sum + awkwardness(part), 0)
  if (formula._tag === "And" || formula._tag === "Or" || formula._tag === "Not" || sides.length === 0) return inner
  const shared = sides.reduce((sum, part) => sum + variables(part).length, 0) - variables(formula).length
  const negated = formula._tag === "Implies" ? negations(formula.from) : 0
  return inner + leafCost * shared + negationCost * negated
}

const negations = (formula: Formula): number =>
  parts(formula).reduce((sum, part) => sum + negations(part), formula._tag === "Not" ? 1 : 0)
