/**
 * Answers written token by token: every prefix of `depth` tokens goes on with one of `branching`, and the leaves are the answers
 * (3 and 3 by default, so 27 answers). For losses of tokens and prefixes, and for policies that share logits (treePolicy.ts).
 *
 * Gold reward of an answer, of standard deviation `rewardScale` (default 1) in each case but the last:
 * - `leaves` (default): a draw for every answer, tokens mean nothing by themselves;
 * - `tokens`: the sum of a draw for every (position, token), the same after every prefix;
 * - `prefixes`: the sum of a draw for every (prefix, token);
 * - `correct`: `rewardScale` times the share of its tokens that state something true, each (prefix, token) with probability 1/2.
 *
 * `tree.correct` marks the true tokens of `correct`, and under `tokens` and `prefixes` those of positive reward; `leaves` has none.
 * The optimum is π_ref exp(R / beta). A policy that shares logits over prefixes can be it under `tokens` with the uniform
 * reference alone.
 *
 * With `end`, token 0 ends an answer: `lengths` counts the tokens up to the first 0, it included. What follows is padding:
 * leaves that differ in it alone are one answer with one reward, its tokens are neither true nor false, the reference goes on
 * with 0 but for 1e-6 a token, and only leaves padded with 0 are compared.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { tokenOf } from "../tokenTree.ts"
import { Contexts, NonNegative, Positive } from "./options.ts"
import { uniform } from "./tables.ts"
import { treeData } from "./treeData.ts"
import { treeReference, treeRewards } from "./treeTables.ts"

const Leaf = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const fields = Schema.Struct({
  kind: Schema.Literal("tree"),
  branching: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 100 }))).annotateKey({
    description: "Tokens to choose from. Default 3."
  }),
  depth: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))).annotateKey({
    description: "Tokens of an answer. Default 3."
  }),
  contexts: Schema.optionalKey(Contexts).annotateKey({ description: "Default 1." }),
  reward: Schema.optionalKey(Schema.Literals(["leaves", "tokens", "prefixes", "correct"])).annotateKey({
    description: "What an answer is worth. Default `leaves`."
  }),
  rewardScale: Schema.optionalKey(NonNegative).annotateKey({ description: "Default 1." }),
  reference: Schema.optionalKey(Schema.Literals(["uniform", "normal"])).annotateKey({
    description: "π_ref; `normal` = a softmax of N(0, referenceScale²) logits at every prefix. Default `uniform`."
  }),
  referenceScale: Schema.optionalKey(NonNegative).annotateKey({ description: "Default 1." }),
  end: Schema.optionalKey(Schema.Boolean).annotateKey({ description: "Token 0 ends an answer. Default false." }),
  pairs: Schema.optionalKey(
    Schema.Union([
      Schema.Literals(["uniform", "reference"]),
      Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
      Schema.NonEmptyArray(Schema.Tuple([Leaf, Leaf]))
    ])
  ).annotateKey({
    description:
      "`uniform` (default) or `reference`: who proposes the pairs, labelled by Bradley–Terry; a number: so many different pairs of leaves in every context, drawn once from the uniform, equally frequent, labelled by Bradley–Terry (with `temperature` 0: the better one wins); a list of [chosen, rejected] leaves, equally frequent in every context, labelled as they stand. With depth 1 and [[0, 1], [1, 0]]: the three tokens y1 ≻ y2, y2 ≻ y1 of Rafailov et al., under which mass can leave for y3."
  }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({
    description: "Of Bradley–Terry; 0 makes labels deterministic. Default 1."
  }),
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

const shapeOf = (spec: typeof fields.Type) => {
  const [branching, depth] = [spec.branching ?? 3, spec.depth ?? 3]
  return { branching, depth, contexts: spec.contexts ?? 1, arms: branching ** depth }
}

/** More entries than this a table of pairs may not have. */
const maxTable = 4_000_000

const sizeIssues = (spec: typeof fields.Type) => {
  const { contexts, arms, depth } = shapeOf(spec)
  const listed = typeof (spec.pairs ?? "uniform") !== "string"
  if (arms > 10_000) return [{ path: ["depth"], issue: `the tree has ${arms} leaves, at most 10000` }]
  if (listed && contexts * arms ** 2 > maxTable) {
    return [{ path: ["pairs"], issue: `a table of ${contexts * arms ** 2} pairs, at most ${maxTable}; use "uniform"` }]
  }
  return depth === 1 && spec.end === true ? [{ path: ["end"], issue: "an answer of one token cannot end early" }] : []
}

const pairIssues = (spec: typeof fields.Type) => {
  const { branching, depth, arms } = shapeOf(spec)
  const pairs = spec.pairs ?? "uniform"
  if (typeof pairs === "string") return []
  if (typeof pairs === "number") {
    const answers = spec.end === true ? canonicalLeaves({ branching, depth }).length : arms
    const most = (answers * (answers - 1)) / 2
    return pairs <= most ? [] : [{ path: ["pairs"], issue: `there are only ${most} different pairs, found ${pairs}` }]
  }
  return pairs.flatMap((pair, i) => {
    const outside = pair.find((leaf) => leaf >= arms)
    if (outside !== undefined) return [{ path: ["pairs", i], issue: `leaf ${outside} is not in 0..${arms - 1}` }]
    return pair[0] === pair[1] ? [{ path: ["pairs", i], issue: `leaf ${pair[0]} cannot meet itself` }] : []
  })
}

/** Options, all but `kind` optional. */
export const TreeOptions = fields.check(Schema.makeFilter((spec) => [...sizeIssues(spec), ...pairIssues(spec)]))
export type TreeOptions = typeof TreeOptions.Type

type Shape = { readonly branching: number; readonly depth: number }

/** Tokens up to the first 0, it included; all of them where none is 0. */
const lengthOf = (shape: Shape, leaf: number): number => {
  for (let t = 0; t < shape.depth; t++) if (tokenOf(shape, leaf, t) === 0) return t + 1
  return shape.depth
}

/** The leaves with nothing but 0 after the first 0. */
const canonicalLeaves = (shape: Shape): ReadonlyArray<number> =>
  Array.from({ length: shape.branching ** shape.depth }, (_, y) => y).filter((leaf) => {
    for (let t = lengthOf(shape, leaf); t < shape.depth; t++) if (tokenOf(shape, leaf, t) !== 0) return false
    return true
  })

const make = (spec: TreeOptions, rng: Rng): Environment => {
  const { branching, depth, contexts, arms } = shapeOf(spec)
  const shape = { branching, depth }
  const end = spec.end ?? false
  const lengths = Float64Array.from({ length: arms }, (_, y) => (end ? lengthOf(shape, y) : depth))
  const { reward, correct } = treeRewards(shape, contexts, lengths, spec, rng.split("rewards"))
  const reference = treeReference(shape, contexts, end, spec, rng.split("reference"))
  const answers = end ? canonicalLeaves(shape) : undefined
  const labels = bradleyTerry(reward, arms, spec.temperature ?? 1)
  return checkedEnvironment({
    id: "tree",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    ...treeData(spec.pairs ?? "uniform", { contexts, arms, reference, labels, answers }, rng.split("pairs")),
    beta: spec.beta ?? 1,
    tree: { ...shape, ...(correct === undefined ? {} : { correct }) },
    lengths: Float64Array.from({ length: contexts * arms }, (_, i) => lengths[i % arms]!)
  })
}

export const treeEnvironment = {
  id: "tree",
  title: "Answers written token by token",
  schema: TreeOptions,
  make
} as const
