/** Every environment, by the `kind` of its specification. One more environment: its file, and its schema and
 * itself in the two lists here. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import type { Environment } from "../environment.ts"
import { BanditSpecError } from "../errors.ts"
import { bestOfNEnvironment } from "./bestOfN.ts"
import { bradleyTerryEnvironment } from "./bradleyTerry.ts"
import { copgEnvironment } from "./copg.ts"
import { coverageEnvironment } from "./coverage.ts"
import { cyclicEnvironment } from "./cyclic.ts"
import { deterministicEnvironment } from "./deterministic.ts"
import { dispreferredEnvironment } from "./dispreferred.ts"
import { domainsEnvironment } from "./domains.ts"
import { lowRankEnvironment } from "./lowRank.ts"
import { lowRankPairsEnvironment } from "./lowRankPairs.ts"
import { multiObjectiveEnvironment } from "./multiObjective.ts"
import { noiseEnvironment } from "./noise.ts"
import type { Coverage } from "./options.ts"
import { overOptimisationEnvironment } from "./overOptimisation.ts"
import { rewardConditionedEnvironment } from "./rewardConditioned.ts"
import { shiftedLabelsEnvironment } from "./shiftedLabels.ts"
import { sparseEnvironment } from "./sparse.ts"
import { tiesEnvironment } from "./ties.ts"
import { treeEnvironment } from "./tree.ts"
import { unseenEnvironment } from "./unseen.ts"

/** The kinds that stand for themselves. */
const plain = [
  bradleyTerryEnvironment.schema,
  copgEnvironment.schema,
  deterministicEnvironment.schema,
  sparseEnvironment.schema,
  lowRankEnvironment.schema,
  cyclicEnvironment.schema,
  treeEnvironment.schema,
  shiftedLabelsEnvironment.schema,
  dispreferredEnvironment.schema,
  multiObjectiveEnvironment.schema,
  overOptimisationEnvironment.schema,
  bestOfNEnvironment.schema,
  domainsEnvironment.schema,
  lowRankPairsEnvironment.schema,
  rewardConditionedEnvironment.schema,
  unseenEnvironment.schema
] as const

/**
 * JSON description of an environment: `kind` and the options of that kind. The wrappers `noise`, `coverage` and `ties` change
 * what the environment described under `of` shows, another wrapper perhaps.
 */
export type EnvironmentSpec =
  | (typeof plain)[number]["Type"]
  // Spelled out: an interface would not be plain JSON to the compiler, an alias not recursive.
  | { readonly kind: "noise"; readonly rate: number; readonly of: EnvironmentSpec }
  | { readonly kind: "coverage"; readonly keep: Coverage; readonly of: EnvironmentSpec }
  | { readonly kind: "ties"; readonly rate: number; readonly as?: "coin" | "dropped"; readonly of: EnvironmentSpec }

const inner = Schema.suspend((): Schema.Codec<EnvironmentSpec> => EnvironmentSpec)

export const EnvironmentSpec: Schema.Codec<EnvironmentSpec> = Schema.Union([
  ...plain,
  noiseEnvironment.schema(inner),
  coverageEnvironment.schema(inner),
  tiesEnvironment.schema(inner)
]).annotate({ identifier: "Environment" })

/** Name of an environment. */
export type EnvironmentKind = EnvironmentSpec["kind"]

/** What the registry knows of one kind. */
export interface EnvironmentDefinition<K extends EnvironmentKind> {
  readonly id: K
  /** What it is, in a few words. */
  readonly title: string
  /** @param inner builds what a wrapper wraps */
  readonly make: (
    spec: Extract<EnvironmentSpec, { readonly kind: K }>,
    rng: Rng,
    inner: (spec: EnvironmentSpec, rng: Rng) => Environment
  ) => Environment
}

/** Every environment by its kind. */
export const environments: { readonly [K in EnvironmentKind]: EnvironmentDefinition<K> } = {
  "bradley-terry": bradleyTerryEnvironment,
  copg: copgEnvironment,
  deterministic: deterministicEnvironment,
  sparse: sparseEnvironment,
  "low-rank": lowRankEnvironment,
  cyclic: cyclicEnvironment,
  tree: treeEnvironment,
  "shifted-labels": shiftedLabelsEnvironment,
  dispreferred: dispreferredEnvironment,
  "multi-objective": multiObjectiveEnvironment,
  "over-optimisation": overOptimisationEnvironment,
  "best-of-n": bestOfNEnvironment,
  domains: domainsEnvironment,
  "low-rank-pairs": lowRankPairsEnvironment,
  "reward-conditioned": rewardConditionedEnvironment,
  unseen: unseenEnvironment,
  noise: noiseEnvironment,
  coverage: coverageEnvironment,
  ties: tiesEnvironment
}

/**
 * Builds an environment. What an environment draws (rewards, reference, features) comes from `rng` alone, and what is inside a
 * wrapper draws the same as by itself.
 * @throws BanditSpecError when a wrapper asks for what the environment inside cannot show; {@link environmentOf} has it as a value
 * @throws RangeError when the specification did not come through {@link EnvironmentSpec} and is inconsistent
 */
export const makeEnvironment = <K extends EnvironmentKind>(
  spec: Extract<EnvironmentSpec, { readonly kind: K }>,
  rng: Rng
): Environment => (environments[spec.kind as K] as EnvironmentDefinition<K>).make(spec, rng, insideOf)

/** What a wrapper wraps; what is wrong with it is at `of`. */
const insideOf = (spec: EnvironmentSpec, rng: Rng): Environment => {
  try {
    return makeEnvironment(spec, rng)
  } catch (error) {
    if (!(error instanceof BanditSpecError)) throw error
    throw new BanditSpecError({ issues: error.issues.map((issue) => issue.replace(/^environment/, "environment.of")) })
  }
}

/** {@link makeEnvironment}, failing with what is wrong with the specification. */
export const environmentOf = (spec: EnvironmentSpec, rng: Rng): Result.Result<Environment, BanditSpecError> =>
  Result.try({
    try: () => makeEnvironment(spec, rng),
    catch: (error) => {
      if (error instanceof BanditSpecError) return error
      // Numbers too large for double precision show only in the tables made of them.
      if (error instanceof RangeError) return new BanditSpecError({ issues: [`environment: ${error.message}`] })
      throw error
    }
  })
