/**
 * The compiled back end: one loop over Float64Array columns that computes the loss and all its derivatives in one pass. The
 * loop is generated from the checked graph alone; every local name is a number, every constant a finite literal, inputs and
 * parameters come in through arrays, so no text of a user ever becomes code.
 */
import { type Evaluation, interpret } from "./interpret.ts"
import { log1mexp, logaddexp, scaleExp } from "./numerics.ts"
import { isOperation, type Node, type NodeId, type Op, type Program, programFault } from "./program.ts"

/** Where a kernel writes: the loss, its derivatives by lw and ll, and by further responses as `d` and their name (`dly3`). */
export interface KernelOutput {
  readonly loss: Float64Array
  readonly dlw: Float64Array
  readonly dll: Float64Array
  readonly [derivative: `d${string}`]: Float64Array
}

/** A compiled program. */
export interface Kernel {
  /** What it was compiled from. */
  readonly program: Program
  /** Columns the loop reads, by name. */
  readonly inputs: ReadonlyArray<string>
  /**
   * Evaluates rows 0 to count - 1 of the columns into the output.
   * @param columns one column per input (others are ignored), each of length ≥ count
   * @throws RangeError when a column is missing or too short, or one of loss, dlw, dll is
   */
  readonly run: (columns: Readonly<Record<string, Float64Array>>, out: KernelOutput, count: number) => void
  /** Evaluates one point, like the interpreter. @throws RangeError when an input has no value */
  readonly evaluate: (point: Readonly<Record<string, number>>) => Evaluation
}

type Loop = (
  columns: ReadonlyArray<Float64Array>,
  outputs: ReadonlyArray<Float64Array>,
  params: ReadonlyArray<number>,
  count: number
) => void

const cache = new WeakMap<Program, Kernel>()

/** The kernel of a program, compiled once per program object. @throws RangeError when the graph is not a program */
export const compileKernel = (program: Program): Kernel => {
  const known = cache.get(program)
  if (known !== undefined) return known
  const kernel = compile(program)
  cache.set(program, kernel)
  return kernel
}

const compile = (program: Program): Kernel => {
  const fault = programFault(program)
  if (fault !== undefined) throw new RangeError(`compileKernel: ${fault}`)
  const derivatives = ["lw", "ll", ...Object.keys(program.outputs.gradients).filter((n) => n !== "lw" && n !== "ll")]
  const names = ["loss", ...derivatives.map((name) => `d${name}`)]
  const params = Object.values(program.params)
  const loop = makeLoop(kernelSource(program, derivatives))
  const pick = (column: Float64Array | undefined, name: string, count: number): Float64Array => {
    if (column === undefined || column.length < count) {
      throw new RangeError(`kernel: "${name}" needs ${count} rows, got ${column?.length ?? "none"}`)
    }
    return column
  }
  const run: Kernel["run"] = (columns, out, count) => {
    const wanted = out as unknown as Readonly<Record<string, Float64Array | undefined>>
    const read = program.inputs.map((name) => pick(columns[name], name, count))
    // Derivatives by further responses are written only where there is room for them.
    const write = names.map((name, k) =>
      pick(wanted[name] ?? (k > 2 ? new Float64Array(count) : undefined), name, count)
    )
    loop(read, write, params, count)
  }
  return { program, inputs: program.inputs, run, evaluate: (point) => interpret(program, point) }
}

/** The only place where code is made from data: see {@link kernelSource} for what may be in it. */
const makeLoop = (source: string): Loop =>
  new Function("log1mexp", "logaddexp", "scaleExp", source)(log1mexp, logaddexp, scaleExp) as Loop

/** Functions of `e^-|x|` that share it: softplus and sigmoid of x and -x. */
const shared: ReadonlySet<Op> = new Set<Op>(["softplus", "sigmoid", "logsigmoid"])

/**
 * JavaScript of the loop, a function body returning `(columns, outputs, params, count) => void`. Locals are `v<node>`,
 * `e<node>` (e^-|x|), `c<input>`, `o<output>`; values that do not depend on inputs are computed once before the loop.
 */
