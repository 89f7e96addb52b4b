/** Every metric against its definition written out as loops. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkedEnvironment, type Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { normals } from "../../src/bandit/environments/tables.ts"
import { maxPairwise, type WorldOptions } from "../../src/bandit/metrics/metric.ts"
import { metrics, partialMetrics, scopedMetrics } from "../../src/bandit/metrics/registry.ts"
import { createEvaluator, policyWinRate, rankingAccuracy } from "../../src/bandit/metrics.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { exactPairs, listedPairs, type PairTable, sampledPairs } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { frontPolicy, frontRegret } from "../../src/bandit/solvers/front.ts"
import { Rng } from "../../src/random/rng.ts"
import { allSamples } from "./environmentSamples.ts"
import { samplePolicies } from "./oracles.ts"
import { randomWorld } from "./worlds.ts"

const policyOf = (environment: Environment, seed: number) => {
  const { contexts, arms } = environment
  const [logp, prob] = [new Float64Array(contexts * arms), new Float64Array(contexts * arms)]
  const policies = samplePolicies(Rng.fromSeed(seed), environment, 4)
  softmaxInto(policies[seed % 4]!, contexts, arms, logp, prob)
  return { logp, prob, drift: logp.map((v, i) => v - Math.log(environment.reference[i]!)) }
}

const rowOf = (
  environment: Environment,
  { logp, prob }: { readonly logp: Float64Array; readonly prob: Float64Array },
  table: PairTable = exactPairs(environment),
  options: WorldOptions = {}
) => createEvaluator(environment, table, options).evaluate(0, 0, logp, prob)

const law = (check: (environment: Environment, policy: ReturnType<typeof policyOf>, seed: number) => void) =>
  fc.assert(
    fc.property(randomWorld, fc.nat(), (environment, seed) => check(environment, policyOf(environment, seed), seed)),
    { numRuns: 40 }
  )

describe("the registry", () => {
  it("has a definition, a unit and a column of its own for every metric", () => {
    const plain = [...metrics, ...partialMetrics].map(({ id }) => id)
    expect(new Set(plain).size).toBe(plain.length)
    expect(new Set(scopedMetrics.map(({ id }) => id)).size).toBe(scopedMetrics.length)
    for (const { id, definition } of [...metrics, ...partialMetrics, ...scopedMetrics]) {
      expect(definition.length, id).toBeGreaterThan(20)
    }
  })

  it("leaves out what an environment does not have, and gives numbers for the rest", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 3 }, Rng.fromSeed(1))
    const row = rowOf(environment, policyOf(environment, 2))
    const columns = [...metrics.map(({ id }) => id), "implicitAccuracy", "exploitability"]
    expect(Object.keys(row).sort()).toEqual(["step", "loss", "armProbabilities", ...columns].sort())
    for (const value of Object.values(row).flat()) expect(Number.isFinite(value)).toBe(true)
  })

  it("leaves out what looks at all pairs where they are too many", () => {
    const arms = Math.sqrt(maxPairwise) + 1
    const environment = makeEnvironment({ kind: "bradley-terry", arms }, Rng.fromSeed(1))
    const table = listedPairs(environment, [{ context: 0, chosen: 0, rejected: 1, weight: 1 }])
    const row = rowOf(environment, policyOf(environment, 2), table)
    expect(row).not.toHaveProperty("exploitability")
    expect(row).not.toHaveProperty("implicitAccuracy")
    expect(row).not.toHaveProperty("heldOutAccuracy")
    expect(row.rankingAccuracy).toBeGreaterThan(0)
  })
})

describe("in every kind of environment", () => {
  it.each(allSamples)("all columns are numbers: %j", (spec) => {
    const environment = makeEnvironment(spec, Rng.fromSeed(1))
    const { table } = sampledPairs(environment, 20, Rng.fromSeed(2))
    const { contexts, arms, reference } = environment
    const deterministic = Float64Array.from(reference, (_, i) => (i % arms === 0 ? 1 : 0))
    const prob = deterministic.map((p) => Math.max(p, 1e-300))
    for (const policy of [policyOf(environment, 3), { prob, logp: prob.map(Math.log) }]) {
      const row = rowOf(environment, policy, table)
      for (const [column, value] of Object.entries(row)) {
        expect([value].flat().every(Number.isFinite), `${column}: ${value}`).toBe(true)
      }
      expect(Object.keys(row).filter((column) => column.startsWith("rewards.")).length).toBe(
        Object.keys(environment.rewards ?? {}).length
      )
      expect("massTopK" in row).toBe(arms >= 4)
      expect("implicitAccuracy" in row).toBe(contexts * arms * arms <= maxPairwise)
    }
  })
})

describe("ranking accuracy", () => {
  it("is the share of ordered pairs, whatever ties there are", () =>
    law((environment, { logp }) => {
      const { contexts, arms, contextWeights } = environment
      // Rounded, so that rewards and scores tie.
      const reward = environment.reward.map(Math.round)
      const score = logp.map(Math.round)
      let accuracy = 0
      for (let c = 0; c < contexts; c++) {
        let [right, pairs] = [0, 0]
        for (let a = c * arms; a < (c + 1) * arms; a++) {
          for (let b = c * arms; b < (c + 1) * arms; b++) {
            if (!(reward[a]! > reward[b]!)) continue
            pairs += 1
            right += score[a]! > score[b]! ? 1 : score[a] === score[b] ? 0.5 : 0
          }
        }
        accuracy += contextWeights[c]! * (pairs === 0 ? 0.5 : right / pairs)
      }
      expect(rankingAccuracy({ ...environment, reward }, score)).toBeCloseTo(accuracy, 14)
    }))
})

/** Share of labels of a table that the score predicts, given that `counts(chosen, rejected)`. */
const shareRight = (table: PairTable, score: Float64Array, counts: (w: number, l: number) => boolean): number => {
  let [right, total] = [0, 0]
  for (let i = 0; i < table.count; i++) {
    const [w, l, weight] = [table.chosen[i]!, table.rejected[i]!, table.weight[i]!]
    if (w === l || !counts(w, l)) continue
    total += weight
    right += weight * (score[w]! > score[l]! ? 1 : score[w] === score[l] ? 0.5 : 0)
  }
  return right / total
}

