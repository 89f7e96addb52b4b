/**
 * Weighted model counting in log space: the log of a count as graph nodes, from decision diagrams (values) or from exact
 * polynomials (numerators of derivatives). Every sum has terms of one sign; products stay sums of logs, in which like terms
 * cancel before anything is computed.
 */
import type { DiagramManager, DiagramRef, WeightTable } from "./diagram.ts"
import {
  addForms,
  atomForm,
  commonForm,
  constantForm,
  emitForm,
  isZeroForm,
  type LogForm,
  subtractForms,
  zeroForm
} from "./logForm.ts"
import { dividePairSum, isZeroPairs, type PairPolynomial, slicePairs } from "./pairPolynomial.ts"
import type { NodeId } from "./program.ts"
import type { Weight } from "./semantics.ts"
import type { Graph } from "./simplify.ts"

/** Counts rows over propositions whose literals have the given weights. */
export class LogCounter {
  readonly graph: Graph
  /** The distinct weights, and the weight of each proposition as an index into them. */
  readonly weights: ReadonlyArray<Weight>
  readonly pairOf: ReadonlyArray<number>
  readonly #manager: DiagramManager
  readonly #counts = new Map<DiagramRef, LogForm>()
  readonly #complements = new Set<NodeId>()

  constructor(graph: Graph, weights: ReadonlyArray<Weight>, pairOf: ReadonlyArray<number>, manager: DiagramManager) {
    this.graph = graph
    this.weights = weights
    this.pairOf = pairOf
    this.#manager = manager
  }

  /** The form as a node. */
  emit(form: LogForm): NodeId {
    return emitForm(this.graph, form, this.weights)
  }

  /** `log(e^a + e^b)` with the common part taken out; two complementary literals add up to 1. */
  logSum(a: LogForm, b: LogForm): LogForm {
    const common = commonForm(a, b)
    const [x, y] = [subtractForms(a, common), subtractForms(b, common)]
    if (this.#areComplementary(x, y)) return common
    if (isZeroForm(x) && isZeroForm(y)) return addForms(common, constantForm(Math.LN2))
    const sum = isZeroForm(x)
      ? this.graph.apply("softplus", this.emit(y))
      : isZeroForm(y)
        ? this.graph.apply("softplus", this.emit(x))
        : this.graph.apply("logaddexp", this.emit(x), this.emit(y))
    return addForms(common, atomForm(sum))
  }

  #areComplementary(x: LogForm, y: LogForm): boolean {
    const isLiteral = (form: LogForm, id: NodeId): boolean => isZeroForm(subtractForms(form, atomForm(id)))
    return this.weights.some(
      ({ positive, negative }) =>
        (isLiteral(x, positive) && isLiteral(y, negative)) || (isLiteral(x, negative) && isLiteral(y, positive))
    )
  }

  /** Whether the form is the log of `1 - Π literals` (see {@link LogCounter.logCount}), and nothing else. */
  isComplement(form: LogForm): boolean {
    const [id] = form.terms.keys()
    return id !== undefined && isZeroForm(subtractForms(form, atomForm(id))) && this.#complements.has(id)
  }

  /** Log of the count of a table; undefined for the count 0. */
  logCount(table: WeightTable): LogForm | undefined {
    const root = this.#manager.make(table)
    return this.#manager.isLeaf(root, 0n) ? undefined : this.#count(root)
  }

  #count(ref: DiagramRef): LogForm {
    const known = this.#counts.get(ref)
    if (known !== undefined) return known
    const form = this.#countNew(ref)
    this.#counts.set(ref, form)
    return form
  }

  #countNew(ref: DiagramRef): LogForm {
    const node = this.#manager.node(ref)
    if (node._tag === "Leaf") return constantForm(Math.log(Number(node.value)))
    const { positive, negative } = this.weights[this.pairOf[node.variable]!]!
    if (this.#manager.isLeaf(node.low, 0n)) return addForms(atomForm(positive), this.#count(node.high))
    if (this.#manager.isLeaf(node.high, 0n)) return addForms(atomForm(negative), this.#count(node.low))
    const cube = this.#complementCube(ref)
    if (cube !== undefined) {
      const log = this.graph.apply("log1mexp", this.emit(cube))
      this.#complements.add(log)
      return atomForm(log)
    }
    return this.logSum(
      addForms(atomForm(positive), this.#count(node.high)),
      addForms(atomForm(negative), this.#count(node.low))
    )
  }

  /**
   * When all but one cube of the rows count, `1 - Π literals` keeps the digits that a sum near 1 rounds away. Only where
   * literals are probabilities, and one of the cube's is `p` (at most 1 - 1e-12 or so: `1 - p` may round to 1).
   */
  #complementCube(ref: DiagramRef): LogForm | undefined {
    let form = zeroForm
    let anchored = false
    let at = ref
    for (let node = this.#manager.node(at); node._tag === "Branch"; node = this.#manager.node(at)) {
      const weight = this.weights[this.pairOf[node.variable]!]!
      if (weight.logOdds !== undefined) return undefined
      const isHighFull = this.#manager.isLeaf(node.high, 1n)
      if (!isHighFull && !this.#manager.isLeaf(node.low, 1n)) return undefined
      form = addForms(form, atomForm(isHighFull ? weight.negative : weight.positive))
      anchored ||= !isHighFull
      at = isHighFull ? node.low : node.high
    }
    return anchored && this.#manager.isLeaf(at, 0n) ? form : undefined
  }

  /** Log of a polynomial with coefficients ≥ 0, not all 0. @throws RangeError for the zero polynomial */
  logPolynomial(polynomial: PairPolynomial, pair = 0): LogForm {
    if (isZeroPairs(polynomial)) throw new RangeError("logPolynomial: the polynomial is zero")
    const weight = this.weights[pair]
    if (weight === undefined) return constantForm(Math.log(Number([...polynomial.terms.values()][0]!)))
    const slices = dividePairSum(slicePairs(polynomial, pair))
    let sum: LogForm | undefined
    for (const [exponent, slice] of slices.entries()) {
      if (isZeroPairs(slice)) continue
      const literals = addForms(
        atomForm(weight.positive, exponent),
        atomForm(weight.negative, slices.length - 1 - exponent)
      )
      const term = addForms(literals, this.logPolynomial(slice, pair + 1))
      sum = sum === undefined ? term : this.logSum(sum, term)
    }
    return sum!
  }
}
