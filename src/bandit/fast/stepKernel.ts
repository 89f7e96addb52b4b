/**
 * The training loop of one loss program as one WebAssembly function: softmax, loss gradient, pullback and optimiser of a step
 * fused, two responses at a time, nothing allocated.
 *
 * Memory: a block of {@link fields} per two responses (each context starts a block; a response too many is padding that softmax
 * gives probability 0), and a record per two pairs that share a response. The kernel goes over the blocks for the softmax and all
 * functions of one response, over the records for the pushes on log π, over the blocks again for the pullback and the update.
 */
import type { NodeId, Program } from "../../loss/program.ts"
import { type Assembly, FunctionBuilder, type Local } from "./assembler.ts"
import { bits, type Code, f64, f64x2, give, i32, repeatWhile, when } from "./code.ts"
import { GraphEmitter } from "./emitGraph.ts"
import { factored } from "./factored.ts"
import { type Columns, columnsOf, dependenceIn, type PairGraph, pairGraph, type ResponseTable } from "./pairGraph.ts"
import { expNonPositive, hostFunctions, logNormal } from "./vectorMath.ts"

/** Vectors of a block, in order; columns of the loss follow. `push0`, `push1`: what pairs add to the two responses as first of a pair. */
export const fields = [
  "parameter",
  "first",
  "second",
  "prob",
  "push",
  "push0",
  "push1",
  "crossEntropy",
  "live",
  "l",
  "r",
  "n",
  "s"
] as const
export type Field = (typeof fields)[number]

/** Offset of a field in its block, bytes. */
export const fieldOffset = (field: Field): number => 16 * fields.indexOf(field)

/** Doubles of the run's state, in order. */
export const stateFields = [
  "learningRate",
  "beta1",
  "rest1",
  "beta2",
  "rest2",
  "epsilon",
  "decay1",
  "decay2",
  "faultKind",
  "faultValue"
] as const
export type StateField = (typeof stateFields)[number]

const stateOffset = (field: StateField): number => 8 * stateFields.indexOf(field)

/** A record of two pairs: addresses of the first response, of its push, of the block of the second ones; then the weights. */
export const recordBytes = 48
export const recordOffsets = { first: 0, push: 4, block: 8, weight0: 16, weight1: 32 } as const

/** Value of `faultKind`. */
export const faults = { gradient: 1, parameter: 2 } as const

/** Which loop to make. */
export interface KernelShape {
  readonly labels: "both" | "one"
  readonly optimizer: "adam" | "gd"
}

/** The loop, and the size of its blocks. */
export interface StepKernel {
  readonly assembly: Assembly
  readonly blockBytes: number
  /** Whether pairs have a loop without exponentials too, see factored.ts. */
  readonly factored: boolean
}

/** Parameters of the function, in order; all but `steps` are addresses or sizes in bytes. It returns the steps made. */
export const parameters = ["state", "blocks", "blocksEnd", "contextBytes", "records", "recordsEnd", "steps"] as const
type Parameter = (typeof parameters)[number]

/** What all parts of the loop share. */
interface Loop {
  readonly b: FunctionBuilder
  readonly parameter: Readonly<Record<Parameter, Local>>
  readonly blockBytes: number
}

const field = (address: Code, name: Field): Code => f64x2.load(address, fieldOffset(name))
const setField = (address: Code, name: Field, value: Code): Code => f64x2.store(address, fieldOffset(name), value)

/** Runs `body` for every block from an address to an end. */
const forBlocks = ({ b, blockBytes }: Loop, from: Code, end: Code, body: (block: Code) => void): void => {
  const block = b.local("i32")
  const code = b.capture(() => {
    body(block.get)
    b.emit(block.set(i32.add(block.get, i32.constant(blockBytes))))
  })
  b.emit(block.set(from), repeatWhile(i32.ltUnsigned(block.get, end), code))
}

