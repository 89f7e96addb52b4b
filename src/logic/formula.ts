/**
 * Propositional formulas as plain data. Semantically a formula is a set of rows; `formulaRows` evaluates it on all rows
 * at once by bit operations, `evaluate` on one row by following the definition (the slow, obvious oracle).
 */
import { canonicalOrder, type Proposition } from "./proposition.ts"
import { allRows, type RowSet, rowsWhere } from "./rows.ts"

/** A formula; And, Or and Xor take any number of arguments (none: true, false, false; Xor is parity). */
export type Formula =
  | { readonly _tag: "Var"; readonly name: Proposition }
  | { readonly _tag: "Const"; readonly value: boolean }
  | { readonly _tag: "Not"; readonly arg: Formula }
  | { readonly _tag: "And"; readonly args: ReadonlyArray<Formula> }
  | { readonly _tag: "Or"; readonly args: ReadonlyArray<Formula> }
  | { readonly _tag: "Xor"; readonly args: ReadonlyArray<Formula> }
  | { readonly _tag: "Implies"; readonly from: Formula; readonly to: Formula }
  | { readonly _tag: "Iff"; readonly left: Formula; readonly right: Formula }

/** The formula that is one proposition. */
export const variable = (name: Proposition): Formula => ({ _tag: "Var", name })
/** `true` or `false`. */
export const constant = (value: boolean): Formula => ({ _tag: "Const", value })
/** True where the argument is false. */
export const not = (arg: Formula): Formula => ({ _tag: "Not", arg })
/** True where all arguments are; of none: true. */
export const and = (...args: ReadonlyArray<Formula>): Formula => ({ _tag: "And", args })
/** True where some argument is; of none: false. */
export const or = (...args: ReadonlyArray<Formula>): Formula => ({ _tag: "Or", args })
/** True where an odd number of the arguments are; of none: false. */
export const xor = (...args: ReadonlyArray<Formula>): Formula => ({ _tag: "Xor", args })
/** False only where `from` is true and `to` false. */
export const implies = (from: Formula, to: Formula): Formula => ({ _tag: "Implies", from, to })
/** True where both sides are equal. */
export const iff = (left: Formula, right: Formula): Formula => ({ _tag: "Iff", left, right })

/** The direct parts of a formula, in order. */
export const parts = (formula: Formula): ReadonlyArray<Formula> => {
  switch (formula._tag) {
    case "Var":
    case "Const":
      return []
    case "Not":
      return [formula.arg]
    case "And":
    case "Or":
    case "Xor":
      return formula.args
    case "Implies":
      return [formula.from, formula.to]
    case "Iff":
      return [formula.left, formula.right]
  }
}

/** The propositions that occur, by first occurrence. */
export const variables = (formula: Formula): ReadonlyArray<Proposition> => {
  const found = new Set<Proposition>()
  const visit = (part: Formula): void => {
    if (part._tag === "Var") found.add(part.name)
    parts(part).forEach(visit)
  }
  visit(formula)
  return [...found]
}

const indexOf = (name: Proposition, propositions: ReadonlyArray<Proposition>): number => {
  const k = propositions.indexOf(name)
  if (k < 0) throw new RangeError(`formula speaks of ${name}, which is not among ${propositions.join(", ")}`)
  return k
}

/** Truth of the formula in one row. @throws RangeError when it speaks of a proposition that is not declared */
export const evaluate = (formula: Formula, row: number, propositions: ReadonlyArray<Proposition>): boolean => {
  const value = (part: Formula): boolean => evaluate(part, row, propositions)
  switch (formula._tag) {
    case "Var":
      return ((row >> indexOf(formula.name, propositions)) & 1) === 1
    case "Const":
      return formula.value
    case "Not":
      return !value(formula.arg)
    case "And":
      return formula.args.every(value)
    case "Or":
      return formula.args.some(value)
    case "Xor":
      return formula.args.filter(value).length % 2 === 1
    case "Implies":
      return !value(formula.from) || value(formula.to)
    case "Iff":
      return value(formula.left) === value(formula.right)
  }
}

/**
 * The rows of the declared propositions in which the formula is true.
 * @throws RangeError when it speaks of a proposition that is not declared, or when more than 6 are
 */
export const formulaRows = (formula: Formula, propositions: ReadonlyArray<Proposition>): RowSet => {
  const n = propositions.length
  const all = allRows(n)
  const rows = (part: Formula): RowSet => {
    switch (part._tag) {
      case "Var":
        return rowsWhere(indexOf(part.name, propositions), n)
      case "Const":
        return part.value ? all : 0n
      case "Not":
        return all & ~rows(part.arg)
      case "And":
        return part.args.reduce((set, arg) => set & rows(arg), all)
      case "Or":
        return part.args.reduce((set, arg) => set | rows(arg), 0n)
      case "Xor":
        return part.args.reduce((set, arg) => set ^ rows(arg), 0n)
      case "Implies":
        return (all & ~rows(part.from)) | rows(part.to)
      case "Iff":
        return all & ~(rows(part.left) ^ rows(part.right))
    }
  }
  return rows(formula)
}

/** The propositions of several formulas in the order in which a loss declares them ({@link canonicalOrder}). */
export const declaredPropositions = (...formulas: ReadonlyArray<Formula>): ReadonlyArray<Proposition> =>
  canonicalOrder(formulas.flatMap(variables))
