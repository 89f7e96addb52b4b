/**
 * The only place where bytes become code. What goes in comes from {@link FunctionBuilder} alone: instructions chosen by this
 * folder for the nodes of a checked graph, and finite or special doubles as constants; no text of a user.
 */
import { log1mexp, logaddexp } from "../../loss/numerics.ts"
import type { Assembly } from "./assembler.ts"

/** What this project uses of the host's WebAssembly; the compiler's libraries for Node lack it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Memory: new (limits: { readonly initial: number }) => Memory
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> }
}

interface Memory {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}

const pageBytes = 65_536

const host = { log: Math.log, log1p: Math.log1p, log1mexp, logaddexp, pow: Math.pow }

/** A module at work, with its memory. */
export class RunningModule {
  readonly run: (...parameters: ReadonlyArray<number>) => number
  /** First free byte of the memory. */
  readonly free: number
  readonly #memory: Memory

  constructor({ bytes, constants }: Assembly) {
    this.#memory = new WebAssembly.Memory({ initial: 1 })
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      host: { ...host, memory: this.#memory }
    })
    this.run = instance.exports.run as RunningModule["run"]
    this.free = Math.ceil(constants.byteLength / 64) * 64
    new BigUint64Array(this.#memory.buffer).set(constants)
  }

  /** The memory, of at least so many bytes. Views of it are good until the next call. */
  memory(bytes: number): ArrayBuffer {
    const missing = bytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    return this.#memory.buffer
  }
}
