/**
 * Short readable expressions for weighted model counts: products of literals, complements of products, sums. Built as data
 * and rendered as mathjs text or LaTeX. Under the absolute reading the negative literal of a proposition weighs `1 - p`,
 * under the relative one `r` (docs/theory.md §11), and a free proposition weighs `p + r`.
 */
import type { Proposition } from "./proposition.ts"
import { allRows, hasRow, type RowSet, rowsWhere } from "./rows.ts"
import type { Semantics } from "./structure.ts"

/** An expression in the weights of literals. */
export type CountExpression =
  | { readonly _tag: "Number"; readonly value: 0 | 1 }
  | { readonly _tag: "Literal"; readonly proposition: Proposition; readonly positive: boolean }
  | { readonly _tag: "Product"; readonly args: ReadonlyArray<CountExpression> }
  | { readonly _tag: "Sum"; readonly args: ReadonlyArray<CountExpression> }
  /** `1 - arg`, absolute reading only. */
  | { readonly _tag: "Complement"; readonly arg: CountExpression }

interface Count {
  readonly set: RowSet
  readonly propositions: ReadonlyArray<Proposition>
}

const number = (value: 0 | 1): CountExpression => ({ _tag: "Number", value })
const literal = (proposition: Proposition, positive: boolean): CountExpression => ({
  _tag: "Literal",
  proposition,
  positive
})

/** Reading cost: leaves count, negations and brackets a little. */
const cost = (expression: CountExpression): number => {
  switch (expression._tag) {
    case "Number":
      return 1
    case "Literal":
      return expression.positive ? 4 : 6
    case "Complement":
      return 3 + cost(expression.arg)
    case "Product":
      return expression.args.reduce(
        (sum, arg) => sum + cost(arg) + (arg._tag === "Sum" || arg._tag === "Complement" ? 1 : 0),
        0
      )
    case "Sum":
      return expression.args.reduce((sum, arg) => sum + cost(arg), 0) + expression.args.length - 1
  }
}

const product = (...args: ReadonlyArray<CountExpression>): CountExpression => {
  const flat = args.flatMap((arg) => (arg._tag === "Product" ? arg.args : [arg]))
  const kept = flat.filter((arg) => !(arg._tag === "Number" && arg.value === 1))
  if (kept.some((arg) => arg._tag === "Number")) return number(0)
  // Written as people write it: p, then 1 - p (or r), then sums.
  const place = (arg: CountExpression): number => (arg._tag !== "Literal" ? 2 : arg.positive ? 0 : 1)
  const ordered = [...kept].sort((a, b) => place(a) - place(b))
  return kept.length === 0 ? number(1) : kept.length === 1 ? kept[0]! : { _tag: "Product", args: ordered }
}

const sum = (...args: ReadonlyArray<CountExpression>): CountExpression => {
  const flat = args
    .flatMap((arg) => (arg._tag === "Sum" ? arg.args : [arg]))
    .filter((arg) => arg._tag !== "Number" || arg.value !== 0)
  return flat.length === 0 ? number(0) : flat.length === 1 ? flat[0]! : { _tag: "Sum", args: flat }
}

/** Rows of the set with proposition k fixed, over the other propositions. */
const restrict = ({ set, propositions }: Count, k: number, value: number): Count => {
  let rest = 0n
  for (let row = 0; row < 2 ** (propositions.length - 1); row++) {
    const low = row & ((1 << k) - 1)
    const full = low | (value << k) | ((row >> k) << (k + 1))
    if (hasRow(set, full)) rest |= 1n << BigInt(row)
  }
  return { set: rest, propositions: propositions.filter((_, i) => i !== k) }
}

/** Builds expressions, remembering those of sub-counts met before. */
class Builder {
  readonly #semantics: Semantics
  readonly #known = new Map<string, CountExpression>()

  constructor(semantics: Semantics) {
    this.#semantics = semantics
  }

