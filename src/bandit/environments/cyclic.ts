/**
 * Preferences that no reward explains: an arbitrary matrix P(row ≻ column), so that no Bradley–Terry fit is exact. Gold reward: the
 * win rate P(y ≻ π_ref); optimum π_ref exp(reward / beta). The game's Nash equilibrium is another matter, and not found here.
 *
 * Without `preference` the matrix is a `game`:
 * - `published` (default): [[.5,.9,.2],[.1,.5,.8],[.8,.2,.5]], each response beats one and loses to one; Nash (.3, .3, .4);
 * - `circular`: an odd number of responses on a circle, each beats the half that follows it with probability σ(scale) and loses
 *   to the half before it: rock-paper-scissors; by symmetry Nash is uniform;
 * - `random`: independent P(a ≻ b) = σ(N(0, scale²)), another game in every context; mostly intransitive when arms are many.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { preferenceMatrix, sigmoid, winRates } from "../preferences.ts"
import { Contexts, Fraction, NonNegative, Positive } from "./options.ts"
import { flatTable, normaliseRowsInPlace, uniform } from "./tables.ts"

const published = [
  [0.5, 0.9, 0.2],
  [0.1, 0.5, 0.8],
  [0.8, 0.2, 0.5]
]

const fields = Schema.Struct({
  kind: Schema.Literal("cyclic"),
  preference: Schema.optionalKey(Schema.Array(Schema.Array(Fraction))).annotateKey({
    description: "P(row ≻ column) in every context; complementary entries sum to 1. Default: the game's."
  }),
  game: Schema.optionalKey(Schema.Literals(["published", "circular", "random"])).annotateKey({
    description: "Default `published`."
  }),
  arms: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 1000 }))).annotateKey({
    description: "Responses of a circular or random game. Default 3."
  }),
  contexts: Schema.optionalKey(Contexts).annotateKey({ description: "Default 1." }),
  scale: Schema.optionalKey(NonNegative).annotateKey({
    description: "How far from 1/2 a circular or random game is, as log-odds. Default 1."
  }),
  reference: Schema.optionalKey(Schema.Array(Positive)).annotateKey({
    description: "π_ref, normalised. Default: uniform."
  }),
  behaviour: Schema.optionalKey(Schema.Array(Positive)).annotateKey({
    description: "Who proposes the pairs (y, y') ~ mu × mu, y ≠ y'. Default: uniform."
  }),
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

type Issue = { readonly path: ReadonlyArray<PropertyKey>; readonly issue: string }

const matrixIssues = (matrix: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<Issue> => {
  const issues: Array<Issue> = []
  if (matrix.length < 2) issues.push({ path: ["preference"], issue: "preference needs at least two rows" })
  matrix.forEach((row, a) => {
    if (row.length !== matrix.length) {
      issues.push({ path: ["preference", a], issue: `row ${a} has ${row.length} of ${matrix.length} entries` })
    }
    row.forEach((p, b) => {
      const other = matrix[b]?.[a]
      if (b <= a && other !== undefined && Math.abs(p + other - 1) > 1e-12) {
        issues.push({ path: ["preference", a, b], issue: `P(${a}, ${b}) + P(${b}, ${a}) = ${p + other}, must be 1` })
      }
    })
  })
  return issues
}

/** More entries than this the matrices of all contexts may not have. */
const maxTable = 4_000_000

const gameIssues = (spec: typeof fields.Type): ReadonlyArray<Issue> => {
  const { preference, game = "published", arms = 3, contexts = 1 } = spec
  const idle = (key: "game" | "arms" | "scale", why: string): ReadonlyArray<Issue> =>
    spec[key] === undefined ? [] : [{ path: [key], issue: `${key} means nothing ${why}` }]
  if (preference !== undefined) {
    const why = "beside preference"
    return [...matrixIssues(preference), ...idle("game", why), ...idle("arms", why), ...idle("scale", why)]
  }
  if (game === "published") return [...idle("arms", "with game: published"), ...idle("scale", "with game: published")]
  const even = game === "circular" && arms % 2 === 0
  return [
    ...(even ? [{ path: ["arms"], issue: `a circle needs an odd number of arms, found ${arms}` }] : []),
    ...(contexts * arms ** 2 > maxTable
      ? [{ path: ["arms"], issue: `matrices of ${contexts * arms ** 2} entries, at most ${maxTable}` }]
      : [])
  ]
}

const armsOf = (spec: typeof fields.Type): number => spec.preference?.length ?? spec.arms ?? 3

/** Options, all but `kind` optional. */
export const CyclicOptions = fields.check(
  Schema.makeFilter((spec) => {
    const rowIssue = (name: "reference" | "behaviour") =>
      spec[name] === undefined || spec[name].length === armsOf(spec)
        ? []
        : [{ path: [name], issue: `${name} has ${spec[name].length} of ${armsOf(spec)} entries` }]
    return [...gameIssues(spec), ...rowIssue("reference"), ...rowIssue("behaviour")]
  })
)
export type CyclicOptions = typeof CyclicOptions.Type

/** A matrix from the log-odds of a over b, a < b. */
const complementary = (arms: number, logOdds: (a: number, b: number) => number): Float64Array => {
  const matrix = new Float64Array(arms * arms).fill(0.5)
  for (let a = 0; a < arms; a++) {
    for (let b = a + 1; b < arms; b++) {
      const z = logOdds(a, b)
      matrix[a * arms + b] = sigmoid(z)
      matrix[b * arms + a] = sigmoid(-z)
    }
  }
  return matrix
}

/** The matrix of one context. */
const matrixOf = (spec: CyclicOptions, rng: Rng): Float64Array => {
  const { preference, game = "published", arms = 3, scale = 1 } = spec
  if (preference !== undefined || game === "published") return Float64Array.from((preference ?? published).flat())
  return complementary(arms, (a, b) =>
    game === "random" ? scale * rng.normal() : b - a <= (arms - 1) / 2 ? scale : -scale
  )
}

const make = (spec: CyclicOptions, rng: Rng): Environment => {
  const [contexts, arms] = [spec.contexts ?? 1, armsOf(spec)]
  const matrices = Array.from({ length: contexts }, (_, c) => matrixOf(spec, rng.split(c)))
  const policy = (row: ReadonlyArray<number> | undefined): Float64Array =>
    row === undefined ? uniform(contexts, arms) : normaliseRowsInPlace(flatTable(row, contexts, arms), arms)
  const reference = policy(spec.reference)
  const behaviour = policy(spec.behaviour)
  const flat = new Float64Array(contexts * arms * arms)
  const reward = new Float64Array(contexts * arms)
  matrices.forEach((matrix, c) => {
    flat.set(matrix, c * arms * arms)
    reward.set(winRates(matrix, reference.subarray(c * arms, (c + 1) * arms)), c * arms)
  })
  return checkedEnvironment({
    id: "cyclic",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference: preferenceMatrix(flat, arms),
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical: false },
    beta: spec.beta ?? 1
  })
}

export const cyclicEnvironment = {
  id: "cyclic",
  title: "An arbitrary preference matrix, intransitive by default",
  schema: CyclicOptions,
  make
} as const
