/** @file The commands that prove and refute, and that check proofs. */
import { Argument, Command, Flag } from "effect/cli"
import { json, lazily, lossArgument } from "./commandParts.ts"

const seed = Flag.Int("seed").pipe(Flag.withDescription("Seed of every random choice"), Flag.withDefault(0))

/** `validate`. */
export const validate = Command.make(
  "validate",
  {
    loss: lossArgument("loss"),
    more: Argument.String("property").pipe(
      Argument.withDescription("Further property ids, after --property"),
      Argument.variadic()
    ),
    property: Flag.String("property").pipe(
      Flag.withDescription("A property id or name (P9, chosen-safe), several separated by commas; default: all"),
      Flag.atLeast(0)
    ),
    runs: Flag.Int("runs").pipe(Flag.withDescription("Random cases a property is tried on"), Flag.withDefault(100)),
    seed,
    expect: Flag.String("expect").pipe(
      Flag.withDescription("JSON or YAML file, property → verdict; a disagreement ends with exit code 1"),
      Flag.optional
    ),
    workers: Flag.Int("workers").pipe(
      Flag.withDescription("Threads; default: all cores once the work has taken a while. Results do not depend on it"),
      Flag.optional
    ),
    writeExpect: Flag.String("write-expect").pipe(
      Flag.withDescription("Write the verdicts, with the loss's own temperature and slope, as a file for --expect"),
      Flag.optional
    ),
    writeTest: Flag.String("write-test").pipe(
      Flag.withDescription("Write the counterexamples as a Vitest file that tries them again"),
      Flag.optional
    ),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription("Replace files that have other content"),
      Flag.withDefault(false)
    ),
    json
  },
  lazily(() => import("./commands/validate.ts"))
).pipe(
  Command.withDescription(
    "Prove or refute the properties of a loss; what cannot be decided is tried on random bandits"
  ),
  Command.withExamples([
    { command: "losslattice validate uncpo", description: "Every property" },
    {
      command: "losslattice validate uncpo --property P9 --seed 7",
      description: "Can the chosen answer's log-probability fall?"
    },
    {
      command: "losslattice validate dpo --write-expect dpo.json",
      description: "The verdicts of the loss that is meant, for --expect on a program that should be it"
    },
    {
      command: "losslattice validate uncpo --property P9 --write-test uncpo.test.ts",
      description: "The counterexample as a test"
    }
  ])
)

/** `verify`. */
export const verify = Command.make(
  "verify",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("What compare, validate or explain --certificates wrote with --json")
    ),
    json
  },
  lazily(() => import("./commands/verify.ts"))
).pipe(
  Command.withDescription("Check every certificate and witness in a document again, by the small checker alone"),
  Command.withExamples([
    {
      command: "losslattice compare cpo_core uncpo --json > order.json && losslattice verify order.json",
      description: "Exit 0 when all hold, 1 with the first that does not, 2 when it is no such document"
    }
  ])
)
