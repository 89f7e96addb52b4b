/**
 * Training by generated code: which runs it covers, and the run's numbers to and from its memory. A run that it covers always goes
 * this way, alone or among others, so results depend on the run only. See stepKernel.ts for the memory.
 */
import type { Program } from "../../loss/program.ts"
import type { PairBatch } from "../batch.ts"
import type { PairProgram } from "../objective.ts"
import type { UpdateRule } from "../optimizer.ts"
import { RunningModule } from "./module.ts"
import { pairGraphInputs } from "./pairGraph.ts"
import { type PairRecords, placeOf, recordsOf } from "./records.ts"
import {
  type Field,
  faults,
  fieldOffset,
  type KernelShape,
  recordBytes,
  recordOffsets,
  type StateField,
  type StepKernel,
  stateFields,
  stepKernel
} from "./stepKernel.ts"

/** A run as this folder sees it. */
export interface FastRunSpec {
  readonly pairs: PairProgram
  readonly rule: UpdateRule
  /** All examples of every step. */
  readonly batch: PairBatch
  readonly contexts: number
  readonly arms: number
}

/** Why a run stopped: after how many steps, and which sum was not finite. */
export interface FastFault {
  readonly step: number
  readonly quantity: keyof typeof faults
  readonly value: number
}

/** A run in progress. */
export interface FastRun {
  /** Makes that many steps from `parameters`, which it overwrites; gives the first fault. */
  readonly advance: (parameters: Float64Array, steps: number) => FastFault | undefined
}

/** A kernel at work, and the run whose numbers its memory holds. */
interface Engine {
  readonly kernel: StepKernel
  readonly module: RunningModule
  owner?: object
}

const engines = new WeakMap<Program, Map<string, Engine>>()

const engineOf = (program: Program, shape: KernelShape): Engine => {
  const known = engines.get(program) ?? new Map<string, Engine>()
  engines.set(program, known)
  const key = `${shape.labels} ${shape.optimizer}`
  let engine = known.get(key)
  if (engine === undefined) {
    const kernel = stepKernel(program, shape)
    engine = { kernel, module: new RunningModule(kernel.assembly) }
    known.set(key, engine)
  }
  return engine
}

/** Numbers of a response as losses read them; 0 where no pair names it. */
type Tables = Readonly<Record<"r" | "n" | "s", Float64Array>>

const sides = {
  r: ["rw", "rl"],
  n: ["nw", "nl"],
  s: ["s_w", "s_l"]
} as const

/** Copies a column into the table of its responses; false when a response has two values. */
const collect = (count: number, responses: Int32Array, from: Float64Array, known: Uint8Array, to: Float64Array) => {
  for (let i = 0; i < count; i++) {
    const response = responses[i]!
    if (known[response] === 1 && to[response] !== from[i]!) return false
    to[response] = from[i]!
    known[response] = 1
  }
  return true
}

/** The tables behind the columns of a batch, or undefined when a response has two values in one of them. */
const tablesOf = ({ count, chosen, rejected, columns }: PairBatch, size: number): Tables | undefined => {
  const tables: Tables = { r: new Float64Array(size), n: new Float64Array(size).fill(1), s: new Float64Array(size) }
  const known = new Uint8Array(size)
  for (const table of ["r", "n", "s"] as const) {
    known.fill(0)
    const [w, l] = sides[table]
    if (!collect(count, chosen, columns[w], known, tables[table])) return undefined
    if (!collect(count, rejected, columns[l], known, tables[table])) return undefined
  }
  return tables
}

const allFinite = (values: Float64Array): boolean => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

const sameProgramInputs = (program: Program): boolean => program.inputs.every((name) => pairGraphInputs.has(name))

/** Largest number of steps of one call, so that the engine can take up better code in between, and rarely matter. */
const stepsPerCall = (work: number): number => Math.max(1, Math.min(64, Math.ceil(8192 / work)))

/** A logit that softmax gives probability 0 and that sums stay finite with. */
const paddingLogit = -1e300

