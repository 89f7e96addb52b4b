/**
 * @file The few members of the global `WebAssembly` that the kernels need, typed here: the standard library declares
 * them for browsers only.
 */

/** A wasm instance's linear memory; `buffer` is replaced when the memory grows. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer
}

/** An exported kernel: numbers in, nothing out. */
export type KernelCall = (...values: ReadonlyArray<number>) => void

interface WebAssemblyGlobal {
  readonly Memory: new (descriptor: { readonly initial: number }) => LinearMemory
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: LinearMemory } }
  ) => { readonly exports: Readonly<Record<string, KernelCall>> }
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }

/** Whether a value is a wasm memory. */
export const isLinearMemory = (value: unknown): value is LinearMemory => value instanceof WebAssembly.Memory

/** A memory of its own, in pages of 64 KiB. */
export const newMemory = (pages: number): LinearMemory => new WebAssembly.Memory({ initial: pages })

/** Compiles a module made by `assemble` and links it to a memory. @throws CompileError on invalid bytes */
export const instantiate = (
  bytes: Uint8Array<ArrayBuffer>,
  memory: LinearMemory
): Readonly<Record<string, KernelCall>> =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports
