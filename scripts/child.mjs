// Runs a program of this project on the pinned Node, with its tools first on the path, and takes over its exit code.
import { spawn } from "node:child_process"
import { delimiter, join } from "node:path"
import { node, root } from "./setup.mjs"

/** Resolves to the exit code; Ctrl-C reaches the child, and the child ends when this process does. */
export const runNode = (args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: options.cwd ?? root,
      env: {
        ...process.env,
        PATH: join(root, "node_modules", ".bin") + delimiter + (process.env.PATH ?? ""),
        ...options.env
      },
      stdio: options.stdio ?? ["inherit", "inherit", "inherit", "ipc"]
    })
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)))
  })

/** Runs one after the other, stopping at the first that fails. */
export const runAll = async (programs) => {
  for (const [args, options] of programs) {
    const code = await runNode(args, options)
    if (code !== 0) return code
  }
  return 0
}