describe("implicit-reward accuracy", () => {
  it("is over the labelled population, in every domain, and at the reference a coin", () =>
    law((environment, policy) => {
      const { contexts, arms } = environment
      const domains = Int32Array.from({ length: contexts }, (_, c) => Math.min(c, 1))
      const world = checkedEnvironment({ ...environment, domains })
      const population = exactPairs(world)
      const row = rowOf(world, policy)
      expect(row.implicitAccuracy).toBeCloseTo(
        shareRight(population, policy.drift, () => true),
        12
      )
      for (let d = 0; d < Math.min(2, contexts); d++) {
        const within = shareRight(population, policy.drift, (w) => domains[Math.floor(w / arms)] === d)
        expect(row[`implicitAccuracy.domain${d}`]).toBeCloseTo(within, 12)
      }
      const reference = { logp: world.reference.map(Math.log), prob: world.reference }
      expect(rowOf(world, reference).implicitAccuracy).toBeCloseTo(0.5, 14)
    }))

  it("counts a domain that never occurs in training, and ranks its arms", () => {
    const base = makeEnvironment({ kind: "bradley-terry", arms: 3, contexts: 3 }, Rng.fromSeed(4))
    const environment = checkedEnvironment({
      ...base,
      contextWeights: Float64Array.of(1, 0, 0),
      domains: Int32Array.of(0, 1, 1)
    })
    const row = rowOf(environment, policyOf(environment, 1))
    const drift = policyOf(environment, 1).drift
    const only = (...weights: ReadonlyArray<number>) => ({ ...environment, contextWeights: Float64Array.from(weights) })
    expect(row["implicitRankingAccuracy.domain0"]).toBe(row.implicitRankingAccuracy)
    expect(row["implicitRankingAccuracy.domain1"]).toBeCloseTo(rankingAccuracy(only(0, 0.5, 0.5), drift), 14)
    const shifted = shareRight(exactPairs(only(0, 0.5, 0.5)), drift, () => true)
    expect(row["implicitAccuracy.domain1"]).toBeCloseTo(shifted, 12)
  })

  it("holds out the pairs that are in the data, in either order", () =>
    law((environment, policy, seed) => {
      const { table } = sampledPairs(environment, 3, Rng.fromSeed(seed))
      const trained = new Set<string>()
      for (let i = 0; i < table.count; i++) {
        trained.add(`${table.chosen[i]}-${table.rejected[i]}`)
        trained.add(`${table.rejected[i]}-${table.chosen[i]}`)
      }
      const fresh = shareRight(exactPairs(environment), policy.drift, (w, l) => !trained.has(`${w}-${l}`))
      const row = rowOf(environment, policy, table)
      if (Number.isNaN(fresh)) expect(row).not.toHaveProperty("heldOutAccuracy")
      else expect(row.heldOutAccuracy).toBeCloseTo(fresh, 12)
    }))
})

