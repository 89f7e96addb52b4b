/**
 * Arithmetic expressions as plain data: what a text in mathjs syntax means, free of mathjs. Nothing here is ever evaluated
 * as code; consumers walk the tree.
 */
import * as Data from "effect/Data"

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "^"
export type ComparisonOperator = "<" | "<=" | ">" | ">=" | "==" | "!="

/** A number as read (double), a name, a call, a sign, an operation, a comparison or a conditional. */
export type Expression =
  | { readonly _tag: "Number"; readonly value: number }
  | { readonly _tag: "Name"; readonly name: string }
  | { readonly _tag: "Call"; readonly name: string; readonly args: ReadonlyArray<Expression> }
  | { readonly _tag: "Negate"; readonly arg: Expression }
  | {
      readonly _tag: "Binary"
      readonly operator: ArithmeticOperator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly _tag: "Compare"
      readonly operator: ComparisonOperator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly _tag: "Conditional"
      readonly test: Expression
      readonly whenTrue: Expression
      readonly whenFalse: Expression
    }

/** A text that is no expression; `position` is the 0-based offset in `source` at which `found` stands. */
export class ExpressionSyntaxError extends Data.TaggedError("ExpressionSyntaxError")<{
  readonly source: string
  readonly position: number
  readonly expected: string
  readonly found: string
}> {
  /** One sentence with position, what was found and what is allowed there. */
  override get message(): string {
    return `expression "${shortened(this.source)}": at position ${this.position + 1} found ${this.found}, expected ${this.expected}`
  }
}

/** A text cut to 80 characters for a message. */
export const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text)

export const numberExpression = (value: number): Expression => ({ _tag: "Number", value })
export const binary = (operator: ArithmeticOperator, left: Expression, right: Expression): Expression => ({
  _tag: "Binary",
  operator,
  left,
  right
})

/** The direct parts of an expression, in order. */
export const expressionParts = (expression: Expression): ReadonlyArray<Expression> => {
  switch (expression._tag) {
    case "Number":
    case "Name":
      return []
    case "Call":
      return expression.args
    case "Negate":
      return [expression.arg]
    case "Binary":
    case "Compare":
      return [expression.left, expression.right]
    case "Conditional":
      return [expression.test, expression.whenTrue, expression.whenFalse]
  }
}

/** The names that occur as variables (not as functions), by first occurrence. */
export const expressionNames = (expression: Expression): ReadonlyArray<string> => {
  const found = new Set<string>()
  const visit = (part: Expression): void => {
    if (part._tag === "Name") found.add(part.name)
    expressionParts(part).forEach(visit)
  }
  visit(expression)
  return [...found]
}

const strengths: Readonly<Record<ArithmeticOperator, number>> = { "+": 3, "-": 3, "*": 4, "/": 4, "^": 6 }

const strength = (expression: Expression): number => {
  switch (expression._tag) {
    case "Conditional":
      return 1
    case "Compare":
      return 2
    case "Binary":
      return strengths[expression.operator]
    case "Negate":
      return 5
    case "Number":
      return expression.value < 0 || Object.is(expression.value, -0) ? 5 : 7
    case "Name":
    case "Call":
      return 7
  }
}

/** The expression as mathjs text with the fewest brackets that are read back as the same tree, e.g. `alpha*(nw - nl)/beta`. */
export const expressionText = (expression: Expression): string => {
  const show = (part: Expression, least: number): string =>
    strength(part) < least ? `(${expressionText(part)})` : expressionText(part)
  switch (expression._tag) {
    case "Number":
      return String(expression.value)
    case "Name":
      return expression.name
    case "Call":
      return `${expression.name}(${expression.args.map(expressionText).join(", ")})`
    case "Negate":
      return `-${show(expression.arg, 6)}`
    case "Compare":
      return `${show(expression.left, 3)} ${expression.operator} ${show(expression.right, 3)}`
    case "Conditional":
      return `${show(expression.test, 2)} ? ${show(expression.whenTrue, 2)} : ${show(expression.whenFalse, 1)}`
    case "Binary":
      return binaryText(expression.operator, expression.left, expression.right, show)
  }
}

const binaryText = (
  operator: ArithmeticOperator,
  left: Expression,
  right: Expression,
  show: (part: Expression, least: number) => string
): string => {
  if (operator === "^") return `${show(left, 7)}^${show(right, 6)}`
  const own = strengths[operator]
  // A sign needs brackets on the right of an operator, `a - (-b)`, and so does the same strength, sums included:
  // `a + (b + c)` without them would be read as another tree, whose doubles round differently.
  const second = show(right, right._tag === "Negate" || right._tag === "Number" ? 6 : own + 1)
  return own === 3 ? `${show(left, own)} ${operator} ${second}` : `${show(left, own)}${operator}${second}`
}
