/**
 * The one place that knows mathjs. It parses; the tree is then copied into `Expression` and mathjs is done: no text is
 * evaluated. The library takes a tenth of a second to load, so it is required on the first parse, from its single-file
 * build (the modular builds take three times as long).
 */
import * as Result from "effect/Result"
import {
  type ArithmeticOperator,
  type ComparisonOperator,
  type Expression,
  ExpressionSyntaxError
} from "./expression.ts"

/** The longest expression text that is read, in UTF-16 units. */
export const maxExpressionLength = 10_000
/** The deepest expression tree that is read; a sum of k terms is k deep. */
export const maxExpressionDepth = 1_000
/** The deepest nesting of brackets, the longest row of signs and the most conditionals that are read. */
export const maxBracketDepth = 100

/** What is read of a mathjs node; which fields are there depends on `type`. */
interface ParsedNode {
  readonly type: string
  readonly value?: unknown
  readonly name?: unknown
  readonly op?: unknown
  readonly fn?: unknown
  readonly args?: ReadonlyArray<ParsedNode>
  readonly content?: ParsedNode
  readonly condition?: ParsedNode
  readonly trueExpr?: ParsedNode
  readonly falseExpr?: ParsedNode
  readonly toString?: () => string
}

/** The part of mathjs that is used. */
export interface MathjsParser {
  readonly parse: (text: string) => unknown
}

let parser: MathjsParser | undefined

/**
 * Hands over a mathjs that has been loaded otherwise: for hosts without Node's `require` (a web page imports
 * `mathjs/number`, say, and passes it here before the first parse).
 */
export const provideMathjs = (library: MathjsParser): void => {
  parser = library
}

const mathjsParse = (text: string): ParsedNode => {
  parser ??= requireMathjs()
  return parser.parse(text) as ParsedNode
}

/** What is used of Node's own `module`; pages are compiled without Node's types. */
interface ModuleModule {
  readonly createRequire: (from: string) => (name: string) => MathjsParser
}

/** Loads mathjs synchronously where there is a `require`; the name of the module is looked up, so that none is imported. */
const requireMathjs = (): MathjsParser => {
  const host = globalThis as { readonly process?: { readonly getBuiltinModule?: (id: string) => ModuleModule } }
  const builtin = host.process?.getBuiltinModule?.("node:module")
  if (builtin === undefined) throw new RangeError("parseExpression: without Node, call provideMathjs first")
  return builtin.createRequire(import.meta.url)("mathjs/lib/browser/math.js")
}

const arithmetic: ReadonlySet<string> = new Set(["+", "-", "*", "/", "^"])
const comparison: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="])
const allowed = "numbers, names, function calls, + - * / ^, comparisons and brackets"

/** Tree too deep or a construct that has no meaning here; thrown and caught within this file. */
class Unsupported extends Error {
  readonly part: string
  readonly expected: string

  constructor(part: string, expected: string) {
    super(part)
    this.part = part
    this.expected = expected
  }
}

const textOf = (node: ParsedNode): string => {
  const text = String(node).replace(/\s+/g, " ")
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const convertOperator = (node: ParsedNode, depth: number): Expression => {
  const args = (node.args ?? []).map((arg) => convert(arg, depth + 1))
  const [left, right] = args
  const operator = String(node.op)
  if (args.length === 1 && operator === "-") return { _tag: "Negate", arg: left! }
  if (args.length === 1 && operator === "+") return left!
  if (args.length === 2 && arithmetic.has(operator)) {
    return { _tag: "Binary", operator: operator as ArithmeticOperator, left: left!, right: right! }
  }
  if (args.length === 2 && comparison.has(operator)) {
    return { _tag: "Compare", operator: operator as ComparisonOperator, left: left!, right: right! }
  }
  throw new Unsupported(`"${textOf(node)}"`, allowed)
}

const convert = (node: ParsedNode, depth: number): Expression => {
  if (depth > maxExpressionDepth) throw new Unsupported("a deeper one", `a tree at most ${maxExpressionDepth} deep`)
  switch (node.type) {
    case "ConstantNode":
      if (typeof node.value !== "number" || !Number.isFinite(node.value)) {
        throw new Unsupported(`"${textOf(node)}"`, "a finite number")
      }
      return { _tag: "Number", value: node.value }
    case "SymbolNode":
      return { _tag: "Name", name: String(node.name) }
    case "ParenthesisNode":
      return convert(node.content!, depth + 1)
    case "OperatorNode":
      return convertOperator(node, depth)
    case "ConditionalNode": {
      const [test, whenTrue, whenFalse] = [node.condition!, node.trueExpr!, node.falseExpr!].map((part) =>
        convert(part, depth + 1)
      )
      return { _tag: "Conditional", test: test!, whenTrue: whenTrue!, whenFalse: whenFalse! }
    }
    case "FunctionNode": {
      const called = node.fn as ParsedNode
      if (called.type !== "SymbolNode")
        throw new Unsupported(`"${textOf(node)}"`, "a function's name before the bracket")
      return { _tag: "Call", name: String(called.name), args: (node.args ?? []).map((arg) => convert(arg, depth + 1)) }
    }
    default:
      throw new Unsupported(`"${textOf(node)}"`, allowed)
  }
}

const expectations: ReadonlyArray<readonly [RegExp, string]> = [
  [/parenthesis \) expected/i, '")"'],
  [/value expected|unexpected end/i, "a number, a name or a bracket"],
  [/unexpected/i, "an operator or the end"]
]

