/**
 * The small language of loss expressions: numbers, names, `+ - * / ^`, comparisons (1 or 0), parentheses and the functions
 * listed in {@link functions}. Precedence as in mathjs and in most mathematics: comparisons, then sums, then products, then
 * unary minus, then powers (to the right), so `-x^2 = -(x^2)`. There is no implicit multiplication.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { nearest } from "./nearest.ts"

/** A syntax tree. */
export type Expression =
  | { readonly _tag: "Number"; readonly value: number }
  | { readonly _tag: "Name"; readonly name: string; readonly position: number }
  | { readonly _tag: "Negate"; readonly arg: Expression }
  | { readonly _tag: "Binary"; readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly _tag: "Call"; readonly name: FunctionName; readonly args: ReadonlyArray<Expression> }

export type BinaryOperator = "+" | "-" | "*" | "/" | "^" | "<" | "<=" | ">" | ">=" | "=="

/** The functions of the language with their numbers of arguments. */
export const functions = {
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  log1mexp: 1,
  logaddexp: 2,
  sigmoid: 1,
  logsigmoid: 1,
  softplus: 1,
  abs: 1,
  sqrt: 1,
  max: 2,
  min: 2,
  where: 3,
  stopGradient: 1
} as const

export type FunctionName = keyof typeof functions

/** An expression that cannot be read, or uses a name that means nothing; `position` counts characters from 0. */
export class ExpressionError extends Data.TaggedError("ExpressionError")<{
  readonly source: string
  readonly position: number
  readonly reason: string
}> {
  override get message(): string {
    return `expression "${this.source}": at position ${this.position + 1}: ${this.reason}`
  }
}

/** Longest expression that is read, in characters. */
const maxLength = 20_000
/** Deepest nesting that is read. */
const maxDepth = 200

interface Token {
  readonly kind: "number" | "name" | "symbol" | "end"
  readonly text: string
  readonly position: number
}

const tokenPattern =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|[-+*/^()<>,]))/y

const levels: ReadonlyArray<ReadonlyArray<BinaryOperator>> = [
  ["<", "<=", ">", ">=", "=="],
  ["+", "-"],
  ["*", "/"]
]

class Parser {
  readonly #source: string
  readonly #tokens: ReadonlyArray<Token>
  #next = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#tokens = this.#read()
  }

  #fail(position: number, reason: string): never {
    throw new ExpressionError({ source: this.#source, position, reason })
  }

  #read(): ReadonlyArray<Token> {
    if (this.#source.length > maxLength) this.#fail(maxLength, `longer than ${maxLength} characters`)
    const tokens: Array<Token> = []
    tokenPattern.lastIndex = 0
    let end = 0
    for (let match = tokenPattern.exec(this.#source); match !== null; match = tokenPattern.exec(this.#source)) {
      end = tokenPattern.lastIndex
      const kind = match[1] !== undefined ? "number" : match[2] !== undefined ? "name" : "symbol"
      const text = match[1] ?? match[2] ?? match[3]!
      tokens.push({ kind, text, position: end - text.length })
    }
    const rest = this.#source.slice(end)
    if (rest.trim() !== "") {
      const position = end + rest.length - rest.trimStart().length
      this.#fail(position, `unexpected character "${this.#source[position]}"`)
    }
    return [...tokens, { kind: "end", text: "the end", position: this.#source.trimEnd().length }]
  }

  get #token(): Token {
    return this.#tokens[this.#next]!
  }

  #accept(text: string): boolean {
    if (this.#token.kind !== "symbol" || this.#token.text !== text) return false
    this.#next++
    return true
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(this.#token.position, `expected "${text}", found ${this.#found()}`)
  }

  #found(): string {
    return this.#token.kind === "end" ? "the end" : `"${this.#token.text}"`
  }

  whole(): Expression {
    const tree = this.#binary(0)
    if (this.#token.kind !== "end") {
      const hint = this.#token.kind === "symbol" && this.#token.text !== "(" ? "" : " (write * for a product)"
      this.#fail(this.#token.position, `expected an operator or the end, found ${this.#found()}${hint}`)
    }
    return tree
  }

  #binary(level: number): Expression {
    const operators = levels[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const op = this.#token.kind === "symbol" ? operators.find((o) => o === this.#token.text) : undefined
      if (op === undefined) return left
      this.#next++
      left = { _tag: "Binary", op, left, right: this.#binary(level + 1) }
    }
  }

  #unary(): Expression {
    if (++this.#depth > maxDepth) this.#fail(this.#token.position, `nested deeper than ${maxDepth}`)
    const tree = this.#signed()
    this.#depth--
    return tree
  }

  #signed(): Expression {
    if (this.#accept("-")) return { _tag: "Negate", arg: this.#unary() }
    if (this.#accept("+")) return this.#unary()
    const base = this.#atom()
    return this.#accept("^") ? { _tag: "Binary", op: "^", left: base, right: this.#unary() } : base
  }

  #atom(): Expression {
    const token = this.#token
    if (token.kind === "number") return this.#number(token)
    if (token.kind === "name") {
      this.#next++
      return this.#accept("(") ? this.#call(token) : { _tag: "Name", name: token.text, position: token.position }
    }
    if (this.#accept("(")) {
      const inner = this.#binary(0)
      this.#expect(")")
      return inner
    }
    return this.#fail(token.position, `expected a number, a name or "(", found ${this.#found()}`)
  }

  #number(token: Token): Expression {
    this.#next++
    const value = Number(token.text)
    if (!Number.isFinite(value)) this.#fail(token.position, `the number ${token.text} is too large`)
    return { _tag: "Number", value }
  }

  #call(token: Token): Expression {
    const name = token.text
    if (!Object.hasOwn(functions, name)) {
      this.#fail(token.position, `unknown function "${name}"; ${nearest(name, Object.keys(functions))}`)
    }
    const args: Array<Expression> = []
    if (!this.#accept(")")) {
      do args.push(this.#binary(0))
      while (this.#accept(","))
      this.#expect(")")
    }
    const wanted = functions[name as FunctionName]
    if (args.length !== wanted) this.#fail(token.position, `${name} takes ${wanted} argument(s), got ${args.length}`)
    return { _tag: "Call", name: name as FunctionName, args }
  }
}

/** Reads an expression. */
export const parseLossExpression = (source: string): Result.Result<Expression, ExpressionError> => {
  try {
    return Result.succeed(new Parser(source).whole())
  } catch (error) {
    if (error instanceof ExpressionError) return Result.fail(error)
    throw error
  }
}

/** The names in an expression with their first positions, by first occurrence. */
export const namesIn = (expression: Expression, found = new Map<string, number>()): ReadonlyMap<string, number> => {
  switch (expression._tag) {
    case "Number":
      break
    case "Name":
      if (!found.has(expression.name)) found.set(expression.name, expression.position)
      break
    case "Negate":
      namesIn(expression.arg, found)
      break
    case "Binary":
      namesIn(expression.left, found)
      namesIn(expression.right, found)
      break
    case "Call":
      for (const arg of expression.args) namesIn(arg, found)
  }
  return found
}

/** Reads an expression of this project's own making. @throws RangeError when it cannot be read */
export const parseKnownExpression = (source: string): Expression => {
  const parsed = parseLossExpression(source)
  if (Result.isFailure(parsed)) throw new RangeError(parsed.failure.message)
  return parsed.success
}
