/** @file The commands that search a landscape: names, arguments, flags, help and examples. */
import { Command, Flag } from "effect/cli"
import { json, lazily, lossArgument } from "./commandParts.ts"

/** Flags of the commands that search a landscape. */
const searching = {
  propositions: Flag.String("propositions").pipe(
    Flag.withDescription("Further propositions to search over, separated by commas, six at most in all"),
    Flag.optional
  ),
  require: Flag.String("require").pipe(
    Flag.withDescription("Exact properties that must be proved, by name or number, separated by commas"),
    Flag.atLeast(0)
  ),
  distinct: Flag.Boolean("distinct").pipe(
    Flag.withDescription("One structure of each loss: structures with the same ratio count once"),
    Flag.withDefault(false)
  ),
  count: Flag.Boolean("count").pipe(
    Flag.withDescription("Count them, exactly, instead of listing them"),
    Flag.withDefault(false)
  ),
  limit: Flag.Int("limit").pipe(Flag.withDescription("Stop after this many"), Flag.optional),
  json
}

/** `neighbourhood`. */
export const neighbourhood = Command.make(
  "neighbourhood",
  {
    loss: lossArgument("loss"),
    distance: Flag.Int("distance").pipe(
      Flag.withDescription("Row marks that may differ: a tick or a cross more or less is one (default: 3)"),
      Flag.withDefault(3)
    ),
    order: Flag.Literals("order", ["up", "down", "any"]).pipe(
      Flag.withDescription("up: only what the loss entails; down: only what entails it"),
      Flag.withDefault("any" as const)
    ),
    ...searching
  },
  lazily(() => import("./commands/neighbourhood.ts"))
).pipe(
  Command.withDescription("List all losses a few row changes away from one, with exact properties, nearest first"),
  Command.withExamples([
    { command: "losslattice neighbourhood dpo", description: "The 5,489 structures within three row changes" },
    {
      command: "losslattice neighbourhood cpo_core --distance 2 --require strictly-monotone --distinct",
      description: "Strictly monotone losses near CPO, each once"
    },
    {
      command: "losslattice neighbourhood dpo --distance 1 --order up",
      description: "The upper covers of DPO: one mark more for the chosen answer"
    }
  ])
)

/** `interval`. */
export const interval = Command.make(
  "interval",
  {
    lower: lossArgument("lower"),
    upper: lossArgument("upper"),
    ...searching
  },
  lazily(() => import("./commands/interval.ts"))
).pipe(
  Command.withDescription(
    "List or count all losses between two in the entailment order; bottom and top stand for its ends"
  ),
  Command.withExamples([
    { command: "losslattice interval orpo_seq uncpo", description: "What ORPO entails that entails unCPO" },
    {
      command:
        'losslattice interval bottom top --propositions "Ref(w),Ref(l)" --require strictly-monotone,swap-antisymmetric --distinct --count',
      description: "How many losses over four propositions are strictly monotone and treat the pair fairly"
    }
  ])
)
