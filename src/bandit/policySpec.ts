/** Policies as JSON: which one a cell trains, and the policy itself in an environment. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Rng } from "../random/rng.ts"
import type { Environment } from "./environment.ts"
import { BanditSpecError } from "./errors.ts"
import { mlpPolicy } from "./mlpPolicy.ts"
import { linearPolicy, type Policy, tabularPolicy } from "./policy.ts"
import { treePolicy } from "./treePolicy.ts"

const Width = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))

/** What is trained, by kind. */
export const PolicySpec = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("tabular") }).annotate({ description: "A logit per answer." }),
  Schema.Struct({
    kind: Schema.Literal("linear"),
    dimension: Schema.optionalKey(Width).annotateKey({
      description: "Length of the vectors where the environment has none of its own. Default 3."
    }),
    trainFeatures: Schema.optionalKey(Schema.Boolean).annotateKey({
      description: "Whether h is trained too. Default true."
    })
  }).annotate({ description: "Logits W h(x)." }),
  Schema.Struct({
    kind: Schema.Literal("tree"),
    sharing: Schema.optionalKey(Schema.Literals(["none", "depth"])).annotateKey({
      description: "`depth`: a logit per position and token instead. Default `none`."
    })
  }).annotate({ description: "A logit per prefix and token of the environment's token tree." }),
  Schema.Struct({
    kind: Schema.Literal("mlp"),
    hidden: Schema.optionalKey(Width).annotateKey({ description: "Units of the layer. Default 16." }),
    inputs: Schema.optionalKey(Schema.Literals(["one-hot", "features"])).annotateKey({
      description: "The context's number (default) or its vector."
    })
  }).annotate({ description: "One tanh layer over the context." })
]).annotate({ identifier: "Policy" })
export type PolicySpec = typeof PolicySpec.Type

const refusal = (issue: string) => Result.fail(new BanditSpecError({ issues: [issue] }))

/** The policy at its start, π_ref. Fails for one that the environment cannot carry. */
export const makePolicy = (
  spec: PolicySpec,
  environment: Environment,
  rng: Rng
): Result.Result<Policy, BanditSpecError> => {
  switch (spec.kind) {
    case "tabular":
      return Result.succeed(tabularPolicy(environment))
    case "linear":
      return Result.succeed(linearPolicy(environment, spec, rng))
    case "tree":
      return environment.tree === undefined
        ? refusal(`policy.kind: tree needs an environment with a token tree; ${environment.id} has none`)
        : Result.succeed(treePolicy(environment, spec))
    case "mlp":
      return spec.inputs === "features" && environment.features === undefined
        ? refusal(`policy.inputs: features needs an environment with context vectors; ${environment.id} has none`)
        : Result.succeed(mlpPolicy(environment, spec, rng))
  }
}
