/** @file The commands about one loss or two: what they are, their values, their maps, and their code. */
import { Command, Flag } from "effect/cli"
import { json, lazily, lossArgument } from "./commandParts.ts"

/** `explain`. */
export const explain = Command.make(
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

/** `eval`. */
export const evaluate = Command.make(
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

/** `compare`. */
export const compare = Command.make(
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

/** `names`. */
export const names = Command.make(
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

/** `map`. */
export const map = Command.make(
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

/** `export`. */
export const exportLoss = Command.make(
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