/** Runs `body` for every context, from its first block to its end. */
const forContexts = ({ b, parameter }: Loop, body: (from: Code, end: Code) => void): void => {
  const [from, end] = [b.local("i32"), b.local("i32")]
  const code = b.capture(() => {
    b.emit(end.set(i32.add(from.get, parameter.contextBytes.get)))
    body(from.get, end.get)
    b.emit(from.set(end.get))
  })
  b.emit(from.set(parameter.blocks.get), repeatWhile(i32.ltUnsigned(from.get, parameter.blocksEnd.get), code))
}

const swapped = (x: Code): Code => bits.pick(x, 1, x, 0)

/** The sum of both lanes, in both lanes. */
const acrossLanes = (b: FunctionBuilder, x: Code): Code => b.keep(f64x2.add(x, swapped(x)))

/** log π and π of a context, then `perBlock` with the code of log π. */
const softmax = (loop: Loop, from: Code, end: Code, perBlock: (block: Code, logp: Code) => void): void => {
  const { b } = loop
  const [most, total] = [b.local("v128"), b.local("v128")]
  b.emit(most.set(field(from, "parameter")))
  forBlocks(loop, from, end, (block) => b.emit(most.set(f64x2.pmax(most.get, field(block, "parameter")))))
  const top = b.keep(f64x2.pmax(most.get, swapped(most.get)))
  b.emit(total.set(b.constant(0)))
  forBlocks(loop, from, end, (block) => {
    const e = expNonPositive(b, b.keep(f64x2.sub(field(block, "parameter"), top)))
    b.emit(setField(block, "prob", e), total.set(f64x2.add(total.get, e)))
  })
  const sum = acrossLanes(b, total.get)
  const scale = b.keep(f64x2.div(b.constant(1), sum))
  const shift = b.keep(f64x2.add(top, logNormal(b, sum)))
  forBlocks(loop, from, end, (block) => {
    b.emit(setField(block, "prob", f64x2.mul(field(block, "prob"), scale)))
    perBlock(block, b.keep(f64x2.sub(field(block, "parameter"), shift)))
  })
}

/** Where a column of the loss is stored: an input's own field, or behind the fields. */
const columnOffset = (columns: Columns, column: number): number => {
  const node = columns.graph.node(columns.nodes[column]!)
  return node.op === "input" && "name" in node ? fieldOffset(node.name as Field) : 16 * (fields.length + column)
}

/** One pass over the records, adding the pushes of all pairs. */
const pairPass = ({ b, parameter }: Loop, { graph, pushes }: PairGraph, columns: Columns): void => {
  const dependence = dependenceIn(graph.nodes)
  const record = b.local("i32")
  const [first, push, block] = [b.local("i32"), b.local("i32"), b.local("i32")]
  const weight = (slot: 0 | 1) => b.keep(f64x2.load(record.get, recordOffsets[`weight${slot}`]))
  const code = b.capture(() => {
    const emitter = new GraphEmitter(b, graph, (id, node) => {
      const on = dependence(id)
      if (node.op === "input" && "name" in node && node.name.startsWith("w")) return weight(node.name === "w0" ? 0 : 1)
      if (on !== 0 && on !== 1) return undefined
      const offset = columnOffset(columns, columns.columnOf(id))
      return b.keep(on === 0 ? f64x2.loadSplat(first.get, offset) : f64x2.load(block.get, offset))
    })
    for (const [local, at] of [
      [first, recordOffsets.first],
      [push, recordOffsets.push],
      [block, recordOffsets.block]
    ] as const) {
      b.emit(local.set(i32.load(record.get, at)))
    }
    const isZero = (id: NodeId): boolean => graph.constantValue(id) === 0
    const [one, two] = pushes
    if (!isZero(one)) b.emit(setField(push.get, "push0", f64x2.add(field(push.get, "push0"), emitter.value(one))))
    if (!isZero(two)) b.emit(setField(block.get, "push", f64x2.add(field(block.get, "push"), emitter.value(two))))
    b.emit(record.set(i32.add(record.get, i32.constant(recordBytes))))
  })
  b.emit(record.set(parameter.records.get), repeatWhile(i32.ltUnsigned(record.get, parameter.recordsEnd.get), code))
}

