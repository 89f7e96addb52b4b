/** @file The command that audits code of others. */
import { Argument, Command, Flag } from "effect/cli"
import { json, lazily } from "./commandParts.ts"

/** `audit`. */
export const audit = Command.make(
  "audit",
  {
    target: Argument.String("target").pipe(
      Argument.withDescription("path/file.py:function (or :Class), or trl:trainer?setting=value of the installed TRL")
    ),
    against: Flag.String("against").pipe(Flag.withDescription("The loss it should be: a LOSS")),
    adapter: Flag.String("adapter").pipe(
      Flag.withDescription("Which argument is which: a JSON or YAML file, or the JSON itself"),
      Flag.optional
    ),
    dtype: Flag.Literals("dtype", ["both", "float64", "float32"]).pipe(
      Flag.withDescription("Type of the tensors that it is called with"),
      Flag.withDefault("both" as const)
    ),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of the inputs"), Flag.withDefault(0)),
    json
  },
  lazily(() => import("./commands/audit.ts"))
).pipe(
  Command.withDescription(
    "Compare a PyTorch loss of your own, or of TRL, with a loss: values, gradients, likely causes"
  ),
  Command.withExamples([
    { command: "losslattice audit my_dpo.py:dpo_loss --against dpo", description: "Is this DPO?" },
    { command: 'losslattice audit "trl:dpo?loss_type=ipo" --against ipo_norm', description: "TRL's own code" },
    {
      command: `losslattice audit f.py:g --against "ipo?tau=0.2" --adapter '{"a": "lw-ll", "b": "rw-rl", "t": "tau"}'`,
      description: "Arguments with names of their own"
    }
  ])
)
