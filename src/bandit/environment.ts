/**
 * A contextual K-armed bandit with preferences: the world that a policy is trained in.
 *
 * Flat tables are indexed `context * arms + arm`. Rewards are in reward units, probabilities are probabilities (not
 * logs). `beta` is the weight of the KL term in the regularised objective J(π) = E_π[R] - beta KL(π ‖ π_ref), hence the
 * definition of regret: J(π*) - J(π) with π* ∝ π_ref exp(R / beta).
 */
import { type Comparisons, pairDraw } from "./comparisons.ts"
import type { PreferenceModel } from "./preferences.ts"

/** Starting weights of a linear policy: logits(x, y) = ⟨weights[y], hidden[x]⟩. */
export interface Features {
  readonly dimension: number
  /** Response vectors, shape [arms * dimension]. */
  readonly weights: Float64Array
  /** Context vectors, shape [contexts * dimension]. */
  readonly hidden: Float64Array
}

/**
 * Responses as the leaves of a complete tree: `arms = branching^depth`, and the tokens of arm y are its digits in base
 * `branching`, the first token the most significant one.
 */
export interface TokenTree {
  readonly branching: number
  readonly depth: number
  /**
   * 1 where a token states something true, 0 where not, 2 after the end of an answer; shape [contexts * arms * depth]. What
   * token-level masks read.
   */
  readonly correct?: Uint8Array
}

/** Thumbs up and thumbs down on single responses: what unpaired losses see. */
export interface Feedback {
  /** Which responses are shown as good, shape [contexts * arms], sums to 1 in every context. */
  readonly desirable: Float64Array
  /** Which are shown as bad. */
  readonly undesirable: Float64Array
  /** Share of good examples among all, in [0, 1]. */
  readonly share: number
  /** How often each context occurs among the good examples, shape [contexts], sums to 1. Absent: contextWeights. */
  readonly desirableContexts?: Float64Array
  /** And among the bad ones. */
  readonly undesirableContexts?: Float64Array
}

/**
 * A world: its answers (arms) in contexts, their rewards, a reference policy, who wins against whom, and what is shown
 * of it. Tables are flat, `context * arms + arm`; the weight `beta` is that of J(π) = E_π[R] - beta KL(π ‖ π_ref).
 */
export interface Environment {
  readonly id: string
  readonly contexts: number
  readonly arms: number
  /** Gold reward, shape [contexts * arms]. */
  readonly reward: Float64Array
  /** π_ref, shape [contexts * arms], positive, summing to 1 in every context. */
  readonly reference: Float64Array
  /** How often each context occurs, shape [contexts], sums to 1. */
  readonly contextWeights: Float64Array
  readonly preference: PreferenceModel
  readonly comparisons: Comparisons
  /** Weight of KL(π ‖ π_ref) in J, nats to reward units, > 0. */
  readonly beta: number
  /** Where a linear policy starts; absent = drawn at random, see policy.ts. */
  readonly features?: Features
  /** Tokens of every response, shape [contexts * arms], ≥ 1. Absent: one each. */
  readonly lengths?: Float64Array
  /** Further reward tables by name (a proxy, one of several objectives), each [contexts * arms]. */
  readonly rewards?: Readonly<Record<string, Float64Array>>
  /** Which of the further rewards are objectives to be weighed against each other. Absent: all of them. */
  readonly objectives?: ReadonlyArray<string>
  /** Absent: responses are atoms. */
  readonly tree?: TokenTree
  /** Absent: feedback comes as pairs only. */
  readonly feedback?: Feedback
  /** Domain of every context, shape [contexts], numbered 0, 1, … in the order in which their data arrive. */
  readonly domains?: Int32Array
}

const sumsToOne = (table: Float64Array, from: number, length: number): boolean => {
  let total = 0
  for (let i = from; i < from + length; i++) {
    if (!(table[i]! >= 0)) return false
    total += table[i]!
  }
  return Math.abs(total - 1) < 1e-9
}

const expectLength = (id: string, name: string, table: Float64Array, length: number): void => {
  if (table.length !== length) throw new RangeError(`${id}: ${name} needs ${length} entries, got ${table.length}`)
  if (!table.every(Number.isFinite)) throw new RangeError(`${id}: ${name} has an entry that is not finite`)
}

const checkComparisons = ({ id, contexts, arms, comparisons }: Environment): void => {
  if (comparisons.kind === "table") {
    expectLength(id, "comparisons", comparisons.probability, contexts * arms * arms)
    for (let c = 0; c < contexts; c++) {
      if (!sumsToOne(comparisons.probability, c * arms * arms, arms * arms)) {
        throw new RangeError(`${id}: comparisons of context ${c} do not sum to 1`)
      }
    }
    return
  }
  expectLength(id, "first", comparisons.first, contexts * arms)
  expectLength(id, "second", comparisons.second, contexts * arms)
  for (let c = 0; c < contexts; c++) {
    if (!sumsToOne(comparisons.first, c * arms, arms) || !sumsToOne(comparisons.second, c * arms, arms)) {
      throw new RangeError(`${id}: a behaviour policy of context ${c} does not sum to 1`)
    }
  }
}