describe("regret at the same KL", () => {
  const mean = (environment: Environment, values: (i: number) => number): number =>
    environment.reference.reduce(
      (sum, _, i) => sum + environment.contextWeights[Math.floor(i / environment.arms)]! * values(i),
      0
    )

  it("is what the tilt of the same KL has more, found on a fine grid of tilts", () =>
    law((environment, policy) => {
      const { contexts, arms, reward, reference } = environment
      const kl = mean(environment, (i) => policy.prob[i]! * policy.drift[i]!)
      const [logp, prob] = [new Float64Array(contexts * arms), new Float64Array(contexts * arms)]
      let [best, next] = [-Infinity, -Infinity]
      for (let log = -8; log <= 8; log += 0.01) {
        const scores = reference.map((p, i) => Math.log(p) + Math.exp(log) * reward[i]!)
        softmaxInto(scores, contexts, arms, logp, prob)
        const value = mean(environment, (i) => prob[i]! * reward[i]!)
        if (mean(environment, (i) => prob[i]! * (logp[i]! - Math.log(reference[i]!))) <= kl) best = value
        else if (next === -Infinity) next = value
      }
      const { matchedRegret, expectedReward } = rowOf(environment, policy)
      if (best > -Infinity) expect(matchedRegret).toBeGreaterThan(best - expectedReward - 1e-12)
      if (next > -Infinity) expect(matchedRegret).toBeLessThan(next - expectedReward + 1e-12)
    }))

  it("is 0 at the reference, at tilts and at their limit, and not elsewhere", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 4, reference: "normal" }, Rng.fromSeed(6))
    const at = (prob: Float64Array) =>
      rowOf(environment, { prob, logp: prob.map((p) => Math.log(Math.max(p, Number.MIN_VALUE))) }).matchedRegret
    expect(at(environment.reference)).toBeLessThan(1e-15)
    // A last digit off is no distance.
    const rounded = environment.reference.map((p, y) => p * (1 + (y % 2 === 0 ? 1 : -1) * 2 ** -51))
    expect(at(rounded)).toBeLessThan(1e-14)
    for (const beta of [0.1, 1, 10]) expect(at(klOptimum(environment, beta).policy)).toBeLessThan(1e-13)
    const best = environment.reward.indexOf(Math.max(...environment.reward))
    expect(at(environment.reward.map((_, y) => (y === best ? 1 : 0)))).toBeLessThan(1e-13)
    expect(at(environment.reference.toReversed())).toBeGreaterThan(0.01)
  })
})