/** Leaves the function when a sum is not finite: it takes one number that is not. */
const leaveUnlessFinite = ({ b, parameter }: Loop, sum: Code, kind: keyof typeof faults, made: Code): void => {
  const value = f64x2.lane(sum, 0)
  const state = parameter.state.get
  b.emit(
    when(f64.ne(f64.sub(value, value), f64.constant(0)), [
      ...f64.store(state, stateOffset("faultKind"), f64.constant(faults[kind])),
      ...f64.store(state, stateOffset("faultValue"), value),
      ...give(made)
    ])
  )
}

/** ∂L/∂z_k = g_k - π_k Σ g; the sum of all, to see whether they are finite. */
const pullback = (loop: Loop): Code => {
  const { b } = loop
  const [check, total] = [b.local("v128"), b.local("v128")]
  b.emit(check.set(b.constant(0)))
  forContexts(loop, (from, end) => {
    b.emit(total.set(b.constant(0)))
    forBlocks(loop, from, end, (block) => {
      const [p0, p1] = [b.keep(field(block, "push0")), b.keep(field(block, "push1"))]
      const asFirst = f64x2.add(bits.pick(p0, 0, p1, 0), bits.pick(p0, 1, p1, 1))
      const g = b.keep(f64x2.add(field(block, "push"), asFirst))
      b.emit(setField(block, "push", g), total.set(f64x2.add(total.get, g)))
    })
    const sum = acrossLanes(b, total.get)
    forBlocks(loop, from, end, (block) => {
      const g = b.keep(f64x2.sub(field(block, "push"), f64x2.mul(field(block, "prob"), sum)))
      b.emit(setField(block, "push", g), check.set(f64x2.add(check.get, g)))
    })
  })
  return acrossLanes(b, check.get)
}

/** A double of the state in both lanes. */
const stateSplat = (state: Code, name: StateField): Code => f64x2.loadSplat(state, stateOffset(name))

/** The move of a block, and what the rule does once a step; see optimizer.ts, whose operations these are. */
const updateRule = ({ b, parameter }: Loop, kind: KernelShape["optimizer"]): ((block: Code) => Code) => {
  const state = parameter.state.get
  const learningRate = b.keep(stateSplat(state, "learningRate"))
  if (kind === "gd") return (block) => f64x2.mul(learningRate, field(block, "push"))
  const decay = (name: "decay1" | "decay2", by: "beta1" | "beta2"): Code => {
    const next = f64.mul(f64.load(state, stateOffset(name)), f64.load(state, stateOffset(by)))
    b.emit(f64.store(state, stateOffset(name), next))
    return b.keep(f64x2.sub(b.constant(1), stateSplat(state, name)))
  }
  const rate = b.keep(f64x2.div(learningRate, decay("decay1", "beta1")))
  const scale = b.keep(f64x2.div(b.constant(1), decay("decay2", "beta2")))
  const [beta1, rest1, beta2, rest2, epsilon] = (["beta1", "rest1", "beta2", "rest2", "epsilon"] as const).map((name) =>
    b.keep(stateSplat(state, name))
  ) as [Code, Code, Code, Code, Code]
  return (block) => {
    const g = b.keep(field(block, "push"))
    const m = b.keep(f64x2.add(f64x2.mul(beta1, field(block, "first")), f64x2.mul(rest1, g)))
    const v = b.keep(f64x2.add(f64x2.mul(beta2, field(block, "second")), f64x2.mul(f64x2.mul(rest2, g), g)))
    b.emit(setField(block, "first", m), setField(block, "second", v))
    return f64x2.div(f64x2.mul(rate, m), f64x2.add(f64x2.sqrt(f64x2.mul(v, scale)), epsilon))
  }
}

