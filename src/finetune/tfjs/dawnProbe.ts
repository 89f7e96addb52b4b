/**
 * @file The program of a process of its own that opens the best WebGPU adapter and prints `{"device": "name"}` or
 * `{"reason": "why not"}`: drivers may end a process that asks for them.
 */

import { describeAdapter, installGlobals, openDevice } from "./dawn.ts"

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!.replace(/ imported from .*$/, "")

const answer = async (): Promise<{ readonly device: string } | { readonly reason: string }> => {
  try {
    const opened = await openDevice(installGlobals((await import("webgpu")) as never))
    return opened === undefined ? { reason: "no WebGPU adapter" } : { device: describeAdapter(opened.info) }
  } catch (cause) {
    return { reason: firstLine(cause) }
  }
}

process.stdout.write(`${JSON.stringify(await answer())}\n`, () => process.exit(0))