describe("winning", () => {
  it("against an opponent: every pair of draws, and what one wins the other loses", () =>
    law((environment, policy, seed) => {
      const { arms, contextWeights, preference } = environment
      const other = policyOf(environment, seed + 1).prob
      let wins = 0
      policy.prob.forEach((p, i) => {
        const c = Math.floor(i / arms)
        for (let b = 0; b < arms; b++) {
          wins += contextWeights[c]! * p * other[c * arms + b]! * preference.probability(c, i % arms, b)
        }
      })
      const row = rowOf(environment, policy, exactPairs(environment), { opponents: { rival: other } })
      expect(row["winRate.rival"]).toBeCloseTo(wins, 13)
      expect(policyWinRate(environment, policy.prob, other)).toBeCloseTo(wins, 13)
      expect(policyWinRate(environment, other, policy.prob)).toBeCloseTo(1 - wins, 13)
    }))

  it("exploitability is the best response's win above a tie, 0 at the Nash equilibrium of the cyclic game", () => {
    law((environment, policy) => {
      const { contexts, arms, contextWeights, preference } = environment
      let total = 0
      for (let c = 0; c < contexts; c++) {
        const wins = Array.from({ length: arms }, (_, y) =>
          Array.from({ length: arms }, (_, b) => policy.prob[c * arms + b]! * preference.probability(c, y, b))
        )
        const best = Math.max(...wins.map((row) => row.reduce((sum, w) => sum + w, 0)))
        total += contextWeights[c]! * (best - 0.5)
      }
      expect(rowOf(environment, policy).exploitability).toBeCloseTo(total, 13)
    })
    const cyclic = makeEnvironment({ kind: "cyclic" }, Rng.fromSeed(0))
    const at = (...prob: ReadonlyArray<number>) =>
      rowOf(cyclic, { logp: Float64Array.from(prob, Math.log), prob: Float64Array.from(prob) }).exploitability
    expect(at(0.3, 0.3, 0.4)).toBeCloseTo(0, 15)
    expect(at(1 / 3, 1 / 3, 1 / 3)).toBeCloseTo(1.6 / 3 - 0.5, 14)
  })

  it("best and worst of four: every list of draws of both policies", () =>
    law((environment, policy) => {
      const { contexts, arms, reward, reference, contextWeights } = environment
      const topDistribution = (prob: Float64Array, c: number, sign: number): Map<number, number> => {
        const found = new Map<number, number>()
        const go = (left: number, best: number, p: number): void => {
          if (left === 0) found.set(best, (found.get(best) ?? 0) + p)
          else
            for (let i = c * arms; i < (c + 1) * arms; i++)
              go(left - 1, Math.max(best, sign * reward[i]!), p * prob[i]!)
        }
        go(4, -Infinity, 1)
        return found
      }
      const expected = (sign: number): number => {
        let total = 0
        for (let c = 0; c < contexts; c++) {
          for (const [a, p] of topDistribution(policy.prob, c, sign)) {
            for (const [b, q] of topDistribution(reference, c, sign)) {
              total += contextWeights[c]! * p * q * (sign * a > sign * b ? 1 : a === b ? 0.5 : 0)
            }
          }
        }
        return total
      }
      const row = rowOf(environment, policy)
      expect(row.bestOf4WinRate).toBeCloseTo(expected(1), 12)
      expect(row.worstOf4WinRate).toBeCloseTo(expected(-1), 12)
    }))
})

describe("top-k", () => {
  it("is the mass and the renormalised entropy of the k largest, now and under the reference", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, topK) => {
        const environment = makeEnvironment(
          { kind: "bradley-terry", arms: 8, contexts: 2, reference: "normal" },
          Rng.fromSeed(seed)
        )
        const { logp, prob } = policyOf(environment, seed)
        const top = (score: Float64Array) =>
          [0, 8].map((from) =>
            Array.from({ length: 8 }, (_, y) => from + y)
              .sort((a, b) => score[b]! - score[a]!)
              .slice(0, topK)
          )
        const expected = (chosen: ReadonlyArray<ReadonlyArray<number>>) => {
          let [mass, entropy] = [0, 0]
          for (const row of chosen) {
            const sum = row.reduce((total, i) => total + prob[i]!, 0)
            mass += sum / 2
            for (const i of row) entropy -= (prob[i]! / sum) * Math.log(prob[i]! / sum) * 0.5
          }
          return [expect.closeTo(mass, 12), expect.closeTo(entropy, 9)]
        }
        const row = rowOf(environment, { logp, prob }, exactPairs(environment), { topK })
        expect([row.massTopK, row.entropyTopK]).toEqual(expected(top(prob)))
        expect([row.massReferenceTopK, row.entropyReferenceTopK]).toEqual(expected(top(environment.reference)))
      }),
      { numRuns: 40 }
    )
  })

  it("keeps the shape of k responses that have lost almost all mass, and refuses a k that is none", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 8 }, Rng.fromSeed(0))
    const reference = Float64Array.of(0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
    const logp = Float64Array.of(-800, -801, 0, -900, -900, -900, -900, -900)
    const world = { ...environment, reference }
    const row = rowOf(world, { logp, prob: logp.map(Math.exp) }, exactPairs(environment), { topK: 2 })
    const share = 1 / (1 + Math.exp(-1))
    expect(row.massReferenceTopK).toBe(0)
    expect(row.entropyReferenceTopK).toBeCloseTo(-share * Math.log(share) - (1 - share) * Math.log(1 - share), 12)
    expect(() => createEvaluator(environment, exactPairs(environment), { topK: 9 })).toThrow(/topK/)
    expect(() =>
      createEvaluator(environment, exactPairs(environment), { opponents: { short: Float64Array.of(1) } })
    ).toThrow(/opponent short needs 8 entries/)
  })
})

