/** @file The commands that run studies and look after their run folders. */
import { Argument, Command, Flag } from "effect/cli"
import { exampleRun, json, lazily } from "./commandParts.ts"

const runFolder = Argument.String("run").pipe(Argument.withDescription("A run folder, runs/<study>/<config-hash>"))

/** `run`. */
export const run = Command.make(
  "run",
  {
    config: Argument.String("config").pipe(Argument.withDescription("A study file, YAML")),
    overrides: Argument.String("key=value").pipe(
      Argument.withDescription("Settings to override, dotted: bandit.steps=200 seeds=1,2"),
      Argument.variadic()
    ),
    out: Flag.String("out").pipe(Flag.withDescription("Folder for run folders (default: runs)"), Flag.optional),
    small: Flag.Boolean("small").pipe(Flag.withDescription("Use the study's quick profile"), Flag.withDefault(false)),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDescription("Print the cells and what is cached; run nothing"),
      Flag.withDefault(false)
    ),
    fresh: Flag.Boolean("fresh").pipe(
      Flag.withDescription("Recompute everything, ignoring caches"),
      Flag.withDefault(false)
    ),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription("Finetune losses that the selection refused; recorded in the run"),
      Flag.withDefault(false)
    ),
    workers: Flag.Int("workers").pipe(Flag.withDescription("Worker threads (default: one per core)"), Flag.optional)
  },
  lazily(() => import("./commands/run.ts"))
).pipe(
  Command.withDescription("Run a study; the same command again resumes it. The last line on stdout is the run folder"),
  Command.withExamples([
    { command: "losslattice run configs/quickstart.yaml", description: "The main job" },
    {
      command: "losslattice run configs/sentiment.yaml --small seeds=1,2",
      description: "A quick profile with two seeds"
    }
  ])
)

/** `figures`. */
export const figures = Command.make(
  "figures",
  {
    run: runFolder,
    check: Flag.Boolean("check").pipe(
      Flag.withDescription("Change nothing; exit 1 if any byte differs"),
      Flag.withDefault(false)
    )
  },
  lazily(() => import("./commands/figures.ts"))
).pipe(
  Command.withDescription("Draw every figure of a run again from its records"),
  Command.withExamples([
    { command: `losslattice figures ${exampleRun}`, description: "Write the figures again" },
    {
      command: `losslattice figures ${exampleRun} --check`,
      description: "Are they what the records give, byte by byte?"
    }
  ])
)

/** `status`. */
export const status = Command.make(
  "status",
  { run: runFolder, json },
  lazily(() => import("./commands/status.ts"))
).pipe(
  Command.withDescription("Say where a run stands"),
  Command.withExamples([
    { command: `losslattice status ${exampleRun}`, description: "Its stages, with times and failures" }
  ])
)

/** `cancel`. */
export const cancel = Command.make(
  "cancel",
  { run: runFolder },
  lazily(() => import("./commands/cancel.ts"))
).pipe(
  Command.withDescription("Stop a run that is going on; finished work is kept"),
  Command.withExamples([
    { command: `losslattice cancel ${exampleRun}`, description: "The same `run` command goes on from there" }
  ])
)

/** `logs`. */
export const logs = Command.make(
  "logs",
  {
    run: runFolder,
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDescription("Keep printing as the run goes on"),
      Flag.withDefault(false)
    ),
    job: Flag.String("job").pipe(
      Flag.withDescription("Print instead what the worker of a job wrote; `status` names the jobs"),
      Flag.optional
    )
  },
  lazily(() => import("./commands/logs.ts"))
).pipe(
  Command.withDescription("Print the log of a run"),
  Command.withExamples([{ command: `losslattice logs ${exampleRun} --follow`, description: "Watch a run" }])
)
