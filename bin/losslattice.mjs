#!/usr/bin/env node
// Plain JavaScript on purpose: it must start on any Node, so that an old one gets a sentence instead of a syntax error.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const required = 24
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const runHere = async () => {
  const { enableCompileCache } = await import("node:module")
  enableCompileCache?.()
  // A parent that dies closes this channel; a study must not go on without the terminal that started it.
  if (process.channel) {
    process.on("disconnect", () => process.exit(130))
    process.channel.unref()
  }
  const source = path("../src/cli/bin.ts")
  await import(existsSync(source) && !process.env.LOSSLATTICE_DIST ? source : path("../dist/cli/bin.js"))
}

const runOn = (node) => {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"]
  })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)))
}

if (Number(process.versions.node.split(".")[0]) >= required) {
  await runHere()
} else {
  // In a checkout the project's own Node is at hand.
  const own = path("../node_modules/node/bin/node")
  if (existsSync(own)) {
    runOn(own)
  } else {
    process.stderr.write(
      `losslattice: this is Node ${process.versions.node}; Node ${required} or newer is required (npm install node@${required}).\n`
    )
    process.exitCode = 2
  }
}
