/**
 * @file tfjs's WebGPU backend in Node. Its own synchronous read draws on a canvas, which Node has not; here it waits for
 * the device. Errors that WebGPU reports beside its results are thrown by the next read, so that none passes in silence.
 */

import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { DataType, TypedArray } from "@tensorflow/tfjs"
import { hold } from "../threadHold.ts"
import type { ModuleLoader, TensorLibrary } from "./backend.ts"
import { type GpuBuffer, type GpuDevice, installGlobals, type OpenDevice, openDevice, readBuffer } from "./dawn.ts"

/** `GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ`. */
const STAGING = 9

/** What is used of tfjs's WebGPU backend. */
interface WebgpuBackend {
  readonly tensorMap: {
    readonly get: (dataId: object) => { readonly dtype: DataType; readonly resource: GpuBuffer; values?: TypedArray }
  }
  readonly bufferManager: {
    readonly freeBuffers: ReadonlyMap<string, Array<GpuBuffer>>
    numFreeBuffers: number
    numBytesAllocated: number
    readonly numBytesUsed: number
    readonly acquireBuffer: (size: number, usage: number) => GpuBuffer
    readonly releaseBuffer: (buffer: GpuBuffer) => void
  }
  readonly commandEncoder: {
    readonly copyBufferToBuffer: (from: GpuBuffer, at: number, to: GpuBuffer, start: number, size: number) => void
  }
  readonly ensureCommandEncoderReady: () => void
  readonly endComputePassEncoder: () => void
  readonly submitQueue: () => void
  readonly convertAndCacheOnCPU: (dataId: object, values: TypedArray) => TypedArray
  readSync: (dataId: object) => TypedArray
  runWebGPUProgram: (...args: ReadonlyArray<unknown>) => unknown
}

interface WebgpuModule {
  readonly WebGPUBackend: new (device: GpuDevice, info: object) => WebgpuBackend
}

/** Bytes of a buffer of the device, all commands before it done. */
const download = (backend: WebgpuBackend, buffer: GpuBuffer): ArrayBuffer => {
  const staging = backend.bufferManager.acquireBuffer(buffer.size, STAGING)
  backend.ensureCommandEncoderReady()
  backend.endComputePassEncoder()
  backend.commandEncoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size)
  backend.submitQueue()
  const bytes = readBuffer(staging)
  backend.bufferManager.releaseBuffer(staging)
  releaseSpare(backend)
  return bytes
}

/** Bytes of freed buffers that are kept for tensors to come. */
const SPARE = 2 ** 28

/** tfjs keeps every freed buffer for the next tensor of its size; batches of many lengths have many sizes. */
const releaseSpare = ({ bufferManager }: WebgpuBackend): void => {
  if (bufferManager.numBytesAllocated - bufferManager.numBytesUsed <= SPARE) return
  for (const buffers of bufferManager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      bufferManager.numFreeBuffers -= 1
      bufferManager.numBytesAllocated -= buffer.size
      buffer.destroy()
    }
  }
}

/** Numbers as tfjs holds them on the CPU; on the device a boolean takes four bytes. */
const numbersOf = (bytes: ArrayBuffer, dtype: DataType): TypedArray =>
  dtype === "float32"
    ? new Float32Array(bytes)
    : dtype === "bool"
      ? Uint8Array.from(new Int32Array(bytes))
      : new Int32Array(bytes)

/**
 * Keeps the thread from being ended until it calls the device again, where it stands still if its owner wants to end it, or is
 * back at its event loop.
 */
const holder = (): (() => void) => {
  let isHeld = false
  return () => {
    const release = hold()
    if (isHeld) return
    isHeld = true
    setImmediate(() => {
      isHeld = false
      release()
    })
  }
}

const makeBackend = ({ WebGPUBackend }: WebgpuModule, { device, info, fault }: OpenDevice): WebgpuBackend => {
  const backend = new WebGPUBackend(device, info)
  const holdThread = holder()
  const run = backend.runWebGPUProgram.bind(backend)
  backend.runWebGPUProgram = (...args) => {
    holdThread()
    return run(...args)
  }
  backend.readSync = (dataId) => {
    holdThread()
    const { values, resource, dtype } = backend.tensorMap.get(dataId)
    const read = values ?? backend.convertAndCacheOnCPU(dataId, numbersOf(download(backend, resource), dtype))
    const reported = fault()
    if (reported !== undefined) throw new Error(reported)
    return read
  }
  return backend
}

/** Instances of tfjs that have the backend. */
const prepared = new WeakSet<TensorLibrary>()

/** Whether this instance of tfjs has opened an adapter before. */
export const hasWebgpuBackend = (tf: TensorLibrary): boolean => prepared.has(tf)

/** Starts the backend in this thread. @throws Error when a package is missing or no adapter opens */
export const startWebgpuBackend = async (tf: TensorLibrary, load: ModuleLoader): Promise<void> => {
  if (!prepared.has(tf)) {
    const module = (await load("@tensorflow/tfjs-backend-webgpu")) as WebgpuModule
    const opened = await openDevice(installGlobals((await load("webgpu")) as never))
    if (opened === undefined) throw new Error("no WebGPU adapter")
    const make = () => makeBackend(module, opened) as unknown as ReturnType<TensorLibrary["backend"]>
    if (tf.findBackendFactory("webgpu") != null) tf.removeBackend("webgpu")
    tf.registerBackend("webgpu", make)
    prepared.add(tf)
  }
  if (!(await tf.setBackend("webgpu"))) throw new Error("the WebGPU backend of tfjs did not start")
}

/** The best adapter of this machine by name, or why there is none. */
export type AdapterAnswer = { readonly device: string } | { readonly reason: string }

/** How long a driver may take to answer, milliseconds. */
const PATIENCE = 30_000

const probeFile = (): string =>
  fileURLToPath(new URL(`./dawnProbe${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url))

/** Dawn's own remarks, one line. */
const remarks = (stderr: string): string => {
  const found = [...stderr.matchAll(/^Warning: (.*)$/gm)].map((match) => match[1]!)
  return [...new Set(found)].join("; ")
}

/**
 * Asks for the adapter in a process of its own, which a driver may end without harm to this one.
 * @param program the file that Node runs there
 */
export const askForAdapter = (program: string = probeFile()): Promise<AdapterAnswer> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program], { timeout: PATIENCE }, (error, stdout, stderr) => {
      const said = remarks(stderr)
      const because = (reason: string) => ({ reason: said === "" ? reason : `${reason}: ${said}` })
      const end = error?.signal ?? `code ${error?.code ?? 0}`
      if (error !== null) return resolve(because(`the process that asked for a WebGPU adapter ended with ${end}`))
      const answer = JSON.parse(stdout.trim().split("\n").at(-1)!) as AdapterAnswer
      resolve("device" in answer ? answer : because(answer.reason))
    })
  })
