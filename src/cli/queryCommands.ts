/** @file The command that asks run folders: name, arguments, flags, help and examples. */
import { Argument, Command, Flag } from "effect/cli"
import { exampleRun, json, lazily } from "./commandParts.ts"

/** `query`. */
export const query = Command.make(
  "query",
  {
    words: Argument.String("run").pipe(
      Argument.withDescription(
        'Runs: run folders, folders of runs, studies or study/hash-prefix in --runs; then the statement, "select …" (none: list the tables)'
      ),
      Argument.variadic({ min: 1 })
    ),
    runs: Flag.String("runs").pipe(
      Flag.withDescription("Folder in which studies are looked up (default: runs)"),
      Flag.withDefault("runs")
    ),
    format: Flag.Literals("format", ["table", "csv", "json", "parquet"]).pipe(
      Flag.withDescription("Form of the result (default: what --out ends in, else table)"),
      Flag.optional
    ),
    out: Flag.String("out").pipe(Flag.withDescription("File to write the result to; parquet needs one"), Flag.optional),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription("Replace the file of --out if it is there with other content"),
      Flag.withDefault(false)
    ),
    json
  },
  lazily(() => import("./commands/query.ts"))
).pipe(
  Command.withDescription("Ask the records of any number of runs in SQL (docs/query.md); reads nothing else"),
  Command.withExamples([
    {
      command: `losslattice query ${exampleRun} "select loss, avg(regret) as regret from bandit where final group by loss order by regret"`,
      description: "Where do the losses end on the bandits?"
    },
    {
      command:
        'losslattice query quickstart sentiment "select study, loss, mean, low, high from summary" --out summary.parquet',
      description: "One file from all runs of two studies; without a statement it lists the tables"
    }
  ])
)
