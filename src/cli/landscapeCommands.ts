/** @file The commands about all losses over some propositions: counts, order, relative twins, and queries. */
import { Argument, Command, Flag } from "effect/cli"
import { json, lazily } from "./commandParts.ts"

/** `landscape`. */
export const landscape = Command.make(
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

/** `order`. */
export const order = Command.make(
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

/** `twins`. */
export const twins = Command.make(
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

/** `derive`. */
export const derive = Command.make(
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