export const kernelSource = (program: Program, derivatives: ReadonlyArray<string>): string => {
  const { nodes, inputs, outputs } = program
  const before: Array<string> = []
  const inside: Array<string> = []
  const varying = nodesThatVary(nodes)
  const params = Object.keys(program.params)
  const exponentials = new Set<NodeId>()
  for (const [id, node] of nodes.entries()) {
    const lines = varying.has(id) ? inside : before
    if (isOperation(node) && shared.has(node.op)) {
      const { base } = unsigned(nodes, node.args[0]!)
      if (!exponentials.has(base)) {
        exponentials.add(base)
        lines.push(`const e${base} = Math.exp(-Math.abs(v${base}))`)
      }
    }
    lines.push(`const v${id} = ${expressionOf(nodes, node, inputs, params)}`)
  }
  const results = [outputs.loss, ...derivatives.map((name) => outputs.gradients[name])]
  const stores = results.map((id, k) => `o${k}[i] = ${id === undefined ? "0" : `v${id}`}`)
  return [
    "return (columns, outputs, params, count) => {",
    ...inputs.map((_, k) => `const c${k} = columns[${k}]`),
    ...results.map((_, k) => `const o${k} = outputs[${k}]`),
    ...before,
    "for (let i = 0; i < count; i++) {",
    ...inside,
    ...stores,
    "}",
    "}"
  ].join("\n")
}

const nodesThatVary = (nodes: ReadonlyArray<Node>): ReadonlySet<NodeId> => {
  const varying = new Set<NodeId>()
  for (const [id, node] of nodes.entries()) {
    if (node.op === "input" || (isOperation(node) && node.args.some((arg) => varying.has(arg)))) varying.add(id)
  }
  return varying
}

/** The node under a negation, and whether there was one. */
const unsigned = (nodes: ReadonlyArray<Node>, id: NodeId): { readonly base: NodeId; readonly flipped: boolean } => {
  const node = nodes[id]!
  return node.op === "neg" && isOperation(node) ? { base: node.args[0]!, flipped: true } : { base: id, flipped: false }
}

const expressionOf = (
  nodes: ReadonlyArray<Node>,
  node: Node,
  inputs: ReadonlyArray<string>,
  params: ReadonlyArray<string>
): string => {
  if (!isOperation(node)) {
    switch (node.op) {
      case "input":
        return `c${inputs.indexOf(node.name)}[i]`
      case "param":
        return `params[${params.indexOf(node.name)}]`
      default:
        return literal(node.value)
    }
  }
  if (shared.has(node.op)) return sharedExpression(nodes, node.op, node.args[0]!)
  return templates[node.op as Exclude<Op, SharedOp>](...node.args.map((arg) => `v${arg}`))
}

/** A finite double as a literal that reads back as the same double. */
const literal = (value: number): string => {
  if (!Number.isFinite(value)) throw new RangeError(`kernel: the constant ${value} is not finite`)
  return `(${String(value)})`
}

const sharedExpression = (nodes: ReadonlyArray<Node>, op: Op, arg: NodeId): string => {
  const { base, flipped } = unsigned(nodes, arg)
  const [x, e] = [`v${base}`, `e${base}`]
  const isPositive = flipped ? `${x} < 0` : `${x} > 0`
  switch (op) {
    case "softplus":
      return `(${isPositive} ? ${flipped ? "-" : ""}${x} : 0) + Math.log1p(${e})`
    case "logsigmoid":
      return `-((${isPositive} ? 0 : ${flipped ? "" : "-"}${x}) + Math.log1p(${e}))`
    default:
      return `(${isPositive} ? 1 : ${e}) / (1 + ${e})`
  }
}

type SharedOp = "softplus" | "sigmoid" | "logsigmoid"

const templates: Readonly<Record<Exclude<Op, SharedOp>, (...args: ReadonlyArray<string>) => string>> = {
  neg: (x) => `-${x}`,
  exp: (x) => `Math.exp(${x})`,
  expm1: (x) => `Math.expm1(${x})`,
  log: (x) => `Math.log(${x})`,
  log1p: (x) => `Math.log1p(${x})`,
  log1mexp: (x) => `log1mexp(${x})`,
  abs: (x) => `Math.abs(${x})`,
  sqrt: (x) => `Math.sqrt(${x})`,
  stopGradient: (x) => `${x}`,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  pow: (a, b) => `Math.pow(${a}, ${b})`,
  max: (a, b) => `Math.max(${a}, ${b})`,
  min: (a, b) => `Math.min(${a}, ${b})`,
  logaddexp: (a, b) => `logaddexp(${a}, ${b})`,
  scaleExp: (a, x) => `scaleExp(${a}, ${x})`,
  less: (a, b) => `${a} < ${b} ? 1 : 0`,
  atMost: (a, b) => `${a} <= ${b} ? 1 : 0`,
  where: (c, a, b) => `${c} !== 0 ? ${a} : ${b}`
}
