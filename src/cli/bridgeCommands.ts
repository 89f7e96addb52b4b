/** @file The commands between bandits and language models: predictions, and what finetuning made of them. */
import { Argument, Command, Flag } from "effect/cli"
import { exampleRun, json, lazily } from "./commandParts.ts"

/** `predict`. */
export const predict = Command.make(
  "predict",
  {
    losses: Argument.String("loss").pipe(
      Argument.withDescription("Losses (docs/contract.md, Naming a loss); every two of them are compared, too"),
      Argument.variadic({ min: 1 })
    ),
    environment: Flag.String("environment").pipe(
      Flag.withDescription("Bandits to ask, separated by commas: clean, sparse, low-rank"),
      Flag.withDefault("clean,sparse,low-rank")
    ),
    seeds: Flag.Int("seeds").pipe(Flag.withDescription("Runs of each loss on each bandit"), Flag.withDefault(8)),
    out: Flag.String("out").pipe(Flag.withDescription("File of predictions to write, for `confirm`"), Flag.optional),
    json
  },
  lazily(() => import("./commands/predict.ts"))
).pipe(
  Command.withDescription(
    "Predict what finetuning with a loss does, from what is proved of it and what it does on bandits"
  ),
  Command.withExamples([
    {
      command: "losslattice predict cpo_core ccpo uncpo --out predictions.json",
      description: "Does the chosen answer fall, does mass escape, which class, which loss ends lower?"
    }
  ])
)

/** `confirm`. */
export const confirm = Command.make(
  "confirm",
  {
    predictions: Argument.String("predictions").pipe(Argument.withDescription("A file that `predict --out` wrote")),
    run: Argument.String("run").pipe(
      Argument.withDescription("A run folder with finetuning, runs/<study>/<config-hash>")
    ),
    out: Flag.String("out").pipe(Flag.withDescription("File to write every line with its end to"), Flag.optional),
    json
  },
  lazily(() => import("./commands/confirm.ts"))
).pipe(
  Command.withDescription("Mark each prediction confirmed, refuted or untested by a finetuning study's records"),
  Command.withExamples([
    { command: `losslattice confirm predictions.json ${exampleRun}`, description: "Line by line, with intervals" }
  ])
)
