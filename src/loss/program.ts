/**
 * Loss programs: a small typed expression graph, the one object that every engine consumes. A program maps named inputs
 * (log-probabilities in nats, token counts, reward scores) and named parameters to a loss and its derivatives by the
 * policy's log-probabilities. Nodes are numbered in topological order, so one forward sweep evaluates it.
 */

/** Operations of one argument. `sigmoid(x) = 1/(1+e^-x)`, `softplus(x) = log(1+e^x)`, `log1mexp(x) = log(1-e^x)` for x < 0. */
export const unaryOps = [
  "neg",
  "exp",
  "expm1",
  "log",
  "log1p",
  "log1mexp",
  "sigmoid",
  "logsigmoid",
  "softplus",
  "abs",
  "sqrt",
  "stopGradient"
] as const

/**
 * Operations of two arguments. `logaddexp(a, b) = log(e^a + e^b)`; `scaleExp(a, x) = a·e^x`, finite wherever the product is;
 * `less` and `atMost` give 1 where `a < b` (`a ≤ b`) and 0 elsewhere.
 */
export const binaryOps = [
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "max",
  "min",
  "logaddexp",
  "scaleExp",
  "less",
  "atMost"
] as const

/** Operations of three arguments. `where(c, a, b)` is a where c ≠ 0, else b. */
export const ternaryOps = ["where"] as const

export type UnaryOp = (typeof unaryOps)[number]
export type BinaryOp = (typeof binaryOps)[number]
export type TernaryOp = (typeof ternaryOps)[number]
/** An operation with arguments. */
export type Op = UnaryOp | BinaryOp | TernaryOp

/** Position of a node in the program's list. */
export type NodeId = number

/** A leaf names an input or a parameter, or is a finite constant; an inner node applies an operation to earlier nodes. */
export type Node =
  | { readonly op: "input"; readonly name: string }
  | { readonly op: "param"; readonly name: string }
  | { readonly op: "const"; readonly value: number }
  | { readonly op: Op; readonly args: ReadonlyArray<NodeId> }

/** An inner node. */
export type Operation = Extract<Node, { readonly args: ReadonlyArray<NodeId> }>

/** What a program computes: the loss, and its partial derivatives by the named policy log-probabilities (lw, ll, ly3, …). */
export interface Outputs {
  readonly loss: NodeId
  readonly gradients: Readonly<Record<string, NodeId>>
}

/** A checked graph. `inputs` lists the names of the input nodes; `params` gives every parameter node its value. */
export interface Program {
  readonly version: 1
  readonly nodes: ReadonlyArray<Node>
  readonly inputs: ReadonlyArray<string>
  readonly params: Readonly<Record<string, number>>
  readonly outputs: Outputs
}

/** Number of arguments of every operation. */
export const arity: Readonly<Record<Op, 1 | 2 | 3>> = Object.fromEntries([
  ...unaryOps.map((op) => [op, 1] as const),
  ...binaryOps.map((op) => [op, 2] as const),
  ...ternaryOps.map((op) => [op, 3] as const)
]) as Record<Op, 1 | 2 | 3>

/** Operations whose two arguments may be exchanged. */
export const commutative: ReadonlySet<Op> = new Set<Op>(["add", "mul", "max", "min", "logaddexp"])

/** Whether a node applies an operation. */
export const isOperation = (node: Node): node is Operation => "args" in node

/**
 * Whether a text may name an input or a parameter. Names end up as keys of JSON and names of columns, so those that every
 * object has already (`constructor`) are none.
 */
const isName = (text: string): boolean => /^[A-Za-z][A-Za-z0-9_]{0,31}$/.test(text) && !(text in Object.prototype)

/** The policy's log-probability of one response: lw, ll, lg, ly3. Everything else is held fixed by derivatives. */
export const isPolicyInput = (name: string): boolean => /^l(?:w|l|g|y\d{1,3})$/.test(name)

/**
 * What is wrong with a graph that claims to be a program; undefined when it is one: known operations of the right arity
 * on earlier nodes, finite constants, well-formed names, all inputs and parameters used declared, outputs inside.
 */
export const programFault = (program: Program): string | undefined => {
  const { nodes, inputs, params, outputs } = program
  const used = new Set<string>()
  for (const [id, node] of nodes.entries()) {
    const fault = nodeFault(node, id, params)
    if (fault !== undefined) return `node ${id}: ${fault}`
    if (node.op === "input") used.add((node as { readonly name: string }).name)
  }
  const missing = [...used].find((name) => !inputs.includes(name))
  if (missing !== undefined) return `input "${missing}" is used but not declared`
  if (new Set(inputs).size !== inputs.length) return "an input is declared twice"
  const bad = inputs.find((name) => !isName(name))
  if (bad !== undefined) return `"${bad}" is no input name`
  // Exports write these names into code: whatever is no plain name must not get that far.
  const badParam = Object.keys(params).find((name) => !isName(name))
  if (badParam !== undefined) return `"${badParam}" is no parameter name`
  const both = inputs.find((name) => Object.hasOwn(params, name))
  if (both !== undefined) return `"${both}" is an input and a parameter`
  for (const [name, id] of [["loss", outputs.loss] as const, ...Object.entries(outputs.gradients)]) {
    if (!Number.isInteger(id) || id < 0 || id >= nodes.length) return `output "${name}" points outside the graph`
  }
  const unknown = Object.keys(outputs.gradients).find((name) => !inputs.includes(name))
  return unknown === undefined ? undefined : `there is a gradient by "${unknown}", which is no input`
}

