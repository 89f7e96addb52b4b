/**
 * @file The command tree: names, arguments, flags, help and examples. The work of each command is in `commands/<name>.ts`,
 * imported only when that command runs, so that `explain` does not pay for TensorFlow or the figure renderer.
 */
import { Argument, Command, Flag } from "effect/cli"
import { json, lazily, lossArgument } from "./commandParts.ts"
import { interval, neighbourhood } from "./searchCommands.ts"

const runFolder = Argument.String("run").pipe(Argument.withDescription("A run folder, runs/<study>/<config-hash>"))
const exampleRun = "runs/quickstart/3f9c2a71d0be"
const seed = Flag.Int("seed").pipe(Flag.withDescription("Seed of every random choice"), Flag.withDefault(0))

const explain = Command.make(
  "explain",
  {
    loss: lossArgument("loss"),
    certificates: Flag.Boolean("certificates").pipe(
      Flag.withDescription("With --json: the evidence of every exact verdict, for `verify`"),
      Flag.withDefault(false)
    ),
    json
  },
  lazily(() => import("./commands/explain.ts"))
).pipe(
  Command.withDescription("Show what a loss is: formula, truth table, ratio, neighbours in the lattice, properties"),
  Command.withExamples([
    { command: "losslattice explain dpo", description: "The page on DPO" },
    {
      command: 'losslattice explain "ratio:p_w*(1-p_l)/(p_l*(1-p_w))"',
      description: "Which loss has this core ratio? (ORPO)"
    },
    { command: 'losslattice explain "logic:M(l) -> M(w)" --json', description: "A loss written as logic, as JSON" }
  ])
)

const evaluate = Command.make(
  "eval",
  {
    cases: Flag.String("cases").pipe(Flag.withDescription("JSON array of {id | loss, params, inputs}")),
    json
  },
  lazily(() => import("./commands/eval.ts"))
).pipe(
  Command.withDescription("Evaluate losses and both derivatives on given log-probabilities (nats)"),
  Command.withExamples([
    { command: "losslattice eval --cases cases.json --json", description: "[{loss, dlw, dll}] in the same order" },
    {
      command:
        'echo \'[{"id":"dpo","params":{"beta":0.1},"inputs":{"lw":-12,"ll":-14,"rw":-13,"rl":-13}}]\' > cases.json',
      description: "What a case is; test/golden/goldens.json has many more"
    }
  ])
)

const compare = Command.make(
  "compare",
  {
    a: lossArgument("a"),
    b: lossArgument("b"),
    programs: Flag.Boolean("programs").pipe(
      Flag.withDescription("Compare the two losses as functions alone, whether or not they have structures"),
      Flag.withDefault(false)
    ),
    json
  },
  lazily(() => import("./commands/compare.ts"))
).pipe(
  Command.withDescription("Order two losses: entailment, dominance with witness or certificate, meet and join"),
  Command.withExamples([
    { command: "losslattice compare cpo_core uncpo", description: "Does CPO entail unCPO?" },
    { command: "losslattice compare trl.ipo openrlhf.ipo", description: "One name, two losses: where do they differ?" },
    {
      command: "losslattice compare dpo fdpo_js",
      description: "Both read relatively, with the reference in the weights"
    }
  ])
)

const order = Command.make(
  "order",
  {
    propositions: Flag.String("propositions").pipe(
      Flag.withDescription("Separated by commas; three are counted, not listed, and take minutes"),
      Flag.withDefault("M(w),M(l)")
    ),
    among: Flag.Literals("among", ["all", "monotone", "strict", "admissible"]).pipe(
      Flag.withDescription("Which of the losses over them"),
      Flag.withDefault("strict" as const)
    ),
    json
  },
  lazily(() => import("./commands/order.ts"))
).pipe(
  Command.withDescription(
    "The true order of losses (rho never larger): covers, chains, and where it is finer than entailment"
  ),
  Command.withExamples([
    { command: "losslattice order --among strict", description: "The strictly monotone losses" },
    { command: "losslattice order --among all --json", description: "All 187, with covers" },
    {
      command: 'losslattice order --propositions "M(w),M(l),Ref(w)"',
      description: "Counts alone: 10.9 million pairs of strictly monotone losses"
    }
  ])
)

const names = Command.make(
  "names",
  {
    of: Flag.String("of").pipe(
      Flag.withDescription("Only the names of losses with this one's core ratio: a LOSS"),
      Flag.optional
    ),
    json
  },
  lazily(() => import("./commands/names.ts"))
).pipe(
  Command.withDescription("Every published and trainers' name of a loss, by classes of equal losses"),
  Command.withExamples([
    { command: "losslattice names", description: "What is the same, whatever it is called" },
    { command: "losslattice names --of dpo", description: "All names whose core ratio is DPO's" }
  ])
)

const landscape = Command.make(
  "landscape",
  {
    propositions: Flag.String("propositions").pipe(
      Flag.withDescription('Propositions, separated by commas, for example "M(w),M(l)"'),
      Flag.withDefault("M(w),M(l)")
    ),
    pairs: Flag.Boolean("pairs").pipe(
      Flag.withDescription("Count comparable pairs of distinct losses too"),
      Flag.withDefault(false)
    ),
    semantics: Flag.Literals("semantics", ["absolute", "relative"]).pipe(
      Flag.withDescription("How literals weigh: (p, 1 - p), or (p, r) with r the reference's probability"),
      Flag.withDefault("absolute" as const)
    ),
    reference: Flag.String("reference").pipe(
      Flag.withDescription("Relative only: count ordered pairs at this one reference probability too, for example 1/2"),
      Flag.optional
    ),
    json
  },
  lazily(() => import("./commands/landscape.ts"))
).pipe(
  Command.withDescription("Count all losses definable over some propositions, exactly"),
  Command.withExamples([
    { command: 'losslattice landscape --propositions "M(w),M(l)" --pairs', description: "The 256 structures" },
    {
      command: "losslattice landscape --semantics relative --pairs",
      description: "With p/r for p/(1-p): what stays by theorem, what is decided anew"
    }
  ])
)

