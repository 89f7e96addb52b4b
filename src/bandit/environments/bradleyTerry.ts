/**
 * Bradley–Terry bandit: rewards given or drawn, labels P(a ≻ b) = σ((R(a) - R(b)) / temperature).
 *
 * Gold reward: R itself. With mu the behaviour policy, pairs are (y, y') ~ mu × mu, y ≠ y'. The last `unseen` arms are
 * never compared, though the reference gives them mass. With temperature 1 the population optimum of DPO at `beta` is
 * the KL-regularised optimum π_ref exp(R / beta).
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Arms, Contexts, Distribution, NonNegative, Positive, shapeIssues, Table } from "./options.ts"
import { drawnPolicy, flatTable, normaliseRowsInPlace, normals, rowsOfTable, uniform } from "./tables.ts"

const fields = Schema.Struct({
  kind: Schema.Literal("bradley-terry"),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default: the length of `rewards`, else 10." }),
  contexts: Schema.optionalKey(Contexts).annotateKey({
    description: "Default: the number of rows of `rewards`, else 1."
  }),
  rewards: Schema.optionalKey(Table).annotateKey({
    description: "Gold rewards; default: drawn from N(0, rewardScale²)."
  }),
  rewardScale: Schema.optionalKey(NonNegative).annotateKey({ description: "Default 1." }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({ description: "Default 1; 0 makes labels deterministic." }),
  reference: Schema.optionalKey(
    Schema.Union([Schema.Literals(["uniform", "normal", "zipf"]), Distribution])
  ).annotateKey({ description: "π_ref, given or drawn. Default `uniform`." }),
  referenceScale: Schema.optionalKey(NonNegative).annotateKey({
    description: "Standard deviation of the normal logits, exponent of Zipf's law. Default 1."
  }),
  behaviour: Schema.optionalKey(Schema.Union([Schema.Literals(["uniform", "reference"]), Distribution])).annotateKey({
    description: "Who proposes the pairs. Default `uniform`."
  }),
  unseen: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))).annotateKey({
    description: "Number of arms (the last ones) that are never compared. Default 0."
  }),
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

const sizeOf = (spec: typeof fields.Type): { readonly contexts: number; readonly arms: number } => {
  const rows = spec.rewards === undefined ? undefined : rowsOfTable(spec.rewards)
  return {
    contexts: spec.contexts ?? (rows === undefined ? 1 : Math.max(1, rows.length)),
    arms: spec.arms ?? rows?.[0]?.length ?? 10
  }
}

const tableIssues = (name: string, table: Table | string | undefined, contexts: number, arms: number) =>
  table === undefined || typeof table === "string" ? [] : shapeIssues(name, table, contexts, arms)

/** Options, all but `kind` optional. */
export const BradleyTerryOptions = fields.check(
  Schema.makeFilter((spec) => {
    const { contexts, arms } = sizeOf(spec)
    const unseen = spec.unseen ?? 0
    return [
      ...(arms < 2 ? [{ path: ["rewards"], issue: "a bandit needs at least two arms" }] : []),
      ...tableIssues("rewards", spec.rewards, contexts, arms),
      ...tableIssues("reference", spec.reference, contexts, arms),
      ...tableIssues("behaviour", spec.behaviour, contexts, arms),
      ...(unseen <= arms - 2 ? [] : [{ path: ["unseen"], issue: `unseen must leave two of ${arms} arms to compare` }])
    ]
  })
)
export type BradleyTerryOptions = typeof BradleyTerryOptions.Type

/** Tables of the environment, in the order rewards, reference of one random stream each. */
export const makeBradleyTerry = (spec: BradleyTerryOptions, rng: Rng): Environment => {
  const { contexts, arms } = sizeOf(spec)
  const reward =
    spec.rewards === undefined
      ? normals(contexts * arms, spec.rewardScale ?? 1, rng.split("rewards"))
      : flatTable(spec.rewards, contexts, arms)
  const { reference: choice = "uniform", referenceScale = 1 } = spec
  const reference =
    typeof choice === "string"
      ? drawnPolicy(choice, contexts, arms, referenceScale, rng.split("reference"))
      : given(choice, contexts, arms)
  const behaviour = behaviourTable(spec.behaviour ?? "uniform", reference, arms)
  const unseen = spec.unseen ?? 0
  for (let i = 0; i < behaviour.length; i++) if (i % arms >= arms - unseen) behaviour[i] = 0
  normaliseRowsInPlace(behaviour, arms)
  return checkedEnvironment({
    id: "bradley-terry",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference: bradleyTerry(reward, arms, spec.temperature ?? 1),
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical: false },
    beta: spec.beta ?? 1
  })
}

const given = (table: Distribution, contexts: number, arms: number): Float64Array =>
  normaliseRowsInPlace(flatTable(table, contexts, arms), arms)

/** A fresh table: unseen arms are taken out of it. */
const behaviourTable = (
  choice: Distribution | "uniform" | "reference",
  reference: Float64Array,
  arms: number
): Float64Array => {
  const contexts = reference.length / arms
  if (choice === "uniform") return uniform(contexts, arms)
  return choice === "reference" ? Float64Array.from(reference) : given(choice, contexts, arms)
}

export const bradleyTerryEnvironment = {
  id: "bradley-terry",
  title: "Bradley–Terry preferences over given or drawn rewards",
  schema: BradleyTerryOptions,
  make: makeBradleyTerry
} as const
