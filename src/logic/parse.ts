/**
 * Formulas from text. Operators, tightest first: `not`, `and`, `xor`, `or`, `->` (to the right), `<->`; `true`,
 * `false`, parentheses; ASCII and Unicode signs (`& | ! ∧ ∨ ¬ → ↔ ⊕ ⊤ ⊥`) mean the same as the words.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { and, type Formula, iff, implies, not, or, xor } from "./formula.ts"
import { type Operator, type Token, tokenise } from "./tokens.ts"

/** A text that is no formula (or no rows, where `kind` says so); `position` is the 0-based offset in `source` at which `found` stands. */
export class FormulaSyntaxError extends Data.TaggedError("FormulaSyntaxError")<{
  readonly source: string
  readonly position: number
  readonly expected: string
  readonly found: string
  readonly kind?: "rows"
}> {
  /** One sentence with position, what was found and what is allowed there. */
  override get message(): string {
    const shown = this.source.length > 80 ? `${this.source.slice(0, 77)}...` : this.source
    return `${this.kind ?? "formula"} "${shown}": at position ${this.position + 1} found ${this.found}, expected ${this.expected}`
  }
}

/** The longest formula text that is read, in UTF-16 units. */
export const maxFormulaLength = 20_000
/** The deepest nesting that is read. */
export const maxFormulaDepth = 200

const operandExpected = 'a proposition such as M(w), "true", "false", "not" or "("'

const quoted = (text: string): string => (text === "" ? "the end" : `"${text}"`)

/** Recursive descent over the tokens; a syntax error leaves as the thrown {@link FormulaSyntaxError}, caught in `parseFormula`. */
class Parser {
  #next = 0
  #depth = 0
  readonly #source: string
  readonly #tokens: ReadonlyArray<Token>

  constructor(source: string, list: ReadonlyArray<Token>) {
    this.#source = source
    this.#tokens = list
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #fail(expected: string): never {
    const token = this.#peek()
    throw new FormulaSyntaxError({ source: this.#source, position: token.at, expected, found: quoted(token.text) })
  }

  #accept(operator: Operator): boolean {
    const token = this.#peek()
    const is = token.kind === "operator" && token.operator === operator
    if (is) this.#next++
    return is
  }

  #deeper<A>(read: () => A): A {
    if (++this.#depth > maxFormulaDepth) this.#fail(`at most ${maxFormulaDepth} levels of nesting`)
    const result = read()
    this.#depth--
    return result
  }

  #chain(operator: Operator, make: (...args: ReadonlyArray<Formula>) => Formula, operand: () => Formula): Formula {
    const args = [operand()]
    while (this.#accept(operator)) args.push(operand())
    return args.length === 1 ? args[0]! : make(...args)
  }

  #equivalence(): Formula {
    let left = this.#implication()
    while (this.#accept("<->")) left = iff(left, this.#implication())
    return left
  }

  #implication(): Formula {
    const from = this.#chain("or", or, () =>
      this.#chain("xor", xor, () => this.#chain("and", and, () => this.#negation()))
    )
    return this.#accept("->")
      ? implies(
          from,
          this.#deeper(() => this.#implication())
        )
      : from
  }

  #negation(): Formula {
    return this.#accept("not") ? not(this.#deeper(() => this.#negation())) : this.#operand()
  }

  #operand(): Formula {
    const token = this.#peek()
    if (token.kind === "operand") {
      this.#next++
      return token.formula
    }
    if (token.kind !== "(") return this.#fail(operandExpected)
    this.#next++
    const inner = this.#deeper(() => this.#equivalence())
    if (this.#peek().kind !== ")") this.#fail('an operator or ")"')
    this.#next++
    return inner
  }

  all(): Formula {
    const formula = this.#equivalence()
    if (this.#peek().kind !== "end") this.#fail("an operator or the end")
    return formula
  }
}

/**
 * Reads a formula. Words are read in any case; propositions are not (`M(w)`, `Ref(l)`, `M2(w)`).
 * @returns the formula, or the first error with its position; texts over {@link maxFormulaLength} or nested deeper
 * than {@link maxFormulaDepth} are refused
 */
export const parseFormula = (text: string): Result.Result<Formula, FormulaSyntaxError> => {
  if (text.length > maxFormulaLength) {
    const expected = `at most ${maxFormulaLength} characters`
    return Result.fail(
      new FormulaSyntaxError({ source: text, position: maxFormulaLength, expected, found: `${text.length} of them` })
    )
  }
  try {
    return Result.succeed(new Parser(text, tokenise(text)).all())
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return Result.fail(error)
    throw error
  }
}
