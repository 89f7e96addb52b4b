/**
 * What a training step needs of a loss program and no more: the two derivatives, without the value, and each costly
 * function of one response alone (log(1 - p) of the lattice losses, say) once per response instead of once per pair: K
 * times instead of K (K - 1). The same operations on the same numbers, so the derivatives are the program's to the bit.
 */
import { compileKernel, type Kernel } from "../loss/kernel.ts"
import { GraphBuilder, isOperation, type Node, type NodeId, type Op, type Program } from "../loss/program.ts"
import type { PairBatch } from "./batch.ts"
import type { World } from "./inputs/filler.ts"

/** Operations that cost about as much as a whole row of additions. */
const costly: ReadonlySet<Op> = new Set<Op>([
  "exp",
  "expm1",
  "log",
  "log1p",
  "log1mexp",
  "sigmoid",
  "logsigmoid",
  "softplus",
  "pow",
  "logaddexp",
  "scaleExp"
])

/** Inputs that belong to one response of the pair, and the column of responses each is read from. */
const sides = {
  w: { lw: "logp", rw: "logReference", s_w: "reward", nw: "length" },
  l: { ll: "logp", rl: "logReference", s_l: "reward", nl: "length" }
} as const
type Side = keyof typeof sides

/** A function of one response. */
export interface ResponsePart {
  readonly side: Side
  /** The input of the pair program that carries its values. */
  readonly name: string
  /** Its program; `loss` is the value. */
  readonly program: Program
}

/** A program taken apart. `pair` computes no loss (0) and takes the values of `parts` as further inputs. */
export interface SplitProgram {
  readonly parts: ReadonlyArray<ResponsePart>
  readonly pair: Program
}

/** Which inputs a node depends on: none, those of one response, or both. */
type Dependence = "none" | Side | "both"

const join = (a: Dependence, b: Dependence): Dependence => (a === b || b === "none" ? a : a === "none" ? b : "both")

const dependences = (nodes: ReadonlyArray<Node>): ReadonlyArray<Dependence> => {
  const found: Array<Dependence> = []
  for (const node of nodes) {
    if (isOperation(node)) found.push(node.args.map((arg) => found[arg]!).reduce(join, "none"))
    else if (node.op !== "input") found.push("none")
    else found.push(node.name in sides.w ? "w" : node.name in sides.l ? "l" : "both")
  }
  return found
}

/**
 * Copies the part of a graph that a node needs into a builder; a node for which `cut` gives a name becomes that input.
 * @returns the node's number in the builder
 */
const copier = (nodes: ReadonlyArray<Node>, builder: GraphBuilder, cut: (id: NodeId) => string | undefined) => {
  const copies = new Map<NodeId, NodeId>()
  const copy = (id: NodeId): NodeId => {
    const known = copies.get(id)
    if (known !== undefined) return known
    const node = nodes[id]!
    const name = cut(id)
    const made =
      name !== undefined
        ? builder.input(name)
        : builder.intern(isOperation(node) ? { op: node.op, args: node.args.map(copy) } : node)
    copies.set(id, made)
    return made
  }
  return copy
}

const inputsOf = (nodes: ReadonlyArray<Node>): ReadonlyArray<string> =>
  nodes.flatMap((node) => (node.op === "input" && "name" in node ? [node.name] : []))

/** Takes a program apart. Derivatives by anything but lw and ll are dropped. */
export const splitProgram = (program: Program): SplitProgram => {
  const { nodes, params, outputs } = program
  const depends = dependences(nodes)
  const parts = new Map<NodeId, ResponsePart>()
  const cut = (id: NodeId): string | undefined => {
    const node = nodes[id]!
    const side = depends[id]!
    if (!isOperation(node) || !costly.has(node.op) || side === "none" || side === "both") return undefined
    const known = parts.get(id)
    if (known !== undefined) return known.name
    const builder = new GraphBuilder()
    const value = copier(nodes, builder, () => undefined)(id)
    const part: Program = {
      version: 1,
      nodes: builder.nodes,
      inputs: inputsOf(builder.nodes),
      params,
      outputs: { loss: value, gradients: {} }
    }
    const name = `response${parts.size}`
    parts.set(id, { side, name, program: part })
    return name
  }
  const builder = new GraphBuilder()
  const copy = copier(nodes, builder, cut)
  const gradients = Object.fromEntries(
    ["lw", "ll"].flatMap((name) =>
      outputs.gradients[name] === undefined ? [] : [[name, copy(outputs.gradients[name])]]
    )
  )
  const loss = builder.constant(0)
  const inputs = [...new Set([...Object.keys(gradients), ...inputsOf(builder.nodes)])]
  return {
    parts: [...parts.values()],
    pair: { version: 1, nodes: builder.nodes, inputs, params, outputs: { loss, gradients } }
  }
}