/** Writes a run's numbers into its engine's memory. */
class FastMemory {
  readonly #doubles: Float64Array
  readonly #integers: Int32Array
  constructor(buffer: ArrayBuffer) {
    this.#doubles = new Float64Array(buffer)
    this.#integers = new Int32Array(buffer)
  }
  get(address: number): number {
    return this.#doubles[address / 8]!
  }
  set(address: number, value: number): void {
    this.#doubles[address / 8] = value
  }
  setInteger(address: number, value: number): void {
    this.#integers[address / 4] = value
  }
  zero(from: number, to: number): void {
    this.#doubles.fill(0, from / 8, to / 8)
  }
}

/** Addresses of a run. */
interface Addresses {
  readonly state: number
  readonly blocks: number
  readonly blocksEnd: number
  readonly contextBytes: number
  readonly records: number
  readonly recordsEnd: number
}

const addressesOf = (free: number, blockBytes: number, contexts: number, arms: number, records: number): Addresses => {
  const state = free
  const blocks = state + 16 * Math.ceil((8 * stateFields.length) / 16)
  const contextBytes = blockBytes * Math.ceil(arms / 2)
  const blocksEnd = blocks + contexts * contextBytes
  return { state, blocks, blocksEnd, contextBytes, records: blocksEnd, recordsEnd: blocksEnd + records * recordBytes }
}

class TabularRun implements FastRun {
  readonly #spec: FastRunSpec
  readonly #engine: Engine
  readonly #records: PairRecords
  readonly #tables: Tables
  readonly #at: Addresses
  /** Moments of the optimiser and its decays while another run uses the engine. */
  readonly #saved: { readonly first: Float64Array; readonly second: Float64Array; decay1: number; decay2: number }

  constructor(spec: FastRunSpec, tables: Tables) {
    const records = recordsOf(spec.batch, spec.arms)
    const size = spec.contexts * spec.arms
    this.#spec = spec
    this.#tables = tables
    this.#records = records
    this.#engine = engineOf(spec.pairs.program, { labels: records.labels, optimizer: spec.rule.kind })
    const { module, kernel } = this.#engine
    this.#at = addressesOf(module.free, kernel.blockBytes, spec.contexts, spec.arms, records.count)
    this.#saved = { first: new Float64Array(size), second: new Float64Array(size), decay1: 1, decay2: 1 }
  }