const nodeFault = (node: Node, id: NodeId, params: Readonly<Record<string, number>>): string | undefined => {
  if (isOperation(node)) {
    if (!Object.hasOwn(arity, node.op)) return `unknown operation "${node.op}"`
    if (node.args.length !== arity[node.op]) {
      return `${node.op} takes ${arity[node.op]} argument(s), got ${node.args.length}`
    }
    const late = node.args.find((arg) => !Number.isInteger(arg) || arg < 0 || arg >= id)
    return late === undefined ? undefined : `argument ${late} is not an earlier node`
  }
  switch (node.op) {
    case "const":
      return Number.isFinite(node.value) ? undefined : `the constant ${node.value} is not finite`
    case "param":
      if (!isName(node.name)) return `"${node.name}" is no parameter name`
      if (!Object.hasOwn(params, node.name)) return `parameter "${node.name}" has no value`
      return Number.isFinite(params[node.name]) ? undefined : `parameter "${node.name}" is not finite`
    case "input":
      return isName(node.name) ? undefined : `"${node.name}" is no input name`
    default:
      return `unknown operation "${String((node as { readonly op: unknown }).op)}"`
  }
}

/**
 * A growing graph in which equal nodes are one node (hash-consing; commutative operations in either order). Building is
 * the only way in which this project makes programs, so sharing is total.
 */
export class GraphBuilder {
  readonly nodes: Array<Node> = []
  readonly #ids = new Map<string, NodeId>()

  /** The node's number, adding it when it is new. */
  intern(node: Node): NodeId {
    const key = keyOf(node)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.nodes.push(node) - 1
    this.#ids.set(key, id)
    return id
  }

  /** @throws RangeError when there is no such node */
  node(id: NodeId): Node {
    const node = this.nodes[id]
    if (node === undefined) throw new RangeError(`GraphBuilder: no node ${id} among ${this.nodes.length}`)
    return node
  }

  /** The operation on the nodes, as it stands: no rule is applied. */
  operation(op: Op, ...args: ReadonlyArray<NodeId>): NodeId {
    if (args.length !== arity[op]) throw new RangeError(`GraphBuilder: ${op} takes ${arity[op]} argument(s)`)
    return this.intern({ op, args })
  }

  input(name: string): NodeId {
    return this.intern({ op: "input", name })
  }

  param(name: string): NodeId {
    return this.intern({ op: "param", name })
  }

  /** @throws RangeError when the value is not finite */
  constant(value: number): NodeId {
    if (!Number.isFinite(value)) throw new RangeError(`GraphBuilder: the constant ${value} is not finite`)
    // -0 and 0 are one constant: no loss tells them apart.
    return this.intern({ op: "const", value: value === 0 ? 0 : value })
  }

  /**
   * The program of the nodes that the outputs need, renumbered in order.
   * @param inputs  declared inputs in order; those the outputs use are appended when missing
   * @param params  values of (at least) the parameters used; only these are kept
   * @throws RangeError when the result is not a program
   */
  finish(outputs: Outputs, params: Readonly<Record<string, number>> = {}, inputs: ReadonlyArray<string> = []): Program {
    const roots = [outputs.loss, ...Object.values(outputs.gradients)]
    const { nodes, place } = keepReachable(this.nodes, roots)
    const names = nodes.flatMap((node) => (node.op === "input" ? [(node as { readonly name: string }).name] : []))
    const used = nodes.flatMap((node) => (node.op === "param" ? [(node as { readonly name: string }).name] : []))
    const program: Program = {
      version: 1,
      nodes,
      inputs: [...new Set([...inputs, ...names])],
      params: Object.fromEntries(used.map((name) => [name, params[name]!])),
      outputs: {
        loss: place(outputs.loss),
        gradients: Object.fromEntries(Object.entries(outputs.gradients).map(([name, id]) => [name, place(id)]))
      }
    }
    const fault = programFault(program)
    if (fault !== undefined) throw new RangeError(`GraphBuilder.finish: ${fault}`)
    return program
  }
}

const keyOf = (node: Node): string => {
  if (!isOperation(node)) return node.op === "const" ? `const ${node.value}` : `${node.op} ${node.name}`
  const args = commutative.has(node.op) ? [...node.args].sort((a, b) => a - b) : node.args
  return `${node.op} ${args.join()}`
}

const keepReachable = (
  all: ReadonlyArray<Node>,
  roots: ReadonlyArray<NodeId>
): { readonly nodes: ReadonlyArray<Node>; readonly place: (id: NodeId) => NodeId } => {
  const needed = reachable(all, roots)
  const places = new Map<NodeId, NodeId>()
  const nodes: Array<Node> = []
  const place = (id: NodeId): NodeId => {
    const at = places.get(id)
    if (at === undefined) throw new RangeError(`GraphBuilder: no node ${id}`)
    return at
  }
  for (const [id, node] of all.entries()) {
    if (!needed.has(id)) continue
    places.set(id, nodes.length)
    nodes.push(isOperation(node) ? { op: node.op, args: node.args.map(place) } : node)
  }
  return { nodes, place }
}

/** The nodes that the roots need, themselves included. */
export const reachable = (nodes: ReadonlyArray<Node>, roots: ReadonlyArray<NodeId>): ReadonlySet<NodeId> => {
  const seen = new Set<NodeId>()
  const open = [...roots]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    const node = nodes[id]
    if (node !== undefined && isOperation(node)) open.push(...node.args)
  }
  return seen
}
