/** In which order a query returns what it found: by what is known of the losses, or by what they do on bandits. */
import * as Schema from "effect/Schema"
import { defaulted } from "./defaulted.ts"
import { outcomeFields } from "./outcome.ts"
import { Objective } from "./pareto.ts"

/** `outcome`: one number, the mean over seeds. `pareto`: fronts of several outcomes, see pareto.ts. */
export const RankBy = Schema.Union([
  Schema.Literals(["distance", "constrainedness", "name"]),
  Schema.Struct({
    outcome: outcomeFields.outcome,
    direction: defaulted(Schema.Literals(["max", "min"]), "max"),
    environment: defaulted(outcomeFields.environment, { kind: "bradley-terry", arms: 8 }),
    learningRate: defaulted(outcomeFields.learningRate, 0.02),
    steps: defaulted(outcomeFields.steps, 200),
    seeds: defaulted(outcomeFields.seeds, [0, 1, 2])
  }),
  Schema.Struct({
    pareto: Schema.NonEmptyArray(Objective),
    learningRate: defaulted(outcomeFields.learningRate, 0.02),
    steps: defaulted(outcomeFields.steps, 1000),
    seeds: defaulted(
      outcomeFields.seeds.check(
        Schema.makeFilter((seeds) => (seeds.length >= 2 ? undefined : "an interval needs at least two seeds"))
      ),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    ),
    alpha: defaulted(Schema.Finite.check(Schema.isBetween({ minimum: 1e-9, maximum: 0.5 })), 0.05).annotateKey({
      description: "Level of every single comparison."
    })
  })
])