const twins = Command.make(
  "twins",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("All strictly monotone losses over M(w), M(l), not the sixteen of the lattice"),
      Flag.withDefault(false)
    ),
    json
  },
  lazily(() => import("./commands/twins.ts"))
).pipe(
  Command.withDescription("Set each lattice loss beside its relative twin: published as what, with which properties"),
  Command.withExamples([
    { command: "losslattice twins", description: "The sixteen, absolute | relative" },
    { command: "losslattice twins --all --json", description: "All strictly monotone ones, with witnesses" }
  ])
)

const map = Command.make(
  "map",
  {
    loss: lossArgument("loss"),
    axes: Flag.Literals("axes", ["log", "prob"]).pipe(
      Flag.withDescription("Axes: log-probabilities from -6 nats, or probabilities"),
      Flag.withDefault("log" as const)
    ),
    reference: Flag.String("reference").pipe(
      Flag.withDescription("The reference's probabilities of chosen and rejected (default: 0.2,0.4)"),
      Flag.optional
    ),
    lengths: Flag.String("lengths").pipe(
      Flag.withDescription("Token counts of chosen and rejected (default: 1,1)"),
      Flag.optional
    ),
    out: Flag.String("out").pipe(
      Flag.withDescription("Where to draw the map: a name ending in .svg, .pdf or .png"),
      Flag.optional
    ),
    json
  },
  lazily(() => import("./commands/map.ts"))
).pipe(
  Command.withDescription("Map a loss: value, gradient, and where a step moves a response the wrong way"),
  Command.withExamples([
    { command: "losslattice map uncpo --out uncpo.svg", description: "Four panels over (log p_w, log p_l)" },
    {
      command: "losslattice map dpop --axes prob --reference 0.3,0.3 --json",
      description: "In what share of policies a step displaces"
    }
  ])
)

const validate = Command.make(
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
    }
  ])
)

const verify = Command.make(
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

const derive = Command.make(
  "derive",
  {
    config: Argument.String("config").pipe(Argument.withDescription("A query file, YAML or JSON")),
    out: Flag.String("out").pipe(
      Flag.withDescription("Folder for one loss file per result, for explain, studies and training"),
      Flag.optional
    ),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription("Replace files of that folder that have other content"),
      Flag.withDefault(false)
    ),
    json
  },
  lazily(() => import("./commands/derive.ts"))
).pipe(
  Command.withDescription("Find losses that meet a declarative query, or prove that there is none"),
  Command.withExamples([
    {
      command: "losslattice derive configs/derive/novel-antisymmetric.yaml",
      description: "Is there an unpublished one that treats both answers alike?"
    },
    {
      command: "losslattice derive configs/derive/novel-safe.yaml --out losses",
      description: "Write each result as a loss file that a study can use"
    },
    { command: "losslattice derive configs/derive/novel-monotone.yaml", description: "Monotone losses no paper has" }
  ])
)

const run = Command.make(
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

const figures = Command.make(
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

const status = Command.make(
  "status",
  { run: runFolder, json },
  lazily(() => import("./commands/status.ts"))
).pipe(
  Command.withDescription("Say where a run stands"),
  Command.withExamples([
    { command: `losslattice status ${exampleRun}`, description: "Its stages, with times and failures" }
  ])
)

const cancel = Command.make(
  "cancel",
  { run: runFolder },
  lazily(() => import("./commands/cancel.ts"))
).pipe(
  Command.withDescription("Stop a run that is going on; finished work is kept"),
  Command.withExamples([
    { command: `losslattice cancel ${exampleRun}`, description: "The same `run` command goes on from there" }
  ])
)

const logs = Command.make(
  "logs",
  {
    run: runFolder,
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDescription("Keep printing as the run goes on"),
      Flag.withDefault(false)
    )
  },
  lazily(() => import("./commands/logs.ts"))
).pipe(
  Command.withDescription("Print the log of a run"),
  Command.withExamples([{ command: `losslattice logs ${exampleRun} --follow`, description: "Watch a run" }])
)

const exportLoss = Command.make(
  "export",
  {
    loss: lossArgument("loss"),
    to: Flag.Literals("to", ["json", "latex", "pytorch", "trl", "typescript"]).pipe(
      Flag.withDescription("Form to write")
    ),
    out: Flag.String("out").pipe(Flag.withDescription("File to write (default: stdout)"), Flag.optional),
    json
  },
  lazily(() => import("./commands/export.ts"))
).pipe(
  Command.withDescription("Write a loss as code or data that stands alone"),
  Command.withExamples([
    { command: "losslattice export ccpo --to pytorch --out ccpo.py", description: "A PyTorch function" }
  ])
)

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
    neighbourhood,
    interval,
    validate,
    verify,
    derive,
    run,
    figures,
    status,
    cancel,
    logs,
    exportLoss,
    doctor
  ])
)