  advance(parameters: Float64Array, steps: number): FastFault | undefined {
    const { module } = this.#engine
    const memory = new FastMemory(module.memory(this.#at.recordsEnd))
    this.#load(memory, parameters)
    const made = this.#run(steps)
    this.#save(memory, parameters)
    if (this.#state(memory, "faultKind") === 0) return undefined
    const quantity = this.#state(memory, "faultKind") === faults.gradient ? "gradient" : "parameter"
    return { step: made, quantity, value: this.#state(memory, "faultValue") }
  }

  #state(memory: FastMemory, name: StateField): number {
    return memory.get(this.#at.state + 8 * stateFields.indexOf(name))
  }

  #address(response: number, field: Field): number {
    const place = placeOf(response, this.#spec.arms)
    return this.#at.blocks + (place >> 1) * this.#engine.kernel.blockBytes + fieldOffset(field) + 8 * (place & 1)
  }

  #run(steps: number): number {
    const { state, blocks, blocksEnd, contextBytes, records, recordsEnd } = this.#at
    const work = this.#records.count + this.#spec.contexts * this.#spec.arms
    const most = stepsPerCall(work)
    let made = 0
    while (made < steps) {
      const asked = Math.min(most, steps - made)
      const done = this.#engine.module.run(state, blocks, blocksEnd, contextBytes, records, recordsEnd, asked)
      made += done
      if (done < asked || this.#faulty()) break
    }
    return made
  }

  #faulty(): boolean {
    return this.#state(new FastMemory(this.#engine.module.memory(0)), "faultKind") !== 0
  }

  #load(memory: FastMemory, parameters: Float64Array): void {
    this.#loadState(memory)
    if (this.#engine.owner !== this) {
      this.#loadTables(memory)
      this.#loadRecords(memory)
      this.#engine.owner = this
    }
    const { first, second } = this.#saved
    for (let i = 0; i < parameters.length; i++) {
      memory.set(this.#address(i, "parameter"), parameters[i]!)
      memory.set(this.#address(i, "first"), first[i]!)
      memory.set(this.#address(i, "second"), second[i]!)
    }
  }

  #loadState(memory: FastMemory): void {
    const { rule } = this.#spec
    const set = (name: StateField, value: number): void =>
      memory.set(this.#at.state + 8 * stateFields.indexOf(name), value)
    set("learningRate", rule.learningRate)
    set("faultKind", 0)
    if (rule.kind !== "adam") return
    set("beta1", rule.beta1)
    set("rest1", 1 - rule.beta1)
    set("beta2", rule.beta2)
    set("rest2", 1 - rule.beta2)
    set("epsilon", rule.epsilon)
    set("decay1", this.#saved.decay1)
    set("decay2", this.#saved.decay2)
  }

  #loadTables(memory: FastMemory): void {
    const { contexts, arms, batch, pairs } = this.#spec
    memory.zero(this.#at.blocks, this.#at.blocksEnd)
    for (let i = 0; i < contexts * arms; i++) {
      memory.set(this.#address(i, "live"), 1)
      for (const table of ["r", "n", "s"] as const) memory.set(this.#address(i, table), this.#tables[table][i]!)
    }
    // The place after the last response of a context with an odd number of them.
    for (let c = 0; arms % 2 === 1 && c < contexts; c++) {
      memory.set(this.#address(c * arms + arms - 1, "parameter") + 8, paddingLogit)
    }
    for (let i = 0; i < batch.count; i++) {
      const at = this.#address(batch.chosen[i]!, "crossEntropy")
      memory.set(at, memory.get(at) - batch.weight[i]! * pairs.ceWeight)
    }
  }

  #loadRecords(memory: FastMemory): void {
    const { blocks, records } = this.#at
    const { blockBytes } = this.#engine.kernel
    const { count, first, block, weights } = this.#records
    for (let i = 0; i < count; i++) {
      const at = records + i * recordBytes
      const base = blocks + (first[i]! >> 1) * blockBytes
      memory.setInteger(at + recordOffsets.first, base + 8 * (first[i]! & 1))
      memory.setInteger(at + recordOffsets.push, base + 16 * (first[i]! & 1))
      memory.setInteger(at + recordOffsets.block, blocks + block[i]! * blockBytes)
      for (const lane of [0, 1]) {
        memory.set(at + recordOffsets.weight0 + 8 * lane, weights[4 * i + lane]!)
        memory.set(at + recordOffsets.weight1 + 8 * lane, weights[4 * i + 2 + lane]!)
      }
    }
  }

  #save(memory: FastMemory, parameters: Float64Array): void {
    const { first, second } = this.#saved
    for (let i = 0; i < parameters.length; i++) {
      parameters[i] = memory.get(this.#address(i, "parameter"))
      first[i] = memory.get(this.#address(i, "first"))
      second[i] = memory.get(this.#address(i, "second"))
    }
    this.#saved.decay1 = this.#state(memory, "decay1")
    this.#saved.decay2 = this.#state(memory, "decay2")
  }
}

/** Addresses are 32 bits; beyond this size the plain loop is used. */
const mostResponses = 2 ** 22

/** A run by generated code, or undefined for one that it does not cover. */
export const fastRun = (spec: FastRunSpec): FastRun | undefined => {
  const { pairs, batch, contexts, arms } = spec
  const size = contexts * arms
  if (!sameProgramInputs(pairs.program) || batch.others.length > 0 || size > mostResponses) return undefined
  if (batch.count === 0 || !allFinite(batch.weight)) return undefined
  const tables = tablesOf(batch, size)
  return tables === undefined ? undefined : new TabularRun(spec, tables)
}
