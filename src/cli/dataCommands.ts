/** @file The commands about preference data. */
import { Argument, Command, Flag } from "effect/cli"
import { json, lazily } from "./commandParts.ts"

const check = Command.make(
  "check",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("Preference data: a .parquet file, or JSON lines (docs/data.md has the layouts)")
    ),
    model: Flag.String("model").pipe(
      Flag.withDescription("Count tokens too: a model folder, a hub id or a .gguf file (needs Python)"),
      Flag.optional
    ),
    json
  },
  lazily(() => import("./commands/dataCheck.ts"))
).pipe(
  Command.withDescription("Say what a file of preference data holds and what a trainer would refuse in it"),
  Command.withExamples([
    { command: "losslattice data check pairs.jsonl", description: "Lengths, repetitions, shared beginnings, scores" },
    {
      command: "losslattice data check pairs.parquet --model assets/reference/sotu-0.2m",
      description: "With token lengths, and what does not fit the model"
    }
  ])
)

/** `data`. */
export const data = Command.make("data").pipe(
  Command.withDescription("Look at preference data before training on them"),
  Command.withExamples([{ command: "losslattice data check pairs.jsonl", description: "Look at a file of pairs" }]),
  Command.withSubcommands([check])
)