  build(count: Count): CountExpression {
    const { set, propositions } = count
    if (set === 0n) return number(0)
    if (propositions.length === 0) return number(1)
    const key = `${set}@${propositions.join()}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const built = this.#split(count) ?? this.#cheapestSum(count)
    this.#known.set(key, built)
    return built
  }

  /** A proposition that is forced or free multiplies the rest. */
  #split(count: Count): CountExpression | undefined {
    const { set, propositions } = count
    const n = propositions.length
    for (const [k, proposition] of propositions.entries()) {
      const where = rowsWhere(k, n)
      const [yes, no] = [restrict(count, k, 1), restrict(count, k, 0)]
      if (yes.set === no.set) return product(this.#free(proposition), this.build(yes))
      if ((set & ~where) === 0n) return product(literal(proposition, true), this.build(yes))
      if ((set & where) === 0n) return product(literal(proposition, false), this.build(no))
    }
    return undefined
  }

  #free(proposition: Proposition): CountExpression {
    return this.#semantics === "absolute" ? number(1) : sum(literal(proposition, true), literal(proposition, false))
  }

  #cheapestSum(count: Count): CountExpression {
    const candidates = count.propositions.flatMap((proposition, k) => this.#expansions(count, proposition, k))
    const complement = allRows(count.propositions.length) & ~count.set
    if (this.#semantics === "absolute") {
      const other = { set: complement, propositions: count.propositions }
      // Only a count that splits into a product is worth subtracting; others would come back here.
      const negated = this.#split(other)
      if (negated !== undefined) candidates.push({ _tag: "Complement", arg: negated })
    }
    return candidates.reduce((best, next) => (cost(next) < cost(best) ? next : best))
  }

  /** Expansions by proposition k with v, v̄ its weights: `v F1 + v̄ F0`, or what both share taken out when v + v̄ is 1. */
  #expansions(count: Count, proposition: Proposition, k: number): ReadonlyArray<CountExpression> {
    const [yes, no] = [restrict(count, k, 1), restrict(count, k, 0)]
    const [positive, negative] = [literal(proposition, true), literal(proposition, false)]
    const build = (set: RowSet): CountExpression => this.build({ set, propositions: yes.propositions })
    const shannon = sum(product(positive, build(yes.set)), product(negative, build(no.set)))
    const shared = yes.set & no.set
    if (shared === 0n) return [shannon]
    const alone = sum(product(positive, build(yes.set & ~shared)), product(negative, build(no.set & ~shared)))
    return [shannon, sum(product(this.#free(proposition), build(shared)), alone)]
  }
}

/** A short expression of `WMC(set)` over the propositions; exact as a polynomial in the literals' weights. */
export const countExpression = (
  set: RowSet,
  propositions: ReadonlyArray<Proposition>,
  semantics: Semantics
): CountExpression => new Builder(semantics).build({ set, propositions })

/** How the leaves and connectives of an expression are written. */
export interface CountNotation {
  readonly literal: (proposition: Proposition, positive: boolean) => { readonly text: string; readonly isSum: boolean }
  readonly times: string
  readonly bracket: (text: string) => string
  /** `base` is bracketed already when it is a sum. */
  readonly power: (base: string, exponent: number, isSum: boolean) => string
  readonly minus: string
}

/** Writes an expression; repeated terms are counted and repeated factors become powers (copies share their weight). */
export const renderCount = (expression: CountExpression, notation: CountNotation): string =>
  render(expression, notation).text

const render = (
  expression: CountExpression,
  notation: CountNotation
): { readonly text: string; readonly isSum: boolean } => {
  switch (expression._tag) {
    case "Number":
      return { text: String(expression.value), isSum: false }
    case "Literal":
      return notation.literal(expression.proposition, expression.positive)
    case "Complement": {
      const inner = render(expression.arg, notation)
      return { text: `1${notation.minus}${inner.isSum ? notation.bracket(inner.text) : inner.text}`, isSum: true }
    }
    case "Sum":
      return renderSum(expression.args, notation)
    case "Product":
      return { text: renderProduct(expression.args, notation), isSum: false }
  }
}

/** The texts of the parts, equal ones once, with how often they occur: copies have the same name. */
const collected = (args: ReadonlyArray<CountExpression>, notation: CountNotation) => {
  const found = new Map<string, { times: number; isSum: boolean }>()
  for (const arg of args) {
    const { text, isSum } = render(arg, notation)
    found.set(text, { times: (found.get(text)?.times ?? 0) + 1, isSum })
  }
  return Array.from(found, ([text, { times, isSum }]) => ({
    text,
    times,
    isSum,
    factor: isSum ? notation.bracket(text) : text
  }))
}

const renderSum = (args: ReadonlyArray<CountExpression>, notation: CountNotation) => {
  const terms = collected(args, notation)
  const texts = terms.map(({ text, times, factor }) => (times === 1 ? text : `${times}${notation.times}${factor}`))
  return { text: texts.join(" + "), isSum: terms.length > 1 }
}

const renderProduct = (args: ReadonlyArray<CountExpression>, notation: CountNotation): string =>
  collected(args, notation)
    .map(({ times, isSum, factor }) => (times === 1 ? factor : notation.power(factor, times, isSum)))
    .join(notation.times)
