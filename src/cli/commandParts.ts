/** @file Arguments and flags that commands share, and how a command finds its module. */
import { Argument, Flag } from "effect/cli"
import * as Effect from "effect/Effect"

/** Loads a command's module when it is called, then runs it. */
export const lazily =
  <I, E, R>(load: () => Promise<{ readonly run: (input: I) => Effect.Effect<void, E, R> }>) =>
  (input: I): Effect.Effect<void, E, R> =>
    Effect.flatMap(Effect.promise(load), (command) => command.run(input))

/** `--json`. */
export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print one JSON document instead of text"),
  Flag.withDefault(false)
)
/** An argument that names a loss. */
export const lossArgument = (name: string) =>
  Argument.String(name).pipe(
    Argument.withDescription(
      "A loss: id?parameters, ratio:…, logic:…, rows:…, expr:…, or a loss.json file (docs/contract.md, Naming a loss)"
    )
  )

/** A run folder, for examples in help. */
export const exampleRun = "runs/quickstart/3f9c2a71d0be"
