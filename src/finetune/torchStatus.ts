/** @file What `doctor` says about PyTorch. */

import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { findPython, type Interpreter, packageLock, workerEnvironment } from "./python.ts"

/** Whether PyTorch can train here: on what, or why not. */
export interface TorchStatus {
  readonly id: "torch"
  readonly available: boolean
  readonly reason?: string
  readonly device?: string
  /** Versions of Python and of the packages. */
  readonly versions?: Readonly<Record<string, string>>
}

const Said = Schema.fromJsonString(
  Schema.Struct({
    python: Schema.String,
    torch: Schema.String,
    transformers: Schema.String,
    cuda: Schema.Boolean,
    devices: Schema.Array(Schema.Struct({ name: Schema.String, memory_gib: Schema.Finite }))
  })
)
type Said = typeof Said.Type

const decodeSaid = Schema.decodeUnknownResult(Said)

/** What the worker prints, and what it complains of; asking takes the seconds that PyTorch takes to load. */
const ask = ({ command }: Interpreter): Promise<{ readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    const child = spawn(command, ["-m", "losslattice_worker", "doctor"], { env: workerEnvironment() })
    let [out, err] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text) => (out += text))
    child.stderr.setEncoding("utf8").on("data", (text) => (err += text))
    child.on("error", (error) => resolve({ out: "", err: error.message }))
    child.on("close", () => resolve({ out, err }))
  })

/** Packages whose version is not the locked one, as `name 1.0 (locked: 2.0)`; a build's suffix (`+cu130`) does not count. */
const strayPackages = ({ versions }: Interpreter): ReadonlyArray<string> => {
  const locked = new Map(
    [...readFileSync(packageLock, "utf8").matchAll(/^([\w-]+)==(\S+)/gm)].map(([, n, v]) => [n!, v!])
  )
  return Object.entries(versions).flatMap(([name, version]) => {
    const wanted = locked.get(name)
    const stray = wanted !== undefined && version.replace(/\+.*$/, "") !== wanted
    return stray ? [`${name} ${version} (locked: ${wanted})`] : []
  })
}

const deviceLine = ({ torch, transformers, devices }: Said, interpreter: Interpreter): string => {
  const where =
    devices.length === 0 ? "CPU" : devices.map(({ name, memory_gib }) => `${name}, ${memory_gib} GiB`).join("; ")
  const stray = strayPackages(interpreter)
  const note = stray.length === 0 ? "" : `; not the locked versions: ${stray.join(", ")}`
  return `${where}; PyTorch ${torch}, transformers ${transformers}${note}`
}

/** Asks the worker what it has. Never fails: what is missing is the reason. */
export const torchStatus = async (): Promise<TorchStatus> => {
  const python = findPython()
  if (Result.isFailure(python)) return { id: "torch", available: false, reason: python.failure.message }
  const { out, err } = await ask(python.success)
  const said = decodeSaid(out.trim().split("\n").at(-1))
  if (Result.isFailure(said)) {
    const reason = err.trim().split("\n").at(-1) || "its worker does not answer"
    return { id: "torch", available: false, reason: `${python.success.command}: ${reason}` }
  }
  return {
    ...{ id: "torch", available: true, device: deviceLine(said.success, python.success) },
    versions: { ...python.success.versions, torch: said.success.torch }
  }
}
