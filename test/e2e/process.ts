/** The real command line in a real process. */
import { spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))
const bin = fileURLToPath(new URL("../../bin/losslattice.mjs", import.meta.url))

/** What a process printed, and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `losslattice` with the arguments and waits for it. */
export const losslattice = (...args: ReadonlyArray<string>): Ended => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: "utf8" })
  return { code: status, out: stdout, err: stderr }
}

/** The JSON document of a command that must succeed. */
export const json = <A>(...args: ReadonlyArray<string>): A => {
  const { code, out, err } = losslattice(...args, "--json")
  if (code !== 0) throw new Error(`losslattice ${args.join(" ")} ended with ${code}: ${err}`)
  return JSON.parse(out) as A
}

/** Starts `losslattice`, sends Ctrl-C after a while, and waits for the end: `signal` is what ended it, if one did. */
export const interrupted = (
  afterMs: number,
  ...args: ReadonlyArray<string>
): Promise<Ended & { readonly signal: string | null }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: root })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk) => (out += chunk))
    child.stderr.on("data", (chunk) => (err += chunk))
    const timer = setTimeout(() => child.kill("SIGINT"), afterMs)
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, out, err })
    })
  })
