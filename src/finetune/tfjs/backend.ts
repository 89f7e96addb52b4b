/**
 * @file Starts a tfjs backend in this thread: `tfjs-wasm` (the wasm backend with SIMD; always there), `tfjs-webgpu`
 * (`@tensorflow/tfjs-backend-webgpu` on the package `webgpu`) or `tfjs-gpu` (`@tensorflow/tfjs-node-gpu`); the packages of
 * the last two are optional peers. Every worker thread that starts a backend has its own tfjs and its own wasm instance.
 */

import { createRequire } from "node:module"
import type * as Tfjs from "@tensorflow/tfjs"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { isLinearMemory, type LinearMemory } from "./wasm/runtime.ts"
import { type AdapterAnswer, askForAdapter, hasWebgpuBackend, startWebgpuBackend } from "./webgpu.ts"

/** The tfjs module object. */
export type TensorLibrary = typeof Tfjs

/** Names of the embedded engines. */
export const engineIds = ["tfjs-wasm", "tfjs-webgpu", "tfjs-gpu"] as const
export type EngineId = (typeof engineIds)[number]

/** Linear memory of the wasm backend: where tensors lie, and room for new ones. */
export interface TensorMemory {
  readonly memory: LinearMemory
  /** Byte address of a tensor's data; it stays put while the tensor lives. */
  readonly address: (tensor: Tfjs.Tensor) => number
  /** The tensor's data in place; valid until the memory next grows, so never keep it over another tensor's creation. */
  readonly floats: (tensor: Tfjs.Tensor) => Float32Array
  /** A new float32 tensor with arbitrary content, tracked by the current `tf.tidy`. */
  readonly empty: (shape: ReadonlyArray<number>) => Tfjs.Tensor
}

/** A started backend. `memory` is there for `tfjs-wasm` only: the SIMD kernels need it. */
export interface Backend {
  readonly id: EngineId
  readonly tf: TensorLibrary
  readonly memory?: TensorMemory
}

/** The backend cannot start on this machine; `reason` is one sentence. */
export class BackendUnavailable extends Data.TaggedError("BackendUnavailable")<{
  readonly engine: EngineId
  readonly reason: string
}> {
  override get message(): string {
    return `engine ${this.engine} is not available: ${this.reason}`
  }
}

/** How modules are loaded; tests pass another. */
export type ModuleLoader = (name: string) => Promise<unknown>

const importModule: ModuleLoader = (name) => import(name)

/** The first line of a failure; of a module that is not there, without the file that wanted it. */
const firstLine = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.split("\n")[0]!.replace(/ imported from .*$/, "")
}

const memoryOf = (tf: TensorLibrary): TensorMemory | undefined => {
  const backend = tf.backend() as BackendWasm
  const exported = (backend.wasm as unknown as { readonly asm?: Readonly<Record<string, unknown>> }).asm ?? {}
  const memory = Object.values(exported).find(isLinearMemory)
  if (memory === undefined) return undefined
  return {
    memory,
    address: (tensor) => backend.getMemoryOffset(tensor.dataId),
    floats: (tensor) => new Float32Array(memory.buffer, backend.getMemoryOffset(tensor.dataId), tensor.size),
    empty: (shape) => tf.engine().makeTensorFromTensorInfo(backend.makeOutput([...shape], "float32"))
  }
}

const startWasm = async (load: ModuleLoader): Promise<Result.Result<Backend, BackendUnavailable>> => {
  const unavailable = (reason: string) => Result.fail(new BackendUnavailable({ engine: "tfjs-wasm", reason }))
  try {
    const tf = (await load("@tensorflow/tfjs")) as TensorLibrary
    await load("@tensorflow/tfjs-backend-wasm")
    if (!(await tf.setBackend("wasm"))) return unavailable("the wasm backend did not start")
    if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")))
      return unavailable("this machine's WebAssembly has no SIMD")
    const memory = memoryOf(tf)
    return memory === undefined
      ? unavailable("this version of the wasm backend does not export its memory")
      : Result.succeed({ id: "tfjs-wasm", tf, memory })
  } catch (cause) {
    return unavailable(firstLine(cause))
  }
}

/** tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 23 removed. */
const restoreIsNullOrUndefined = (): void => {
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = createRequire(import.meta.url)("node:util")
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
}

const loadGpu = (load: ModuleLoader): Promise<unknown> => {
  restoreIsNullOrUndefined()
  return load("@tensorflow/tfjs-node-gpu")
}

const startGpu = async (load: ModuleLoader): Promise<Result.Result<Backend, BackendUnavailable>> => {
  try {
    const tf = (await loadGpu(load)) as TensorLibrary
    await tf.ready()
    return Result.succeed({ id: "tfjs-gpu", tf })
  } catch (cause) {
    return Result.fail(new BackendUnavailable({ engine: "tfjs-gpu", reason: firstLine(cause) }))
  }
}

/** Whether WebGPU can run here. The packages are looked for first: without them no process needs to be started. */
const webgpuAnswer = async (load: ModuleLoader, ask: () => Promise<AdapterAnswer>): Promise<AdapterAnswer> => {
  try {
    await load("@tensorflow/tfjs-backend-webgpu")
    return await ask()
  } catch (cause) {
    return { reason: firstLine(cause) }
  }
}

const startWebgpu = async (load: ModuleLoader): Promise<Result.Result<Backend, BackendUnavailable>> => {
  const unavailable = (reason: string) => Result.fail(new BackendUnavailable({ engine: "tfjs-webgpu", reason }))
  try {
    const tf = (await load("@tensorflow/tfjs")) as TensorLibrary
    const answer = hasWebgpuBackend(tf) ? undefined : await webgpuAnswer(load, () => askForAdapter())
    if (answer !== undefined && "reason" in answer) return unavailable(answer.reason)
    await startWebgpuBackend(tf, load)
    return Result.succeed({ id: "tfjs-webgpu", tf })
  } catch (cause) {
    return unavailable(firstLine(cause))
  }
}

const starters = { "tfjs-wasm": startWasm, "tfjs-webgpu": startWebgpu, "tfjs-gpu": startGpu } satisfies Record<
  EngineId,
  unknown
>

/**
 * Starts `engine` in this thread; a second call for the same engine is cheap.
 * @returns the backend, or why it cannot start (package missing, native library missing, no SIMD, no adapter)
 */
export const startBackend = (
  engine: EngineId,
  load: ModuleLoader = importModule
): Promise<Result.Result<Backend, BackendUnavailable>> => starters[engine](load)

/** One line of `doctor`: whether an engine can run here, and if not, why. */
export interface EngineStatus {
  readonly id: EngineId
  readonly available: boolean
  readonly reason?: string
  readonly device?: string
}

const gpuStatus = (load: ModuleLoader): Promise<EngineStatus> =>
  loadGpu(load).then(
    () => ({ id: "tfjs-gpu", available: true, device: "TensorFlow's choice of GPU" }) as const,
    (cause) => ({ id: "tfjs-gpu", available: false, reason: firstLine(cause) }) as const
  )

/**
 * What `doctor` says about the embedded engines. Starts the wasm backend; asks for a WebGPU adapter in another process; loads,
 * but does not start, TensorFlow's GPU build.
 */
export const embeddedEngines = async (
  load: ModuleLoader = importModule,
  ask: () => Promise<AdapterAnswer> = () => askForAdapter()
): Promise<ReadonlyArray<EngineStatus>> => {
  const wasm = await startBackend("tfjs-wasm", load)
  const webgpu = await webgpuAnswer(load, ask)
  return [
    Result.isSuccess(wasm)
      ? { id: "tfjs-wasm", available: true, device: "CPU, one thread, WebAssembly SIMD" }
      : { id: "tfjs-wasm", available: false, reason: wasm.failure.reason },
    { id: "tfjs-webgpu", available: "device" in webgpu, ...webgpu },
    await gpuStatus(load)
  ]
}