const syntaxError = (source: string, error: unknown): ExpressionSyntaxError => {
  const at = typeof error === "object" && error !== null && "char" in error ? Number(error.char) - 1 : 0
  const position = Math.max(0, Math.min(Number.isInteger(at) ? at : 0, source.length))
  const message = error instanceof Error ? error.message : String(error)
  const expected = expectations.find(([pattern]) => pattern.test(message))?.[1] ?? "an expression in mathjs syntax"
  const rest = source.slice(position).trim()
  const found = rest === "" ? "the end" : `"${rest.length > 20 ? `${rest.slice(0, 17)}...` : rest}"`
  return new ExpressionSyntaxError({ source, position, expected, found })
}

/** Offset of the first bracket nested too deep, or -1. */
const tooDeepAt = (text: string): number => {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if ("([{".includes(text[i]!)) depth++
    else if (")]}".includes(text[i]!)) depth--
    if (depth > maxBracketDepth) return i
  }
  return -1
}

/**
 * What makes mathjs recurse besides brackets, and how much of it is read. Bounded in the text: where the parser's stack
 * ends depends on what has been compiled before, and the same text must get the same answer.
 */
const recursions: ReadonlyArray<{ readonly pattern: RegExp; readonly most: number; readonly expected: string }> = [
  {
    pattern: new RegExp(`(?:[-+~!]\\s*|\\bnot\\s+){${maxBracketDepth + 1}}`, "g"),
    most: 0,
    expected: `at most ${maxBracketDepth} signs in a row`
  },
  { pattern: /\?/g, most: maxBracketDepth, expected: `at most ${maxBracketDepth} conditionals` },
  { pattern: /\^/g, most: maxExpressionDepth, expected: `at most ${maxExpressionDepth} powers` },
  { pattern: /=/g, most: maxExpressionDepth, expected: `at most ${maxExpressionDepth} equal signs` }
]

/** The first excess over {@link recursions}: where, and what is allowed. */
const excessOf = (text: string): { readonly position: number; readonly expected: string } | undefined => {
  for (const { pattern, most, expected } of recursions) {
    const match = [...text.matchAll(pattern)][most]
    if (match !== undefined) return { position: match.index, expected }
  }
  return undefined
}

/**
 * Reads an arithmetic expression in mathjs syntax. Numbers are read as doubles. Refused, with position or part: anything
 * that is not arithmetic (assignments, matrices, units, strings, several statements, …), texts over
 * {@link maxExpressionLength}, brackets deeper than {@link maxBracketDepth}, trees deeper than {@link maxExpressionDepth}.
 */
export const parseExpression = (text: string): Result.Result<Expression, ExpressionSyntaxError> => {
  const refuse = (position: number, expected: string, found: string) =>
    Result.fail(new ExpressionSyntaxError({ source: text, position, expected, found }))
  if (text.length > maxExpressionLength) {
    return refuse(maxExpressionLength, `at most ${maxExpressionLength} characters`, `${text.length} of them`)
  }
  const deep = tooDeepAt(text)
  if (deep >= 0) return refuse(deep, `brackets at most ${maxBracketDepth} deep`, "a deeper one")
  const excess = excessOf(text)
  if (excess !== undefined) return refuse(excess.position, excess.expected, "one more")
  if (text.trim() === "") return refuse(0, "an expression", "nothing")
  try {
    return Result.succeed(convert(mathjsParse(text.trimEnd()), 0))
  } catch (error) {
    if (error instanceof Unsupported) {
      // mathjs nodes carry no positions: the part is looked up as it prints, which is exact but for unusual spacing.
      return refuse(Math.max(0, text.indexOf(error.part.slice(1, -1))), error.expected, error.part)
    }
    if (error instanceof SyntaxError) return Result.fail(syntaxError(text, error))
    throw error
  }
}
