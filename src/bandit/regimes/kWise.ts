/**
 * Rankings of K different responses, best first (Plackett–Luce): as they are, for losses that read y3, y4, … or Plackett–Luce
 * itself, or taken apart into pairs, for any loss over pairs.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { emptyBatch, fullBatches, type PairBatch, replacementBatches, writeExample } from "../batch.ts"
import { drawFrom } from "../comparisons.ts"
import { BanditSpecError } from "../errors.ts"
import { responseTables, type World } from "../inputs/filler.ts"
import { type PairTable, responsePairs } from "../pairs.ts"
import { rankingProbability, utilities } from "../rankings.ts"
import { fixedRegime } from "./offline.ts"
import type { MakeRegime, RegimeContext } from "./regime.ts"

export const KWiseSpec = Schema.Struct({
  kind: Schema.Literal("k-wise"),
  k: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 16 })).annotateKey({
    description: "Responses of an example."
  }),
  take: Schema.optionalKey(Schema.Literals(["ranking", "all", "adjacent", "best"])).annotateKey({
    description:
      "`ranking` (default): whole examples. Pairs: `all` (every better with every worse), `adjacent`, or `best` (the best with every other), of equal weight within an example."
  })
}).annotate({ description: "Rankings of several responses." })
export type KWiseSpec = typeof KWiseSpec.Type

/** A ranked example: flat responses best first. */
interface Ranking {
  readonly members: ReadonlyArray<number>
  readonly weight: number
}

/** More rankings than this are not enumerated. */
const maxRankings = 200_000

/** Ordered choices of k out of n. */
const orderings = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => n - i).reduce((a, b) => a * b, 1)

/** Every ordered choice of k of the arms. */
function* arrangements(arms: ReadonlyArray<number>, k: number): Generator<ReadonlyArray<number>> {
  if (k === 0) {
    yield []
    return
  }
  for (const first of arms) {
    for (const rest of arrangements(
      arms.filter((arm) => arm !== first),
      k - 1
    )) {
      yield [first, ...rest]
    }
  }
}

const coveredArms = (
  { environment: { arms }, options: { covered } }: RegimeContext,
  c: number
): ReadonlyArray<number> => Array.from({ length: arms }, (_, y) => y).filter((y) => covered?.[c * arms + y] !== 0)

/** Every ranking, the K responses chosen with equal probability. */
const allRankings = (context: RegimeContext, u: Float64Array, k: number): ReadonlyArray<Ranking> => {
  const { arms, contexts, contextWeights } = context.environment
  return Array.from({ length: contexts }, (_, c) => {
    const kept = coveredArms(context, c)
    const sets = orderings(kept.length, k) / orderings(k, k)
    return [...arrangements(kept, k)].map((order) => {
      const members = order.map((y) => c * arms + y)
      return { members, weight: (contextWeights[c]! / sets) * rankingProbability(members.map((i) => u[i]!)) }
    })
  }).flat()
}

const drawnRanking = (context: RegimeContext, u: Float64Array, k: number, c: number, rng: Rng): Ranking => {
  const { arms } = context.environment
  const left = rng.shuffled(coveredArms(context, c)).slice(0, k)
  const members: Array<number> = []
  while (left.length > 0) {
    const top = Math.max(...left.map((y) => u[c * arms + y]!))
    const [y] = left.splice(drawFrom(left.map((arm) => Math.exp(u[c * arms + arm]! - top))).next(rng), 1)
    members.push(c * arms + y!)
  }
  return { members, weight: 1 }
}

const drawnRankings = (context: RegimeContext, u: Float64Array, k: number, count: number): ReadonlyArray<Ranking> => {
  const rng = context.rng.split("data").split("rankings")
  const draw = drawFrom(context.environment.contextWeights)
  return Array.from({ length: count }, () => drawnRanking(context, u, k, draw.next(rng), rng))
}

/** The pairs of a ranking, by position. */
const pairsOf = (take: "all" | "adjacent" | "best", k: number): ReadonlyArray<readonly [number, number]> =>
  Array.from({ length: k }, (_, a) => a).flatMap((a) =>
    Array.from({ length: k - a - 1 }, (_, d) => [a, a + d + 1] as const).filter(([better, worse]) => {
      if (take === "adjacent") return worse === better + 1
      return take === "all" || better === 0
    })
  )

