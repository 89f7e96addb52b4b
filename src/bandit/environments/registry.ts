/** Every environment, by the `kind` of its specification. One more environment: its file, and its schema and
 * itself in the two lists here. */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import type { Environment } from "../environment.ts"
import { bestOfNEnvironment } from "./bestOfN.ts"
import { bradleyTerryEnvironment } from "./bradleyTerry.ts"
import { copgEnvironment } from "./copg.ts"
import { cyclicEnvironment } from "./cyclic.ts"
import { deterministicEnvironment } from "./deterministic.ts"
import { dispreferredEnvironment } from "./dispreferred.ts"
import { lowRankEnvironment } from "./lowRank.ts"
import { multiObjectiveEnvironment } from "./multiObjective.ts"
import { overOptimisationEnvironment } from "./overOptimisation.ts"
import { shiftedLabelsEnvironment } from "./shiftedLabels.ts"
import { sparseEnvironment } from "./sparse.ts"
import { treeEnvironment } from "./tree.ts"

/** JSON description of an environment: `kind` and the options of that kind. */
export const EnvironmentSpec = Schema.Union([
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
  bestOfNEnvironment.schema
])
export type EnvironmentSpec = typeof EnvironmentSpec.Type

/** Name of an environment. */
export type EnvironmentKind = EnvironmentSpec["kind"]

/** What the registry knows of one kind. */
export interface EnvironmentDefinition<K extends EnvironmentKind> {
  readonly id: K
  /** What it is, in a few words. */
  readonly title: string
  readonly make: (spec: Extract<EnvironmentSpec, { readonly kind: K }>, rng: Rng) => Environment
}

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
  "best-of-n": bestOfNEnvironment
}

/**
 * Builds an environment. What an environment draws (rewards, reference, features) comes from `rng` alone.
 * @throws RangeError when the specification did not come through {@link EnvironmentSpec} and is inconsistent
 */
export const makeEnvironment = <K extends EnvironmentKind>(
  spec: Extract<EnvironmentSpec, { readonly kind: K }>,
  rng: Rng
): Environment => (environments[spec.kind as K] as EnvironmentDefinition<K>).make(spec, rng)
