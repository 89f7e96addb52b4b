/**
 * Sums of logarithms: integer combinations of graph nodes plus a constant. Products of weights become such forms, and like
 * terms cancel exactly in them before any number is computed; that is what keeps `log p_w - log p_l` free of `log(1 - p)`.
 */
import type { NodeId } from "./program.ts"
import type { Graph } from "./simplify.ts"

/** `constant + Σ coefficient · node`; coefficients are integers ≠ 0. */
export interface LogForm {
  readonly terms: ReadonlyMap<NodeId, number>
  readonly constant: number
}

export const zeroForm: LogForm = { terms: new Map(), constant: 0 }

/** The form of one node, or of `coefficient` times it. */
export const atomForm = (id: NodeId, coefficient = 1): LogForm => ({
  terms: coefficient === 0 ? new Map() : new Map([[id, coefficient]]),
  constant: 0
})

export const constantForm = (constant: number): LogForm => ({ terms: new Map(), constant })

/** `a + factor·b`, like terms collected. */
export const addForms = (a: LogForm, b: LogForm, factor = 1): LogForm => {
  const terms = new Map(a.terms)
  for (const [id, coefficient] of b.terms) {
    const sum = (terms.get(id) ?? 0) + factor * coefficient
    if (sum === 0) terms.delete(id)
    else terms.set(id, sum)
  }
  return { terms, constant: a.constant + factor * b.constant }
}

export const subtractForms = (a: LogForm, b: LogForm): LogForm => addForms(a, b, -1)

export const isZeroForm = (form: LogForm): boolean => form.terms.size === 0 && form.constant === 0

/** The part that two forms share: per node the smaller coefficient where both have the same sign; the constant if equal. */
export const commonForm = (a: LogForm, b: LogForm): LogForm => {
  const terms = new Map<NodeId, number>()
  for (const [id, x] of a.terms) {
    const y = b.terms.get(id) ?? 0
    if (x > 0 && y > 0) terms.set(id, Math.min(x, y))
    if (x < 0 && y < 0) terms.set(id, Math.max(x, y))
  }
  return { terms, constant: a.constant === b.constant ? a.constant : 0 }
}

/**
 * A pair of nodes, the logs of a positive and of the negative literal, that belong to one weight.
 * `logOdds` is the node `positive - negative` when that is the primitive (the literals are then logsigmoids of ±logOdds).
 */
export interface LiteralPair {
  readonly positive: NodeId
  readonly negative: NodeId
  readonly logOdds?: NodeId
  /** The response spoken of: terms about one response are added up first, `(lw - rw) - (ll - rl)`. */
  readonly response: string
}

/** Rewrites `c1·positive + c2·negative` of pairs with log-odds so that no two large terms cancel. */
const foldLogOdds = (form: LogForm, pairs: ReadonlyArray<LiteralPair>): LogForm => {
  let folded = form
  for (const { positive, negative, logOdds } of pairs) {
    const [c1, c2] = [form.terms.get(positive) ?? 0, form.terms.get(negative) ?? 0]
    if (logOdds === undefined || c1 * c2 >= 0) continue
    // Opposite signs: the part of size min(|c1|, |c2|) is exactly that many log-odds.
    const shared = Math.sign(c1) * Math.min(Math.abs(c1), Math.abs(c2))
    const difference = addForms(atomForm(positive), atomForm(negative), -1)
    folded = addForms(addForms(folded, difference, -shared), atomForm(logOdds, shared))
  }
  return folded
}

/** Terms in groups: one per response in the order of the pairs, then each other node by itself. */
const groupTerms = (
  form: LogForm,
  pairs: ReadonlyArray<LiteralPair>
): ReadonlyArray<ReadonlyArray<readonly [NodeId, number]>> => {
  const order = new Map<NodeId, string>()
  for (const { positive, negative, logOdds, response } of pairs) {
    for (const id of [positive, negative, logOdds]) if (id !== undefined) order.set(id, response)
  }
  const responses = [...new Set(pairs.map((pair) => pair.response))]
  const ids = [...order.keys()].filter((id) => form.terms.has(id))
  const grouped = responses.map((response) => ids.filter((id) => order.get(id) === response))
  const single = [...form.terms.keys()].filter((id) => !order.has(id)).sort((a, b) => a - b)
  const withCoefficient = (id: NodeId): readonly [NodeId, number] => [id, form.terms.get(id)!]
  return [...grouped.map((group) => group.map(withCoefficient)), ...single.map((id) => [withCoefficient(id)])].filter(
    (group) => group.length > 0
  )
}

const multiple = (graph: Graph, id: NodeId, coefficient: number): NodeId =>
  coefficient === 1 ? id : graph.mul(graph.constant(coefficient), id)

/** Adds the form to the graph: the fewest additions and subtractions that the grouping allows. */
export const emitForm = (graph: Graph, form: LogForm, pairs: ReadonlyArray<LiteralPair>): NodeId => {
  const folded = foldLogOdds(form, pairs)
  let total: NodeId | undefined
  for (const group of groupTerms(folded, pairs)) {
    const sign = Math.sign(group[0]![1])
    let sum: NodeId | undefined
    for (const [id, coefficient] of group) {
      const size = multiple(graph, id, Math.abs(coefficient))
      const same = Math.sign(coefficient) === sign
      sum = sum === undefined ? size : same ? graph.add(sum, size) : graph.sub(sum, size)
    }
    total =
      total === undefined
        ? sign > 0
          ? sum!
          : graph.neg(sum!)
        : sign > 0
          ? graph.add(total, sum!)
          : graph.sub(total, sum!)
  }
  if (total === undefined) return graph.constant(folded.constant)
  return folded.constant === 0 ? total : graph.add(total, graph.constant(folded.constant))
}