const checkDistribution = ({ id, contexts, arms }: Environment, name: string, table: Float64Array): void => {
  expectLength(id, name, table, contexts * arms)
  for (let c = 0; c < contexts; c++) {
    if (!sumsToOne(table, c * arms, arms)) throw new RangeError(`${id}: ${name} of context ${c} does not sum to 1`)
  }
}

const checkTree = ({ id, contexts, arms }: Environment, { branching, depth, correct }: TokenTree): void => {
  if (!(branching >= 2 && depth >= 1 && branching ** depth === arms)) {
    throw new RangeError(`${id}: a tree of depth ${depth}, ${branching} tokens each, does not have ${arms} leaves`)
  }
  if (correct !== undefined && correct.length !== contexts * arms * depth) {
    throw new RangeError(`${id}: tree.correct needs ${contexts * arms * depth} entries, got ${correct.length}`)
  }
  if (correct?.some((flag) => flag > 2) === true) throw new RangeError(`${id}: tree.correct has an entry above 2`)
}

const checkFeedback = (environment: Environment, feedback: Feedback): void => {
  const { id, contexts } = environment
  checkDistribution(environment, "feedback.desirable", feedback.desirable)
  checkDistribution(environment, "feedback.undesirable", feedback.undesirable)
  for (const name of ["desirableContexts", "undesirableContexts"] as const) {
    const weights = feedback[name]
    if (weights === undefined) continue
    expectLength(id, `feedback.${name}`, weights, contexts)
    if (!sumsToOne(weights, 0, contexts)) throw new RangeError(`${id}: feedback.${name} does not sum to 1`)
  }
  if (!(feedback.share >= 0 && feedback.share <= 1)) throw new RangeError(`${id}: feedback.share ${feedback.share}`)
}

/** What only some environments have. */
const checkExtras = (environment: Environment): void => {
  const { id, contexts, arms, lengths, rewards, objectives, tree, feedback, domains } = environment
  if (lengths !== undefined) {
    expectLength(id, "lengths", lengths, contexts * arms)
    if (!lengths.every((n) => n >= 1)) throw new RangeError(`${id}: every response needs a length of at least 1`)
  }
  const unknown = objectives?.find((name) => !Object.hasOwn(rewards ?? {}, name))
  if (unknown !== undefined) throw new RangeError(`${id}: the objective ${unknown} is not among the rewards`)
  for (const [name, table] of Object.entries(rewards ?? {})) expectLength(id, `rewards.${name}`, table, contexts * arms)
  if (tree !== undefined) checkTree(environment, tree)
  if (feedback !== undefined) {
    checkFeedback(environment, feedback)
  }
  if (domains !== undefined && (domains.length !== contexts || domains.some((d) => d < 0))) {
    throw new RangeError(`${id}: domains needs ${contexts} entries >= 0, got ${domains.join(", ")}`)
  }
}

/**
 * Checks an environment's shapes and sums and returns it unchanged; every environment is built through this.
 * @throws RangeError naming the environment and the first thing that is wrong
 */
export const checkedEnvironment = (environment: Environment): Environment => {
  const { id, contexts, arms, reward, reference, contextWeights, beta, features } = environment
  if (!(Number.isInteger(contexts) && contexts >= 1)) throw new RangeError(`${id}: contexts must be >= 1`)
  if (!(Number.isInteger(arms) && arms >= 2)) throw new RangeError(`${id}: arms must be >= 2, got ${arms}`)
  if (!(beta > 0 && Number.isFinite(beta))) throw new RangeError(`${id}: beta must be positive, got ${beta}`)
  expectLength(id, "reward", reward, contexts * arms)
  // π* needs exp(R / beta).
  if (!reward.every((r) => Number.isFinite(r / beta)))
    throw new RangeError(`${id}: reward / beta overflows, beta ${beta}`)
  expectLength(id, "reference", reference, contexts * arms)
  expectLength(id, "contextWeights", contextWeights, contexts)
  if (!sumsToOne(contextWeights, 0, contexts)) throw new RangeError(`${id}: contextWeights do not sum to 1`)
  for (let c = 0; c < contexts; c++) {
    if (!sumsToOne(reference, c * arms, arms)) throw new RangeError(`${id}: reference ${c} does not sum to 1`)
  }
  if (!reference.every((p) => p > 0)) throw new RangeError(`${id}: every reference probability must be positive`)
  if (features !== undefined) {
    expectLength(id, "features.weights", features.weights, arms * features.dimension)
    expectLength(id, "features.hidden", features.hidden, contexts * features.dimension)
  }
  checkExtras(environment)
  checkComparisons(environment)
  for (let c = 0; c < contexts; c++) {
    if (pairDraw(environment.comparisons, c, arms) === undefined) {
      throw new RangeError(`${id}: no two responses of context ${c} are ever compared`)
    }
  }
  return environment
}
