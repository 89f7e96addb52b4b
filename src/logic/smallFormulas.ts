/**
 * The shortest formula of every truth function of up to 3 variables over all connectives of the grammar, by building
 * formulas in order of cost, as far as they are asked for.
 */
import { and, constant, type Formula, iff, implies, not, or, xor } from "./formula.ts"
import { dearestOperand, type Kind, leafCost, negationCost, operandCost } from "./readingCost.ts"

/** A formula over variables 0..n-1 (as `Var` with the name "0", "1", …), its truth table and its cost. */
interface Item {
  readonly table: number
  readonly kind: Kind
  readonly cost: number
  readonly formula: Formula
}

const chains = { and, or, xor } as const
const tableOf = {
  and: (a: number, b: number) => a & b,
  or: (a: number, b: number) => a | b,
  xor: (a: number, b: number) => a ^ b
}

/** Formulas by cost; of each truth table and kind the first met, and only while an operand's brackets could make up for the table's cheapest. */
class Collection {
  readonly byCost: Array<Array<Item>> = []
  readonly cheapest = new Map<number, Item>()
  readonly #kept = new Set<string>()

  add(item: Item): void {
    const best = this.cheapest.get(item.table)
    if (best !== undefined && item.cost > best.cost + dearestOperand) return
    const key = `${item.table}/${item.kind}`
    if (this.#kept.has(key)) return
    this.#kept.add(key)
    if (best === undefined) this.cheapest.set(item.table, item)
    ;(this.byCost[item.cost] ??= []).push(item)
  }

  at(cost: number): ReadonlyArray<Item> {
    return this.byCost[cost] ?? []
  }
}

const argsOf = (item: Item, kind: "and" | "or" | "xor"): ReadonlyArray<Formula> =>
  item.formula._tag !== "Not" && item.kind === kind && "args" in item.formula ? item.formula.args : [item.formula]

/** All pairs of items whose costs, as `cost` counts them, sum to `total`. */
function* pairs(items: Collection, total: number, cost: (item: Item) => number): Generator<readonly [Item, Item]> {
  for (let low = leafCost; low < total; low++) {
    for (const a of items.at(low)) {
      const rest = total - cost(a)
      for (let high = rest; high >= Math.max(leafCost, rest - dearestOperand); high--) {
        for (const b of items.at(high)) if (cost(b) === rest) yield [a, b]
      }
    }
  }
}

const addNegations = (items: Collection, cost: number, full: number): void => {
  const below = cost - negationCost
  for (let inner = below; inner >= below - dearestOperand; inner--) {
    for (const item of items.at(inner)) {
      if (item.formula._tag === "Not" || item.cost + operandCost(item.kind, "not") !== below) continue
      items.add({ table: full & ~item.table, kind: "literal", cost, formula: not(item.formula) })
    }
  }
}

const addChains = (items: Collection, cost: number): void => {
  for (const kind of ["and", "or", "xor"] as const) {
    const operand = (item: Item): number => item.cost + (item.kind === kind ? 0 : operandCost(item.kind, kind))
    for (const [a, b] of pairs(items, cost, operand)) {
      // A chain grows to the right; of two operands the cheaper comes first.
      if (b.kind === kind || (a.kind !== kind && a.cost > b.cost)) continue
      const formula = chains[kind](...argsOf(a, kind), b.formula)
      items.add({ table: tableOf[kind](a.table, b.table), kind, cost, formula })
    }
  }
}

const addArrows = (items: Collection, cost: number, full: number): void => {
  for (const [a, b] of pairs(items, cost, (item) => item.cost + operandCost(item.kind, "implies"))) {
    items.add({ table: (full & ~a.table) | b.table, kind: "implies", cost, formula: implies(a.formula, b.formula) })
    if (a.cost <= b.cost)
      items.add({ table: full & ~(a.table ^ b.table), kind: "iff", cost, formula: iff(a.formula, b.formula) })
  }
}

/** Truth table of variable k of n as a number: bit r is bit k of r. */
const variableTable = (k: number, n: number): number => {
  let table = 0
  for (let row = 0; row < 2 ** n; row++) if ((row >> k) & 1) table |= 1 << row
  return table
}

/**
 * The formulas of n variables, built a cost at a time and only as far as somebody asked: most questions are answered by the
 * first few costs, all functions of three variables take a tenth of a second.
 */
class Table {
  readonly #items = new Collection()
  readonly #n: number
  readonly #full: number
  #cost = leafCost

  constructor(n: number) {
    this.#n = n
    this.#full = 2 ** (2 ** n) - 1
    for (let k = 0; k < n; k++) {
      const formula: Formula = { _tag: "Var", name: String(k) }
      this.#items.add({ table: variableTable(k, n), kind: "literal", cost: leafCost, formula })
    }
  }

  #grow(): void {
    this.#cost++
    addNegations(this.#items, this.#cost, this.#full)
    addChains(this.#items, this.#cost)
    addArrows(this.#items, this.#cost, this.#full)
  }

  /** The first item that fits, in order of cost; undefined when no function fits, which is known without building them all. */
  find(on: number, dontCare: number): CostedFormula | undefined {
    const fits = (table: number): boolean => (on & ~table) === 0 && (table & ~(on | dontCare)) === 0
    // Truth values stand alone: inside a larger formula they never make it clearer.
    for (const value of [true, false]) {
      if (fits(value ? this.#full : 0)) return { formula: constant(value), cost: 1 }
    }
    if (!fits(on)) return undefined
    for (;;) {
      // Insertion order is order of cost.
      for (const item of this.#items.cheapest.values()) if (fits(item.table)) return item
      if (this.#n === 0) return undefined
      this.#grow()
    }
  }
}

const tables = new Map<number, Table>()

/** A formula over variables named "0", "1", … and its cost. */
export interface CostedFormula {
  readonly formula: Formula
  readonly cost: number
}

/**
 * The cheapest formula that is true where `on` is and false outside `on | dontCare` (truth tables of n ≤ 3 variables as
 * `2^n`-bit numbers). Exact over all formulas of the grammar; deterministic.
 * @throws RangeError unless 0 ≤ n ≤ 3
 */
export const cheapestSmallFormula = (on: number, dontCare: number, n: number): CostedFormula => {
  if (!Number.isInteger(n) || n < 0 || n > 3) throw new RangeError(`cheapestSmallFormula: n must be 0 to 3, got ${n}`)
  const table = tables.get(n) ?? new Table(n)
  tables.set(n, table)
  const fitting = table.find(on, dontCare)
  if (fitting === undefined) throw new RangeError("cheapestSmallFormula: on and don't-care must be disjoint tables")
  return fitting
}
