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

/**
 * - `tabular`: a logit per answer;
 * - `linear`: logits = W h(x), with `trainFeatures` (default true) h is trained too;
 * - `tree`: a logit per (prefix, token) of the environment's token tree, or per (position, token) with `sharing: depth`;
 * - `mlp`: one tanh layer of `hidden` units (default 16) over the context's number or, with `inputs: features`, its vector.
 */
export const PolicySpec = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("tabular") }),
  Schema.Struct({
    kind: Schema.Literal("linear"),
    dimension: Schema.optionalKey(Width),
    trainFeatures: Schema.optionalKey(Schema.Boolean)
  }),
  Schema.Struct({
    kind: Schema.Literal("tree"),
    sharing: Schema.optionalKey(Schema.Literals(["none", "depth"]))
  }),
  Schema.Struct({
    kind: Schema.Literal("mlp"),
    hidden: Schema.optionalKey(Width),
    inputs: Schema.optionalKey(Schema.Literals(["one-hot", "features"]))
  })
])
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