/** Derivatives of a batch into `batch.out.dlw` and `batch.out.dll`; the columns lw and ll of the batch must be filled. */
export type GradientRun = (batch: PairBatch, logp: Float64Array) => void

interface BoundPart {
  readonly kernel: Kernel
  readonly columns: Readonly<Record<string, Float64Array>>
  readonly out: { readonly loss: Float64Array; readonly dlw: Float64Array; readonly dll: Float64Array }
  readonly side: Side
  readonly name: string
}

interface Compiled {
  readonly parts: ReadonlyArray<{ readonly part: ResponsePart; readonly kernel: Kernel }>
  readonly pair: Kernel
}

const compiled = new WeakMap<Program, Compiled>()

const compileSplit = (program: Program): Compiled => {
  const known = compiled.get(program)
  if (known !== undefined) return known
  const { parts, pair } = splitProgram(program)
  const made = {
    parts: parts.map((part) => ({ part, kernel: compileKernel(part.program) })),
    pair: compileKernel(pair)
  }
  compiled.set(program, made)
  return made
}

const bindPart = (
  { part, kernel }: Compiled["parts"][number],
  tables: Readonly<Record<"logp" | "logReference" | "reward" | "length", Float64Array>>
): BoundPart => {
  const { side, name } = part
  const size = tables.length.length
  return {
    kernel,
    columns: Object.fromEntries(Object.entries(sides[side]).map(([input, table]) => [input, tables[table]])),
    out: { loss: new Float64Array(size), dlw: new Float64Array(size), dll: new Float64Array(size) },
    side,
    name
  }
}

/** Columns of a batch and room for the values of the parts, made once per batch. */
const columnsOf = (batch: PairBatch, parts: ReadonlyArray<BoundPart>): Readonly<Record<string, Float64Array>> => ({
  ...batch.columns,
  ...Object.fromEntries(parts.map(({ name }) => [name, new Float64Array(batch.chosen.length)]))
})

/**
 * The training kernel of a program in an environment. It evaluates every response, so it pays for batches of at least as
 * many pairs as there are responses.
 */
export const gradientKernel = (program: Program, { environment, logReference, scores }: World): GradientRun => {
  const { parts: programs, pair } = compileSplit(program)
  const size = environment.reference.length
  const logp = new Float64Array(size)
  const tables = {
    logp,
    logReference,
    reward: scores,
    length: environment.lengths ?? new Float64Array(size).fill(1)
  }
  const parts = programs.map((part) => bindPart(part, tables))
  const columnsByBatch = new WeakMap<PairBatch, Readonly<Record<string, Float64Array>>>()
  return (batch, current) => {
    let columns = columnsByBatch.get(batch)
    if (columns === undefined) {
      columns = columnsOf(batch, parts)
      columnsByBatch.set(batch, columns)
    }
    logp.set(current)
    for (const { kernel, columns: responses, out, side, name } of parts) {
      kernel.run(responses, out, size)
      gather(out.loss, side === "w" ? batch.chosen : batch.rejected, columns[name]!, batch.count)
    }
    pair.run(columns, batch.out, batch.count)
  }
}

/** to[i] = from[index[i]] for i < count. */
const gather = (from: Float64Array, index: Int32Array, to: Float64Array, count: number): void => {
  for (let i = 0; i < count; i++) to[i] = from[index[i]!]!
}
