/**
 * @file WebGPU in Node through the npm package `webgpu` (Dawn): an adapter, a device, and a buffer's bytes read while the
 * caller waits. In a browser a buffer can only be read asynchronously. Dawn's binding makes such a promise come true by
 * asking `setImmediate` to call it back until the work is done; calling it at once, in a loop, is a synchronous read.
 */

import { hold } from "../threadHold.ts"

/** What is used of a GPUAdapterInfo. */
export interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
  readonly isFallbackAdapter?: boolean
}

/** What is used of a GPUBuffer. */
export interface GpuBuffer {
  readonly size: number
  readonly mapState: "unmapped" | "pending" | "mapped"
  readonly mapAsync: (mode: number) => Promise<void>
  readonly getMappedRange: () => ArrayBuffer
  readonly unmap: () => void
  readonly destroy: () => void
}

/** What is used of a GPUDevice. */
export interface GpuDevice {
  readonly addEventListener: (kind: "uncapturederror", listener: (event: UncapturedError) => void) => void
}

interface UncapturedError {
  readonly error: { readonly message: string; readonly constructor: { readonly name: string } }
}

interface GpuAdapter {
  readonly info: AdapterInfo
  readonly limits: Readonly<Record<string, number>>
  readonly requestDevice: (descriptor: {
    readonly requiredLimits: Readonly<Record<string, number>>
  }) => Promise<GpuDevice>
}

/** The entry point, `navigator.gpu` of a browser. */
export interface Gpu {
  readonly requestAdapter: (options: { readonly powerPreference: "high-performance" }) => Promise<GpuAdapter | null>
}

/** The module `webgpu`. */
interface DawnModule {
  readonly create: (options: ReadonlyArray<string>) => Gpu
  readonly globals: Readonly<Record<string, unknown>>
}

/** `GPUMapMode.READ`. */
const MAP_READ = 1
/** Calls of Dawn before the thread sleeps between two. */
const EAGER_TICKS = 50
/** Sleep between two calls of Dawn, milliseconds. */
const PAUSE = 0.05

type Tick = () => void

/** Dawn's calls that are due in this thread. Each is done once: by the read that waits for it, or by the event loop. */
const due = new Set<Tick>()
const nothing = new Int32Array(new SharedArrayBuffer(4))

/** Runs `begin`; what it asks to be called back by `setImmediate` is called by the event loop or by {@link drain}. */
const withTicks = <A>(begin: () => A): A => {
  const real = globalThis.setImmediate
  const collect = (tick: Tick) => {
    due.add(tick)
    return real(() => {
      if (due.delete(tick)) withTicks(tick)
    })
  }
  globalThis.setImmediate = collect as unknown as typeof setImmediate
  try {
    return begin()
  } finally {
    globalThis.setImmediate = real
  }
}

/** Calls Dawn back until `isPending` is false. @throws Error when Dawn waits for nothing and it is still true */
const drain = (isPending: () => boolean): void => {
  for (let count = 0; isPending(); count++) {
    if (due.size === 0) throw new Error("WebGPU: this build of Dawn does not let a read wait")
    for (const tick of [...due]) if (due.delete(tick)) withTicks(tick)
    if (count > EAGER_TICKS) Atomics.wait(nothing, 0, 0, PAUSE)
  }
}

/** A copy of a buffer's bytes, once all work given to the device before is done. @throws Error when it cannot be read */
export const readBuffer = (buffer: GpuBuffer): ArrayBuffer => {
  // A lost device refuses; its refusal is seen in the buffer's state.
  withTicks(() => buffer.mapAsync(MAP_READ)).catch(() => undefined)
  drain(() => buffer.mapState === "pending")
  if (buffer.mapState !== "mapped") throw new Error("WebGPU: the device is lost")
  const bytes = buffer.getMappedRange().slice(0)
  buffer.unmap()
  return bytes
}

/** Limits that are asked for as high as the adapter has them: matrix products and tables of large vocabularies need them. */
const raisedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension"
]

/** A device of the best adapter. `fault` gives, once, the first error that the device reported since it was last asked. */
export interface OpenDevice {
  readonly device: GpuDevice
  readonly info: AdapterInfo
  readonly fault: () => string | undefined
}

/** WebGPU's constants and classes as globals, where libraries written for browsers look for them. */
export const installGlobals = ({ create, globals }: DawnModule): Gpu => {
  Object.assign(globalThis, globals)
  const gpu = create([])
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true })
  return gpu
}

const requestDevice = async (gpu: Gpu): Promise<{ device: GpuDevice; info: AdapterInfo } | undefined> => {
  const release = hold()
  try {
    const adapter = await withTicks(() => gpu.requestAdapter({ powerPreference: "high-performance" }))
    if (adapter === null) return undefined
    const requiredLimits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]!]))
    return { device: await withTicks(() => adapter.requestDevice({ requiredLimits })), info: adapter.info }
  } finally {
    release()
  }
}

/** Opens the best adapter; undefined when there is none. */
export const openDevice = async (gpu: Gpu): Promise<OpenDevice | undefined> => {
  const opened = await requestDevice(gpu)
  if (opened === undefined) return undefined
  const { device, info } = opened
  let found: string | undefined
  device.addEventListener("uncapturederror", ({ error }) => {
    const kind = error.constructor.name === "GPUOutOfMemoryError" ? "out of memory: " : ""
    found ??= `WebGPU: ${kind}${error.message.split("\n")[0]}`
  })
  const fault = () => {
    const first = found
    found = undefined
    return first
  }
  return { device, info, fault }
}

/** An adapter's name, and whether it is software. */
export const describeAdapter = ({
  vendor,
  architecture,
  device,
  description,
  isFallbackAdapter
}: AdapterInfo): string => {
  const name = description || device || "WebGPU adapter"
  const maker = [vendor, architecture].filter((part) => part !== "").join(" ")
  return `${name}${maker === "" ? "" : ` (${maker})`}${isFallbackAdapter === true ? ", a software adapter" : ""}`
}
