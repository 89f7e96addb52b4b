/**
 * Decision diagrams of functions from rows to weights: reduced, ordered, hash-consed, so equal functions are one node, and
 * one manager shares everything between the two sides of a ratio. A row set is the function with values 0 and 1. With at
 * most six propositions a table of 2^n weights is the natural input; the diagram is what keeps the compiled program small.
 */

/** Weights by row index (bit k of the row is proposition k), length 2^n; a row set has weights 0 and 1. */
export type WeightTable = ReadonlyArray<bigint>

/** Number of a node in its manager. */
export type DiagramRef = number

/** A leaf carries a weight; a branch decides one proposition. */
export type DiagramNode =
  | { readonly _tag: "Leaf"; readonly value: bigint }
  | { readonly _tag: "Branch"; readonly variable: number; readonly high: DiagramRef; readonly low: DiagramRef }

/** Makes diagrams over a fixed order of the propositions. */
export class DiagramManager {
  readonly order: ReadonlyArray<number>
  readonly nodes: Array<DiagramNode> = []
  readonly #refs = new Map<string, DiagramRef>()

  /** @param order permutation of 0 … n - 1: the proposition decided first comes first. @throws RangeError for any other list */
  constructor(order: ReadonlyArray<number>) {
    if ([...order].sort((a, b) => a - b).some((variable, k) => variable !== k)) {
      throw new RangeError(`DiagramManager: [${order.join(", ")}] is not an order of propositions`)
    }
    this.order = order
  }

  /** The reduced diagram of a table. @throws RangeError unless it has 2^n weights */
  make(table: WeightTable): DiagramRef {
    if (table.length !== 2 ** this.order.length) {
      throw new RangeError(`DiagramManager: ${table.length} weights for ${this.order.length} propositions`)
    }
    return this.#build(table, 0, 0)
  }

  #build(table: WeightTable, depth: number, row: number): DiagramRef {
    const variable = this.order[depth]
    if (variable === undefined) return this.#intern({ _tag: "Leaf", value: table[row]! })
    const low = this.#build(table, depth + 1, row)
    const high = this.#build(table, depth + 1, row | (1 << variable))
    return low === high ? low : this.#intern({ _tag: "Branch", variable, high, low })
  }

  #intern(node: DiagramNode): DiagramRef {
    const key = node._tag === "Leaf" ? `${node.value}` : `${node.variable}?${node.high}:${node.low}`
    const known = this.#refs.get(key)
    if (known !== undefined) return known
    const ref = this.nodes.push(node) - 1
    this.#refs.set(key, ref)
    return ref
  }

  /** @throws RangeError when there is no such node */
  node(ref: DiagramRef): DiagramNode {
    const node = this.nodes[ref]
    if (node === undefined) throw new RangeError(`DiagramManager: no node ${ref}`)
    return node
  }

  /** Whether the node is the leaf of that weight. */
  isLeaf(ref: DiagramRef, value: bigint): boolean {
    const node = this.node(ref)
    return node._tag === "Leaf" && node.value === value
  }

  /** The branches that the roots reach: how many decide with both sides possible (sums), and how many in all. */
  size(roots: ReadonlyArray<DiagramRef>): { readonly sums: number; readonly branches: number } {
    const seen = new Set<DiagramRef>()
    const open = [...roots]
    let [sums, branches] = [0, 0]
    for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
      const node = this.node(ref)
      if (seen.has(ref) || node._tag === "Leaf") continue
      seen.add(ref)
      branches++
      if (!this.isLeaf(node.high, 0n) && !this.isLeaf(node.low, 0n)) sums++
      open.push(node.high, node.low)
    }
    return { sums, branches }
  }
}

const permutations = (items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, k) => permutations(items.toSpliced(k, 1)).map((rest) => [item, ...rest]))

const costOf = (order: ReadonlyArray<number>, tables: ReadonlyArray<WeightTable>): number => {
  const manager = new DiagramManager(order)
  const { sums, branches } = manager.size(tables.map((table) => manager.make(table)))
  return sums * 1000 + branches
}

const swapped = (order: ReadonlyArray<number>, k: number): ReadonlyArray<number> =>
  order.map((variable, i) => (i === k ? order[k + 1]! : i === k + 1 ? order[k]! : variable))

/**
 * A manager whose order makes the diagrams of the tables small: fewest sums, then fewest branches, then the declared order.
 * Exact for up to four propositions (every order is tried); beyond, descent by swaps of neighbours.
 */
export const bestManager = (n: number, tables: ReadonlyArray<WeightTable>): DiagramManager => {
  const declared = Array.from({ length: n }, (_, k) => k)
  let best = declared
  let cost = costOf(best, tables)
  const consider = (order: ReadonlyArray<number>): boolean => {
    const other = costOf(order, tables)
    if (other >= cost) return false
    best = [...order]
    cost = other
    return true
  }
  if (n <= 4) {
    for (const order of permutations(declared)) consider(order)
  } else {
    while (declared.slice(1).some((_, k) => consider(swapped(best, k))));
  }
  return new DiagramManager(best)
}
