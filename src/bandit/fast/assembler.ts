/**
 * A small assembler of WebAssembly modules of one function: locals by need, constants in a table at the start of the memory
 * (a load is cheaper than building a vector constant each time), functions of the host by name.
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
import { type Code, f64x2, i32, unsigned } from "./code.ts"

/** Types of values, by their byte. */
export const types = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const
export type ValueType = keyof typeof types

/** A local variable. */
export interface Local {
  readonly get: Code
  readonly set: (value: Code) => Code
}

/** A function of the host: doubles in, a double out. */
export interface HostFunction {
  readonly name: string
  readonly parameters: 1 | 2
}

/** What a module needs to run. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Goes to the start of the memory. */
  readonly constants: BigUint64Array
}

/** Builds the one function of a module, named `run`, from numbers to a number. */
export class FunctionBuilder {
  readonly #parameters: number
  readonly #locals: Array<ValueType> = []
  readonly #code: Array<number> = []
  readonly #constants: Array<bigint> = []
  readonly #host: ReadonlyArray<HostFunction>

  /** @param parameters  number of i32 parameters; @param host what the function may call */
  constructor(parameters: number, host: ReadonlyArray<HostFunction>) {
    this.#parameters = parameters
    this.#host = host
  }

  parameter(index: number): Local {
    return localOf(index)
  }

  /** A new local, 0 at the start. */
  local(type: ValueType): Local {
    return localOf(this.#parameters + this.#locals.push(type) - 1)
  }

  /** Appends instructions. */
  emit(...code: ReadonlyArray<Code>): void {
    for (const part of code) for (const byte of part) this.#code.push(byte)
  }

  /** Computes a vector now, and gives the code that reads it. */
  keep(value: Code): Code {
    const local = this.local("v128")
    this.emit(local.set(value))
    return local.get
  }

  /** Everything that `body` emits, not emitted here. */
  capture(body: () => void): Code {
    const from = this.#code.length
    body()
    return this.#code.splice(from)
  }

  /** A double in both lanes. */
  constant(value: number): Code {
    return this.bitsConstant(new BigUint64Array(Float64Array.of(value).buffer)[0]!)
  }

  /** 64 bits in both lanes. */
  bitsConstant(pattern: bigint): Code {
    const known = this.#constants.indexOf(pattern)
    const index = known >= 0 ? known : this.#constants.push(pattern) - 1
    return f64x2.loadSplat(i32.constant(0), 8 * index)
  }

  /** Number of a host function, for `call`. @throws RangeError for one that was not declared */
  hostIndex(name: string): number {
    const index = this.#host.findIndex((one) => one.name === name)
    if (index < 0) throw new RangeError(`assembler: no host function "${name}"`)
    return index
  }

  /** @param value the i32 that the function returns at its end */
  finish(value: Code): Assembly {
    const code = [...this.#code, ...value, 0x0b]
    const locals = this.#locals.map((type) => [1, types[type]])
    const body = [...unsigned(locals.length), ...locals.flat(), ...code]
    const bytes = encodeModule(this.#parameters, this.#host, body)
    return { bytes, constants: BigUint64Array.from(this.#constants) }
  }
}

const localOf = (index: number): Local => ({
  get: [0x20, ...unsigned(index)],
  set: (value) => [...value, 0x21, ...unsigned(index)]
})

const text = (value: string): Code => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

const list = (items: ReadonlyArray<Code>): Code => [...unsigned(items.length), ...items.flat()]

const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content]

const signature = (parameters: ReadonlyArray<ValueType>, result: ValueType): Code => [
  0x60,
  ...list(parameters.map((type) => [types[type]])),
  ...list([[types[result]]])
]

/** Types 0 and 1 are those of the host functions of one and two parameters, type 2 is the function's. */
const encodeModule = (parameters: number, host: ReadonlyArray<HostFunction>, body: Code): Uint8Array<ArrayBuffer> => {
  const signatures = [
    signature(["f64"], "f64"),
    signature(["f64", "f64"], "f64"),
    signature(
      Array.from({ length: parameters }, () => "i32" as const),
      "i32"
    )
  ]
  const imports = [
    [...text("host"), ...text("memory"), 0x02, 0x00, 1],
    ...host.map((one) => [...text("host"), ...text(one.name), 0x00, one.parameters - 1])
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(signatures)),
    ...section(2, list(imports)),
    ...section(3, list([[2]])),
    ...section(7, list([[...text("run"), 0x00, ...unsigned(host.length)]])),
    ...section(10, list([[...unsigned(body.length), ...body]]))
  ])
}
