/** @file The command on landscapes in policy space: name, arguments, flags, help and examples. */
import { Argument, Command, Flag } from "effect/cli"
import { json, lazily } from "./commandParts.ts"

/** `simplex`. */
export const simplex = Command.make(
  "simplex",
  {
    losses: Argument.String("loss").pipe(
      Argument.withDescription("Losses to set side by side (docs/contract.md, Naming a loss)"),
      Argument.variadic({ min: 1 })
    ),
    environment: Flag.String("environment").pipe(
      Flag.withDescription(
        "A three-armed world: a kind such as cyclic, or its settings in YAML (default: {kind: bradley-terry, rewards: [2, 1, 0], reference: [0.2, 0.3, 0.5]})"
      ),
      Flag.optional
    ),
    starts: Flag.Int("starts").pipe(
      Flag.withDescription("Starts of flows along a side of the triangle (default: 8, which makes 36)"),
      Flag.withDefault(8)
    ),
    out: Flag.String("out").pipe(
      Flag.withDescription("Where to draw the triangles: a name ending in .svg, .pdf or .png"),
      Flag.optional
    ),
    json
  },
  lazily(() => import("./commands/simplex.ts"))
).pipe(
  Command.withDescription("Losses over all policies of a three-armed world: minima, escapes, basins"),
  Command.withExamples([
    { command: "losslattice simplex dpo ipo uncpo --out triangles.svg", description: "Three triangles on one scale" },
    {
      command: 'losslattice simplex "npo?beta=1" --environment cyclic --json',
      description: "Where gradient flow ends, and from how many starts"
    }
  ])
)
