/**
 * Any environment of which the data show only some answers: pairs with another answer do not occur, and the probabilities of
 * those that do are divided by their sum in every context; so are those of liked and of disliked answers. Rewards, reference
 * and optimum are those of the world inside, in which the others are the answers that no data speak of.
 *
 * `keep: 1` changes nothing. Of two fractions, one around the other, the smaller counts: both keep the first arms of one shuffle.
 * The data option `coverage` of a cell does the same to its pairs, with a shuffle of its own.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { coveredComparisons } from "../comparisons.ts"
import { checkedEnvironment, type Environment, type Feedback } from "../environment.ts"
import { BanditSpecError } from "../errors.ts"
import { coverageMask } from "../pairs.ts"
import { Coverage } from "./options.ts"
import { normaliseRowsInPlace } from "./tables.ts"

/** Options of the wrapper around an environment specified by `Of`. */
export interface CoverageOptions<Of> {
  readonly kind: "coverage"
  /** The arms that occur, or a fraction of each context's arms (at least two), drawn. */
  readonly keep: Coverage
  readonly of: Of
}

const schema = <Of extends Schema.Constraint>(of: Of) =>
  Schema.Struct({ kind: Schema.Literal("coverage"), keep: Coverage, of })

const refuse = (issue: string): never => {
  throw new BanditSpecError({ issues: [`environment.keep: ${issue}`] })
}

const coveredFeedback = ({ id, arms }: Environment, feedback: Feedback, covered: Uint8Array): Feedback => {
  const restricted = (table: Float64Array, sign: string): Float64Array => {
    const kept = normaliseRowsInPlace(
      table.map((p, i) => (covered[i] === 1 ? p : 0)),
      arms
    )
    return kept.some(Number.isNaN) ? refuse(`it leaves a context of ${id} without a ${sign} answer`) : kept
  }
  return {
    ...feedback,
    desirable: restricted(feedback.desirable, "liked"),
    undesirable: restricted(feedback.undesirable, "disliked")
  }
}

const make = <Of>(
  { keep, of }: CoverageOptions<Of>,
  rng: Rng,
  inner: (spec: Of, rng: Rng) => Environment
): Environment => {
  const world = inner(of, rng)
  const { contexts, arms } = world
  const outside = typeof keep === "number" ? undefined : keep.find((arm) => arm >= arms)
  if (outside !== undefined) refuse(`arm ${outside} is not in 0..${arms - 1} of ${world.id}`)
  const covered = coverageMask(world, keep, rng.split("coverage"))
  const comparisons = coveredComparisons(world.comparisons, contexts, arms, covered)
  if (comparisons === undefined) return refuse(`it leaves a context of ${world.id} without a pair to compare`)
  const feedback = world.feedback === undefined ? {} : { feedback: coveredFeedback(world, world.feedback, covered) }
  return checkedEnvironment({ ...world, id: `coverage(${world.id})`, comparisons, ...feedback })
}

export const coverageEnvironment = {
  id: "coverage",
  title: "Data that show only some answers",
  schema,
  make
} as const