/** Moves all parameters; their sum. */
const update = (loop: Loop, kind: KernelShape["optimizer"]): Code => {
  const { b, parameter } = loop
  const move = updateRule(loop, kind)
  const check = b.local("v128")
  b.emit(check.set(b.constant(0)))
  forBlocks(loop, parameter.blocks.get, parameter.blocksEnd.get, (block) => {
    const next = b.keep(f64x2.sub(field(block, "parameter"), move(block)))
    b.emit(setField(block, "parameter", next), check.set(f64x2.add(check.get, next)))
  })
  return acrossLanes(b, check.get)
}

/** Softmax, all functions of one response, and pushes back to what does not depend on pairs; gives where a guard is broken. */
const responsePass = (loop: Loop, columns: Columns, guards: ReadonlyArray<NodeId>, bound: number): Local => {
  const { b } = loop
  const broken = b.local("v128")
  b.emit(broken.set(b.constant(0)))
  forContexts(loop, (from, end) =>
    softmax(loop, from, end, (block, logp) => {
      b.emit(setField(block, "l", logp), setField(block, "push", field(block, "crossEntropy")))
      b.emit(setField(block, "push0", b.constant(0)), setField(block, "push1", b.constant(0)))
      const emitter = new GraphEmitter(b, columns.graph, (_id, node) => {
        if (node.op !== "input" || !("name" in node)) return undefined
        return node.name === "l" ? logp : b.keep(field(block, node.name as ResponseTable))
      })
      columns.nodes.forEach((id, column) => {
        if (columns.graph.node(id).op === "input") return
        b.emit(f64x2.store(block, columnOffset(columns, column), emitter.value(id)))
      })
      for (const id of guards) {
        const outside = bits.not(f64x2.le(f64x2.abs(emitter.value(id)), b.constant(bound)))
        b.emit(broken.set(bits.or(broken.get, bits.and(outside, field(block, "live")))))
      }
    })
  )
  return broken
}

const builder = (): Omit<Loop, "blockBytes"> => {
  const b = new FunctionBuilder(parameters.length, hostFunctions)
  const locals = parameters.map((name, i) => [name, b.parameter(i)] as const)
  return { b, parameter: Object.fromEntries(locals) as Record<Parameter, Local> }
}

/** The training loop of a program; its inputs must all be in `pairGraphInputs`. */
export const stepKernel = (program: Program, shape: KernelShape): StepKernel => {
  const { b, parameter } = builder()
  const direct = pairGraph(program, shape.labels)
  const quick = factored(direct)
  const columns = columnsOf(direct.graph.nodes)
  const pass = (pairs: PairGraph): Code => b.capture(() => pairPass({ b, parameter, blockBytes: 0 }, pairs, columns))
  const plain = pass(direct)
  const quickPass = quick === undefined ? [] : pass(quick)
  const guards = [...new Set((quick?.guards ?? []).map(columns.copyOf))]
  const blockBytes = 16 * (fields.length + columns.nodes.length)
  const loop: Loop = { b, parameter, blockBytes }
  const step = b.local("i32")
  const body = b.capture(() => {
    const broken = responsePass(loop, columns, guards, quick?.bound ?? 0)
    b.emit(quick === undefined ? plain : when(bits.anySet(broken.get), plain, quickPass))
    leaveUnlessFinite(loop, pullback(loop), "gradient", step.get)
    const size = update(loop, shape.optimizer)
    b.emit(step.set(i32.add(step.get, i32.constant(1))))
    leaveUnlessFinite(loop, size, "parameter", step.get)
  })
  b.emit(repeatWhile(i32.ltUnsigned(step.get, parameter.steps.get), body))
  return { assembly: b.finish(step.get), blockBytes, factored: quick !== undefined }
}
