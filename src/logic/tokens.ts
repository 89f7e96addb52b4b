/** The words and signs of formula texts. */
import { constant, type Formula, variable } from "./formula.ts"
import { makeProposition, parseProposition } from "./proposition.ts"

export type Operator = "not" | "and" | "xor" | "or" | "->" | "<->"
/** A word or sign with its offset; `unknown` is text that is none, after which nothing is read. */
export type Token =
  | { readonly kind: "operator"; readonly operator: Operator; readonly at: number; readonly text: string }
  | { readonly kind: "operand"; readonly formula: Formula; readonly at: number; readonly text: string }
  | { readonly kind: "(" | ")" | "end" | "unknown"; readonly at: number; readonly text: string }

const operators: ReadonlyMap<string, Operator> = new Map([
  ["not", "not"],
  ["!", "not"],
  ["~", "not"],
  ["¬", "not"],
  ["and", "and"],
  ["&", "and"],
  ["&&", "and"],
  ["∧", "and"],
  ["xor", "xor"],
  ["⊕", "xor"],
  ["⊻", "xor"],
  ["or", "or"],
  ["|", "or"],
  ["||", "or"],
  ["∨", "or"],
  ["implies", "->"],
  ["->", "->"],
  ["=>", "->"],
  ["→", "->"],
  ["⇒", "->"],
  ["iff", "<->"],
  ["<->", "<->"],
  ["<=>", "<->"],
  ["↔", "<->"],
  ["⇔", "<->"]
])
const constants: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["⊤", true],
  ["false", false],
  ["⊥", false]
])
const lexeme = /\s*(?:([A-Za-z_]\w*)(\s*\([^()]*\))?|(<->|<=>|->|=>|&&|\|\||[&|!~¬∧∨⊕⊻→⇒↔⇔⊤⊥()])|$)/uy

/** The token at or after an offset, and the offset behind it. */
const readToken = (source: string, from: number): { readonly token: Token; readonly next: number } => {
  lexeme.lastIndex = from
  const match = lexeme.exec(source)
  if (match === null) {
    const at = from + (/^\s*/.exec(source.slice(from))?.[0].length ?? 0)
    return { token: { kind: "unknown", at, text: String.fromCodePoint(source.codePointAt(at)!) }, next: source.length }
  }
  const [whole, word, argument = "", sign] = match
  const at = from + whole.length - whole.trimStart().length
  const next = lexeme.lastIndex
  const text = word ?? sign ?? ""
  if (text === "") return { token: { kind: "end", at: source.length, text }, next }
  if (text === "(" || text === ")") return { token: { kind: text, at, text }, next }
  // `not (…)` and `true (…)` are no propositions with an argument, so words are looked up first.
  const operator = operators.get(text.toLowerCase())
  if (operator !== undefined) return { token: { kind: "operator", operator, at, text }, next: next - argument.length }
  const value = constants.get(text.toLowerCase())
  if (value !== undefined)
    return { token: { kind: "operand", formula: constant(value), at, text }, next: next - argument.length }
  return { token: propositionToken(`${text}${argument}`, at), next }
}

const propositionToken = (text: string, at: number): Token => {
  const proposition = parseProposition(text)
  return proposition === undefined
    ? { kind: "unknown", at, text }
    : { kind: "operand", formula: variable(makeProposition(proposition)), at, text }
}

/** The tokens of a text, the last of kind `end` or `unknown`. */
export const tokenise = (source: string): ReadonlyArray<Token> => {
  const found: Array<Token> = []
  for (let position = 0; ; ) {
    const { token, next } = readToken(source, position)
    found.push(token)
    if (token.kind === "end" || token.kind === "unknown") return found
    position = next
  }
}
