/** The toy study as a process of its own: `node main.ts FILE OUT [key=value …]`. Prints the run folder, exits as the CLI would. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { runStudyOf } from "../../../src/experiments/study.ts"
import { toyKind } from "./study.ts"

const [file = "", out = "", ...overrides] = process.argv.slice(2)
const fiber = Effect.runFork(
  runStudyOf(toyKind, { file, out, overrides, workers: 2 }).pipe(Effect.provide(NodeFileSystem.layer), Effect.result)
)
process.once("SIGTERM", () => fiber.interruptUnsafe())
fiber.addObserver((exit) => {
  if (!Exit.isSuccess(exit)) process.exitCode = 130
  else if (exit.value._tag === "Success") process.stdout.write(`${exit.value.success.folder}\n`)
  else {
    process.stderr.write(`${exit.value.failure.message}\n`)
    process.exitCode = "exitCode" in exit.value.failure ? exit.value.failure.exitCode : 1
  }
})
