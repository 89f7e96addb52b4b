/**
 * @file The command tree. The names, arguments, flags, help and examples of a command are in the `…Commands.ts` of its subject; its
 * work is in `commands/<name>.ts`, imported only when it runs, so that `explain` does not pay for TensorFlow or the figure renderer.
 */
import { Command } from "effect/cli"
import { audit } from "./auditCommands.ts"
import { confirm, predict } from "./bridgeCommands.ts"
import { json, lazily } from "./commandParts.ts"
import { data } from "./dataCommands.ts"
import { explore } from "./exploreCommands.ts"
import { derive, landscape, order, twins } from "./landscapeCommands.ts"
import { compare, evaluate, explain, exportLoss, map, names } from "./lossCommands.ts"
import { validate, verify } from "./propertyCommands.ts"
import { query } from "./queryCommands.ts"
import { cancel, figures, logs, run, status } from "./runCommands.ts"
import { interval, neighbourhood } from "./searchCommands.ts"
import { simplex } from "./surfaceCommands.ts"

const doctor = Command.make(
  "doctor",
  { json },
  lazily(() => import("./commands/doctor.ts"))
).pipe(
  Command.withDescription("Say what this machine can run: Node, engines, packages"),
  Command.withExamples([{ command: "losslattice doctor --json", description: "For a bug report" }])
)

/** The program. */
export const losslattice = Command.make("losslattice").pipe(
  Command.withDescription(
    "Compare the loss landscapes of preference learning: losses as logic, exact properties, bandits, finetuning"
  ),
  Command.withSubcommands([
    explain,
    evaluate,
    compare,
    names,
    order,
    landscape,
    twins,
    map,
    simplex,
    neighbourhood,
    interval,
    validate,
    verify,
    derive,
    predict,
    run,
    confirm,
    data,
    figures,
    status,
    cancel,
    logs,
    query,
    explore,
    exportLoss,
    audit,
    doctor
  ])
)