const withTables = (environment: Environment, seed: number, count: number): Environment => {
  const rng = Rng.fromSeed(seed)
  const tables = Array.from({ length: count }, (_, j) => [
    `r${j}`,
    normals(environment.reference.length, 1, rng.split(j))
  ])
  return checkedEnvironment({ ...environment, rewards: Object.fromEntries(tables) })
}

describe("further rewards", () => {
  it("are means of their tables; an indicator's is the mass of its set", () =>
    law((environment, policy, seed) => {
      const world = withTables(environment, seed, 1)
      const harmful = world.reference.map((_, i) => (i === 0 ? 1 : 0))
      const row = rowOf({ ...world, rewards: { ...world.rewards, harmful } }, policy)
      const expected = world.rewards!.r0!.reduce(
        (sum, r, i) => sum + world.contextWeights[Math.floor(i / world.arms)]! * policy.prob[i]! * r,
        0
      )
      expect(row["rewards.r0"]).toBeCloseTo(expected, 13)
      expect(row["rewards.harmful"]).toBeCloseTo(world.contextWeights[0]! * policy.prob[0]!, 14)
    }))

  it("the regret of the nearest weights is the least over a grid, up to its certified gap", () =>
    law((environment, { prob, drift, logp }, seed) => {
      for (const count of [2, 3]) {
        const world = withTables(environment, seed, count)
        const objectives = Object.values(world.rewards!)
        const { regret, gap, weights } = frontRegret(world, objectives, prob, drift)
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12)
        expect(gap).toBeLessThan(1e-9)
        const distanceTo = (grid: ArrayLike<number>): number => {
          const point = frontPolicy(world, objectives, grid)
          let kl = 0
          prob.forEach((p, i) => {
            kl += world.contextWeights[Math.floor(i / world.arms)]! * p * (logp[i]! - point.logp[i]!)
          })
          return world.beta * kl
        }
        expect(regret).toBeCloseTo(distanceTo(weights), 10)
        let least = Number.POSITIVE_INFINITY
        for (let a = 0; a <= 20; a++) {
          for (let b = 0; b <= (count === 3 ? 20 - a : 0); b++) {
            const grid = count === 2 ? [a / 20, 1 - a / 20] : [a / 20, b / 20, 1 - (a + b) / 20]
            least = Math.min(least, distanceTo(grid))
          }
        }
        expect(regret).toBeLessThanOrEqual(least + 1e-12)
        expect(rowOf(world, { prob, logp }).frontRegret).toBe(regret)
      }
    }))

  it("is 0 on the front and positive off it", () =>
    law((environment, policy, seed) => {
      const world = withTables(environment, seed, 2)
      const objectives = Object.values(world.rewards!)
      for (const share of [0, 0.3, 1]) {
        const point = frontPolicy(world, objectives, [share, 1 - share])
        const drift = point.logp.map((v, i) => v - Math.log(world.reference[i]!))
        const found = frontRegret(world, objectives, point.policy, drift)
        expect(found.regret).toBeLessThan(1e-12)
        expect(found.weights[0]).toBeCloseTo(share, 5)
      }
      const lost = frontRegret(world, objectives, policy.prob, policy.drift)
      if (world.arms * world.contexts > 3) expect(lost.regret).toBeGreaterThan(1e-9)
    }))
})