const pairTable = (
  { environment, options }: RegimeContext,
  rankings: ReadonlyArray<Ranking>,
  positions: ReadonlyArray<readonly [number, number]>
): PairTable => {
  const size = environment.reference.length
  const weights = new Map<number, number>()
  for (const { members, weight } of rankings) {
    for (const [better, worse] of positions) {
      const key = members[better]! * size + members[worse]!
      weights.set(key, (weights.get(key) ?? 0) + weight)
    }
  }
  const examples = [...weights].map(([key, weight]) => ({
    chosen: Math.floor(key / size),
    rejected: key % size,
    weight
  }))
  return responsePairs(environment, examples, options.scores)
}

/** Examples of k responses as one batch, weights of sum 1. */
const rankingBatch = (world: World, rankings: ReadonlyArray<Ranking>, k: number): PairBatch => {
  const batch = emptyBatch(rankings.length, k - 2)
  const total = rankings.reduce((sum, { weight }) => sum + weight, 0)
  const tables = responseTables(world)
  rankings.forEach(({ members, weight }, i) => {
    writeExample(batch, i, members, weight / total, tables)
  })
  batch.count = rankings.length
  return batch
}

/** Draws `size` of the rankings by weight, with replacement. */
const minibatches = (world: World, rankings: ReadonlyArray<Ranking>, k: number, size: number, rng: Rng) => {
  const batch = emptyBatch(size, k - 2)
  const tables = responseTables(world)
  const draw = drawFrom(rankings.map(({ weight }) => weight))
  return {
    next: (): PairBatch => {
      for (let i = 0; i < size; i++) writeExample(batch, i, rankings[draw.next(rng)]!.members, 1 / size, tables)
      batch.count = size
      return batch
    }
  }
}

/** What about a cell does not fit, or undefined. */
const issueOf = (context: RegimeContext, { k }: KWiseSpec): string | undefined => {
  const { environment, spec, options } = context
  const fewest = Math.min(...Array.from({ length: environment.contexts }, (_, c) => coveredArms(context, c).length))
  if (k > fewest) return `regime.k: ${k} different responses of ${fewest}`
  if ((options.noise ?? 0) > 0)
    return "data.noise: rankings have no labels to flip; put a noise wrapper around the environment"
  const size = environment.contexts * orderings(fewest, k)
  return spec.data.mode === "exact" && size > maxRankings
    ? `data.mode: exact would enumerate ${size} rankings, at most ${maxRankings}; use sampled`
    : undefined
}

/** `{kind: k-wise, k}`; in the mode `sampled`, `pairs` is the number of rankings. */
export const kWise =
  (regime: KWiseSpec): MakeRegime =>
  (context) => {
    const { environment, spec, world, rng } = context
    const { k, take = "ranking" } = regime
    const u = utilities(environment)
    const issue = issueOf(context, regime) ?? (Result.isFailure(u) ? `regime.kind: ${u.failure}` : undefined)
    if (issue !== undefined || Result.isFailure(u)) return Result.fail(new BanditSpecError({ issues: [issue ?? ""] }))
    const { data, optimizer, steps } = spec
    const rankings =
      data.mode === "exact" ? allRankings(context, u.success, k) : drawnRankings(context, u.success, k, data.pairs)
    const table = pairTable(context, rankings, pairsOf(take === "ranking" ? "all" : take, k))
    const batches = rng.split("batches")
    if (take !== "ranking") {
      const source =
        optimizer.batchSize === undefined ? fullBatches(table) : replacementBatches(table, optimizer.batchSize, batches)
      return Result.succeed(fixedRegime(table, [source], steps))
    }
    const whole = rankingBatch(world, rankings, k)
    const source =
      optimizer.batchSize === undefined
        ? { next: () => whole }
        : minibatches(world, rankings, k, optimizer.batchSize, batches)
    return Result.succeed({ next: () => source.next(), whole: () => whole, adaptive: false, table })
  }
