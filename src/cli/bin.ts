/** @file The process: provides the platform, runs the command, turns failures into one sentence and an exit code. */
import { readFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import { CliError, CliOutput, Command } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { InputError, WorkError } from "./failure.ts"
import { losslattice } from "./main.ts"

const version = (): string => {
  const file = new URL("../../package.json", import.meta.url)
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version
}

const sentence = (message: string): string => message.replaceAll(/\s*\n\s*/g, " ").trim()

/** A wrong invocation gets its sentence on stderr; stdout stays empty for whoever parses it. */
const presenter: typeof CliOutput.defaultPresenter = {
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const words = event.helpDoc.usage.split(" ")
    const command = words.filter((word) => /^[a-z]+$/.test(word)).join(" ")
    return Effect.forEach(
      event.errors,
      (error) => Console.error(`losslattice: ${sentence(error.message)} (see ${command} --help)`),
      { discard: true }
    )
  }
}

const report = <E>(cause: Cause.Cause<E>): Effect.Effect<number> => {
  const error = Cause.squash(cause)
  if (CliError.isCliError(error)) return Effect.succeed(error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2)
  if (error instanceof InputError || error instanceof WorkError) {
    return Effect.as(Console.error(`losslattice: ${error.message}`), error instanceof InputError ? 2 : 1)
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return Effect.as(Console.error(`losslattice: this is a defect of losslattice, please report it\n${text}`), 1)
}

// A reader that closes the pipe early (`| head`) is not an error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  process.stderr.write(`losslattice: the output cannot be written: ${error.message}\n`)
  process.exit(1)
})

const program = Command.runWith(losslattice, { version: version() })(process.argv.slice(2)).pipe(
  Effect.provideService(CliOutput.Presenter, presenter),
  Effect.provide(NodeServices.layer),
  Effect.as(0),
  Effect.catchCause(report)
)

const fiber = Effect.runFork(program)
// One Ctrl-C can arrive twice, from the terminal and from a launcher that passes it on: only a later one means "at once".
const patience = 2000
let asked: number | undefined
// A study is interrupted in order; every other command has nothing to keep, and while it computes no listener would ever run:
// without one the system ends it at once.
const signals = process.argv.includes("run") ? (["SIGINT", "SIGTERM"] as const) : []
for (const signal of signals) {
  process.on(signal, () => {
    asked ??= Date.now()
    if (Date.now() - asked > patience) process.exit(130)
    fiber.interruptUnsafe()
  })
}
fiber.addObserver((exit) => {
  if (Exit.isSuccess(exit)) {
    process.exitCode = exit.value
    return
  }
  // Failures have become exit codes above: what is left is an interruption.
  process.stderr.write("losslattice: interrupted; what is finished is kept, the same command goes on from there\n")
  process.exitCode = 130
})
