/** Nodes of a graph as vector code: each needed node once, in the order in which it is needed. */
import { isOperation, type Node, type NodeId, type Op, type Operation } from "../../loss/program.ts"
import type { FunctionBuilder } from "./assembler.ts"
import { bits, type Code, f64x2 } from "./code.ts"
import { isNonPositive, type SignedGraph } from "./pairGraph.ts"
import * as math from "./vectorMath.ts"

/** Code of nodes that the emitter does not compute itself: inputs, and what is stored. */
export type Leaf = (id: NodeId, node: Node) => Code | undefined

type Emit = (b: FunctionBuilder, ...args: ReadonlyArray<Code>) => Code

const plain =
  (make: (...args: ReadonlyArray<Code>) => Code): Emit =>
  (b, ...args) =>
    b.keep(make(...args))

const truth = (compare: (a: Code, b: Code) => Code): Emit => {
  return (b, x, y) => b.keep(bits.and(compare(x!, y!), b.constant(1)))
}

const operations = {
  neg: plain((x) => f64x2.neg(x!)),
  exp: math.exp as Emit,
  expm1: math.expm1 as Emit,
  log: math.log as Emit,
  log1p: math.log1p as Emit,
  log1mexp: math.log1mexp as Emit,
  abs: plain((x) => f64x2.abs(x!)),
  sqrt: plain((x) => f64x2.sqrt(x!)),
  stopGradient: (_b, x) => x!,
  add: plain((x, y) => f64x2.add(x!, y!)),
  sub: plain((x, y) => f64x2.sub(x!, y!)),
  mul: plain((x, y) => f64x2.mul(x!, y!)),
  div: plain((x, y) => f64x2.div(x!, y!)),
  pow: math.pow as Emit,
  max: plain((x, y) => f64x2.max(x!, y!)),
  min: plain((x, y) => f64x2.min(x!, y!)),
  logaddexp: math.logaddexp as Emit,
  scaleExp: math.scaleExp as Emit,
  less: truth(f64x2.lt),
  atMost: truth(f64x2.le)
} satisfies Partial<Record<Op, Emit>>

/** sigmoid, softplus and logsigmoid of x and of -x share e^-|x| and what is made of it. */
interface Logistic {
  /** x > 0. */
  readonly positive: Code
  readonly e: Code
  inverse?: Code
  log1p?: Code
}

/** Emits nodes into a builder. */
export class GraphEmitter {
  readonly #b: FunctionBuilder
  readonly #graph: SignedGraph
  readonly #nodes: ReadonlyArray<Node>
  readonly #leaf: Leaf
  readonly #values = new Map<NodeId, Code>()
  readonly #logistics = new Map<NodeId, Logistic>()
  readonly #masks = new Map<NodeId, Code>()
  readonly #powers = new Map<NodeId, ReturnType<typeof math.expAndComplement>>()

  constructor(builder: FunctionBuilder, graph: SignedGraph, leaf: Leaf) {
    this.#b = builder
    this.#graph = graph
    this.#nodes = graph.nodes
    this.#leaf = leaf
  }

  /** Code that reads the node's value; what it needs is emitted now. */
  value(id: NodeId): Code {
    const known = this.#values.get(id)
    if (known !== undefined) return known
    const made = this.#make(id)
    this.#values.set(id, made)
    return made
  }

  #make(id: NodeId): Code {
    const node = this.#nodes[id]!
    const leaf = this.#leaf(id, node)
    if (leaf !== undefined) return leaf
    if (!isOperation(node)) {
      if (node.op === "const") return this.#b.constant(node.value)
      throw new RangeError(`GraphEmitter: nobody supplies ${node.op} "${node.name}"`)
    }
    return this.#operation(node)
  }

  #operation({ op, args }: Operation): Code {
    switch (op) {
      case "sigmoid":
        return this.#sigmoid(args[0]!)
      case "softplus":
        return this.#softplus(args[0]!, false)
      case "logsigmoid":
        return this.#b.keep(f64x2.neg(this.#softplus(args[0]!, true)))
      case "exp":
      case "expm1":
        return this.#power(op, args[0]!)
      case "where":
        return this.#where(args[0]!, args[1]!, args[2]!)
      default:
        return (operations[op as keyof typeof operations] as Emit)(this.#b, ...args.map((arg) => this.value(arg)))
    }
  }

  /** e^x and e^x - 1 of what is not positive share all but the end. */
  #power(op: "exp" | "expm1", arg: NodeId): Code {
    if (!isNonPositive(this.#graph, arg)) return operations[op](this.#b, this.value(arg))
    let both = this.#powers.get(arg)
    if (both === undefined) {
      both = math.expAndComplement(this.#b, this.value(arg))
      this.#powers.set(arg, both)
    }
    return op === "exp" ? both.value : this.#b.keep(f64x2.neg(both.complement))
  }

  /** The argument without its sign, and whether it had one. */
  #unsigned(id: NodeId): { readonly base: NodeId; readonly flipped: boolean } {
    const node = this.#nodes[id]!
    return node.op === "neg" && isOperation(node)
      ? { base: node.args[0]!, flipped: true }
      : { base: id, flipped: false }
  }

  #logistic(base: NodeId): Logistic {
    const known = this.#logistics.get(base)
    if (known !== undefined) return known
    const b = this.#b
    const x = this.value(base)
    const made: Logistic = {
      positive: b.keep(f64x2.gt(x, b.constant(0))),
      e: math.expNonPositive(b, f64x2.neg(f64x2.abs(x)))
    }
    this.#logistics.set(base, made)
    return made
  }

  #sigmoid(arg: NodeId): Code {
    const b = this.#b
    const { base, flipped } = this.#unsigned(arg)
    const shared = this.#logistic(base)
    shared.inverse ??= b.keep(f64x2.div(b.constant(1), f64x2.add(b.constant(1), shared.e)))
    const [large, small] = [shared.inverse, f64x2.mul(shared.e, shared.inverse)]
    return b.keep(flipped ? bits.select(small, large, shared.positive) : bits.select(large, small, shared.positive))
  }

  /** log(1 + e^x), x the argument or its negative. */
  #softplus(arg: NodeId, negative: boolean): Code {
    const b = this.#b
    const { base, flipped } = this.#unsigned(arg)
    const shared = this.#logistic(base)
    shared.log1p ??= math.log1pUnit(b, shared.e)
    const x = this.value(base)
    const signed = flipped === negative ? x : f64x2.neg(x)
    return b.keep(f64x2.add(f64x2.max(signed, b.constant(0)), shared.log1p))
  }

  /** A choice; where one side is 0, a mask does. */
  #where(condition: NodeId, yes: NodeId, no: NodeId): Code {
    const b = this.#b
    const node = this.#nodes[no]!
    const mask = this.#mask(condition)
    if (node.op === "const" && "value" in node && node.value === 0) return b.keep(bits.and(this.value(yes), mask))
    return b.keep(bits.select(this.value(yes), this.value(no), mask))
  }

  /** Where a condition holds: it is not 0. */
  #mask(condition: NodeId): Code {
    const known = this.#masks.get(condition)
    if (known !== undefined) return known
    const made = this.#b.keep(f64x2.ne(this.value(condition), this.#b.constant(0)))
    this.#masks.set(condition, made)
    return made
  }
}
