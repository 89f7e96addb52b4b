/** @file The command that shows the page: name, arguments, flags, help and examples. */
import { Argument, Command, Flag } from "effect/cli"
import { exampleRun, lazily } from "./commandParts.ts"

/** `explore`. */
export const explore = Command.make(
  "explore",
  {
    words: Argument.String("run").pipe(
      Argument.withDescription(
        "Runs to browse: run folders, folders of runs, studies or study/hash-prefix in --runs (none: the landscape alone)"
      ),
      Argument.variadic()
    ),
    runs: Flag.String("runs").pipe(
      Flag.withDescription("Folder in which studies are looked up (default: runs)"),
      Flag.withDefault("runs")
    ),
    port: Flag.Int("port").pipe(
      Flag.withDescription("Port on 127.0.0.1; 0: any that is free (default: 8250)"),
      Flag.withDefault(8250)
    ),
    noOpen: Flag.Boolean("no-open").pipe(
      Flag.withDescription("Print the address; open no browser"),
      Flag.withDefault(false)
    ),
    build: Flag.String("build").pipe(
      Flag.withDescription("Write the page with the runs into this folder instead, to be hosted or opened from disk"),
      Flag.optional
    ),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription("Write into the folder of --build even if something is in it"),
      Flag.withDefault(false)
    )
  },
  lazily(() => import("./commands/explore.ts"))
).pipe(
  Command.withDescription(
    "Look at the landscape and at runs in the browser: lattice, losses, bandits, records (docs/explorer.md)"
  ),
  Command.withExamples([
    { command: `losslattice explore ${exampleRun}`, description: "The page with one run, on this machine alone" },
    { command: "losslattice explore quickstart --build site", description: "A folder that any web server can host" }
  ])
)
