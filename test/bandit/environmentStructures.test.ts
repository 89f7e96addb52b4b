/** What is special about single kinds of environment: games, contexts and features. The laws of all are in environments.test.ts. */
import { describe, expect, it } from "vitest"
import { chesScore } from "../../src/bandit/ches.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { sigmoid } from "../../src/bandit/preferences.ts"
import { nashEquilibrium } from "../../src/bandit/solvers/nash.ts"
import { winMatrix } from "../../src/bandit/solvers/winGame.ts"
import { Rng } from "../../src/random/rng.ts"
import { correlation, sum, world } from "./environmentHelpers.ts"
import { expectedLossAndGradient } from "./oracles.ts"
import { distance, familyOf } from "./worlds.ts"

describe("cyclic", () => {
  it("has a circle on which each beats the half that follows it, all win rates 1/2", () => {
    const { preference, reward } = world({ kind: "cyclic", game: "circular", arms: 5, scale: 2 })
    for (let a = 0; a < 5; a++) {
      const beaten = [0, 1, 2, 3, 4].filter((b) => preference.probability(0, a, b) > 0.5)
      expect(beaten.map((b) => (b - a + 5) % 5).sort()).toEqual([1, 2])
      for (const b of beaten) expect(preference.probability(0, a, b)).toBeCloseTo(sigmoid(2), 15)
      expect(reward[a]).toBeCloseTo(0.5, 14)
    }
  })

  it("has the uniform policy as the only Nash equilibrium of its circle", () => {
    const environment = world({ kind: "cyclic", game: "circular", arms: 7, scale: 3 })
    const { policy, unique } = nashEquilibrium(winMatrix(environment, 0), 7)
    expect(distance(policy, new Array(7).fill(1 / 7))).toBeLessThan(1e-15)
    expect(unique).toBe(true)
  })

  it("draws another game in every context, mostly without a winner when arms are many", () => {
    const { preference, contexts, arms } = world({ kind: "cyclic", game: "random", arms: 12, contexts: 40, scale: 2 })
    const odds = new Set(Array.from({ length: contexts }, (_, c) => preference.probability(c, 0, 1)))
    expect(odds.size).toBe(contexts)
    const beats = (c: number, a: number) =>
      Array.from({ length: arms }, (_, b) => b).every((b) => a === b || preference.probability(c, a, b) > 0.5)
    const withWinner = Array.from({ length: contexts }, (_, c) => c).filter((c) =>
      Array.from({ length: arms }, (_, a) => a).some((a) => beats(c, a))
    )
    // A Condorcet winner exists with probability 12 / 2^11.
    expect(withWinner.length).toBeLessThan(4)
  })

  it("has the win rate against the reference as reward, in every context", () => {
    const { preference, reward, reference } = world({
      kind: "cyclic",
      game: "random",
      arms: 4,
      contexts: 3,
      reference: [1, 2, 3, 4]
    })
    reward.forEach((r, i) => {
      const c = Math.floor(i / 4)
      const rate = sum([0, 1, 2, 3].map((b) => reference[4 * c + b]! * preference.probability(c, i % 4, b)))
      expect(r).toBeCloseTo(rate, 14)
    })
  })
})

describe("domains", () => {
  /** Correlation over seeds of the rewards of two contexts, all arms. */
  const across = (first: number, second: number, similarity: number, spread: number) => {
    const pairs = Array.from({ length: 300 }, (_, seed) => {
      const { reward, arms } = world({ kind: "domains", dimension: 8, similarity, spread }, seed)
      const row = (c: number) => [...reward.subarray(c * arms, (c + 1) * arms)]
      return [row(first), row(second)] as const
    })
    return correlation(
      pairs.flatMap(([a]) => a),
      pairs.flatMap(([, b]) => b)
    )
  }

  it("correlates rewards within a domain by 1 - spread², across domains by similarity times that", () => {
    expect(Math.abs(across(0, 1, 0.5, 0.5) - 0.75)).toBeLessThan(0.06)
    expect(Math.abs(across(0, 4, 0.5, 0.5) - 0.375)).toBeLessThan(0.08)
    expect(Math.abs(across(0, 4, 0, 0))).toBeLessThan(0.08)
    expect(across(0, 11, 1, 0)).toBeCloseTo(1, 10)
  })

  it("has rewards of about unit size and contexts in the order of their domains", () => {
    const all = Array.from({ length: 200 }, (_, seed) => [...world({ kind: "domains" }, seed).reward]).flat()
    expect(Math.abs(Math.sqrt(sum(all.map((r) => r * r)) / all.length) - 1)).toBeLessThan(0.1)
    expect([...world({ kind: "domains", domains: 2, prompts: 3 }).domains!]).toEqual([0, 0, 0, 1, 1, 1])
  })

  it("has a linear optimum: W / beta with h fixed", () => {
    const { features, reward, arms } = world({ kind: "domains" })
    const { dimension: d, hidden, weights } = features!
    expect(weights.every((w) => w === 0)).toBe(true)
    // Rewards of one arm are linear in h: five contexts of four dimensions are linearly dependent, and so are their rewards.
    const rows = [0, 1, 2, 3, 4].map((c) => [...hidden.subarray(c * d, (c + 1) * d)])
    const coefficients = solve(rows.slice(0, 4), rows[4]!)
    for (let y = 0; y < arms; y++) {
      const combined = sum(coefficients.map((w, c) => w * reward[c * arms + y]!))
      expect(combined).toBeCloseTo(reward[4 * arms + y]!, 9)
    }
  })

  it("draws no pair from a held-out domain, which compares all the same", () => {
    const environment = world({ kind: "domains", heldOut: true })
    const { chosen } = exactPairs(environment)
    expect(Math.max(...chosen)).toBeLessThan(8 * 8)
    expect([...environment.contextWeights]).toEqual([...new Array(8).fill(1 / 8), 0, 0, 0, 0])
  })
})

/** Coefficients w with Σ_i w_i rows_i = target, by Cramer's rule. */
const solve = (rows: ReadonlyArray<ReadonlyArray<number>>, target: ReadonlyArray<number>): ReadonlyArray<number> => {
  const determinant = (m: ReadonlyArray<ReadonlyArray<number>>): number =>
    m.length === 1
      ? m[0]![0]!
      : sum(m[0]!.map((v, j) => (-1) ** j * v * determinant(m.slice(1).map((row) => row.filter((_, k) => k !== j)))))
  const whole = determinant(rows)
  return rows.map((_, i) => determinant(rows.map((row, k) => (k === i ? target : row))) / whole)
}

describe("low-rank-pairs", () => {
  it("starts at softmax(W h) and compares couple i in prompt i alone", () => {
    const { features, reference, arms, comparisons } = world({ kind: "low-rank-pairs", pairs: 6, dimension: 3 })
    const { weights, hidden } = features!
    const logit = (i: number) =>
      sum([0, 1, 2].map((k) => weights[(i % arms) * 3 + k]! * hidden[Math.floor(i / arms) * 3 + k]!))
    reference.forEach((p, i) => {
      const first = arms * Math.floor(i / arms)
      expect(Math.log(p / reference[first]!)).toBeCloseTo(logit(i) - logit(first), 12)
    })
    expect(comparisons.kind === "table" && comparisons.probability[(3 * arms + 6) * arms + 7]).toBe(1)
  })

  it("splits the pairs of one world into fifths of rising score", () => {
    const fifths = [1, 2, 3, 4, 5].map((quintile) => world({ kind: "low-rank-pairs", pairs: 23, quintile }))
    expect(new Set(fifths.map(({ reward, reference }) => [...reward, ...reference].join())).size).toBe(1)
    const scores = fifths.map(({ contextWeights, features }) =>
      [...contextWeights].flatMap((w, i) => (w > 0 ? [chesScore(features!, 2 * i, 2 * i + 1)] : []))
    )
    expect(scores.flat()).toHaveLength(23)
    for (const [q, row] of scores.slice(1).entries()) expect(Math.min(...row)).toBeGreaterThan(Math.max(...scores[q]!))
    for (const { contextWeights } of fifths) expect(sum(contextWeights)).toBeCloseTo(1, 12)
  })

  it("scores a pair by what moving h does to the chosen answer, up to the mean answer", () => {
    const { features, arms } = world({ kind: "low-rank-pairs", pairs: 5, dimension: 4 }, 3)
    const { weights, hidden, dimension: d } = features!
    const vector = (y: number) => [...weights.subarray(y * d, (y + 1) * d)]
    const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => sum(a.map((v, k) => v * b[k]!))
    const along = vector(0).map((v, k) => v - vector(1)[k]!)
    const logp = (step: number) => {
      const h = along.map((v, k) => hidden[k]! + step * v)
      const logits = Array.from({ length: arms }, (_, y) => dot(vector(y), h))
      return logits.map((z) => z - Math.log(sum(logits.map(Math.exp))))
    }
    const slope = (logp(1e-5)[0]! - logp(-1e-5)[0]!) / 2e-5
    const mean = sum(logp(0).map((l, z) => Math.exp(l) * dot(vector(z), along)))
    expect(slope).toBeCloseTo(-chesScore(features!, 0, 1) - mean, 7)
  })
})

describe("reward-conditioned", () => {
  it("draws contexts and pairs as relabelling a sample of pairs does", () => {
    const { rewards, reference, arms, contexts, contextWeights, comparisons } = world(
      { kind: "reward-conditioned", prompts: 2, levels: 3, arms: 5, reference: "normal" },
      1
    )
    const rng = Rng.fromSeed(0)
    const counts = new Float64Array(contexts * arms * arms)
    const n = 60_000
    for (let i = 0; i < n; ) {
      const from = rng.int(2) * 3
      const draw = () => rng.categorical(reference.subarray(from * arms, (from + 1) * arms))
      let [y, other] = [draw(), draw()]
      const quality = (answer: number) => rewards!.quality![from * arms + answer]!
      while (quality(y) === quality(other)) [y, other] = [draw(), draw()]
      for (const goal of [quality(y), quality(other)]) counts[((from + goal - 1) * arms + y) * arms + other]! += 1 / n
      i += 2
    }
    const expected = comparisons.kind === "table" ? comparisons.probability : new Float64Array()
    expect(
      distance(
        counts,
        expected.map((p, i) => p * contextWeights[Math.floor(i / (arms * arms))]!)
      )
    ).toBeLessThan(5 * Math.sqrt(0.05 / n))
  })

  it("chooses the answer that meets the goal, whichever is better", () => {
    const environment = world({ kind: "reward-conditioned" })
    const { chosen, rejected } = exactPairs(environment)
    const quality = environment.rewards!.quality!
    const goal = (i: number) => 1 + (Math.floor(i / environment.arms) % 4)
    chosen.forEach((w, i) => {
      expect(quality[w]).toBe(goal(w))
      expect(quality[rejected[i]!]).not.toBe(goal(w))
    })
    expect(chosen.some((w, i) => quality[w]! < quality[rejected[i]!]!)).toBe(true)
    environment.reward.forEach((r, i) => {
      expect(r).toBeCloseTo(-((quality[i]! - goal(i)) ** 2), 14)
    })
  })

  it("has an optimum that is linear in its features", () => {
    const { features, rewards, reference, arms, beta, ...environment } = world({
      kind: "reward-conditioned",
      beta: 0.7
    })
    const { dimension: d, hidden } = features!
    const { policy } = klOptimum({ ...environment, features: features!, rewards: rewards!, reference, arms, beta })
    // W_y = (-q(x, y)² / beta, 2 q(x, y) / beta) in the coordinates of prompt x.
    const logits = reference.map((p, i) => {
      const c = Math.floor(i / arms)
      const weights = Array.from({ length: d }, (_, k) => {
        const q = rewards!.quality![4 * (k % 3) * arms + (i % arms)]!
        return (k < 3 ? -(q ** 2) : 2 * q) / beta
      })
      return Math.log(p) + sum(weights.map((w, k) => w * hidden[c * d + k]!))
    })
    for (let from = 0; from < logits.length; from += arms) {
      for (let i = from; i < from + arms; i++) {
        expect(Math.log(policy[i]! / policy[from]!)).toBeCloseTo(logits[i]! - logits[from]!, 9)
      }
    }
  })
})

describe("unseen", () => {
  it("has a third action that a loss of the pair may fill and the optimum may not", () => {
    const environment = world({ kind: "unseen", epsilon: 0.01 })
    expect([...environment.reference]).toEqual([0.495, 0.495, 0.01])
    const { chosen, rejected } = exactPairs(environment)
    expect([[...chosen], [...rejected]]).toEqual([[0], [1]])
    const lossOf = (...policy: ReadonlyArray<number>) =>
      expectedLossAndGradient(environment, familyOf("dpo?beta=1", environment), Float64Array.from(policy, Math.log))
        .loss
    expect(lossOf(0.1, 1e-12, 0.9)).toBeLessThan(1e-10)
    expect(lossOf(0.5, 0.49, 0.01)).toBeGreaterThan(0.5)
    expect(klOptimum(environment).policy[2]).toBeLessThan(0.01)
  })

  it("has its best answers on the diagonal of the grid, three pairs in every row", () => {
    const { reward, arms, preference, comparisons } = world({ kind: "unseen", world: "grid" })
    reward.forEach((r, i) => {
      const diagonal = Math.floor(i / arms) === i % arms
      expect(diagonal ? r === 1 : r >= 0 && r < 0.5).toBe(true)
    })
    const table = comparisons.kind === "table" ? comparisons.probability : new Float64Array()
    for (let c = 0; c < 8; c++) expect(table.subarray(c * 64, (c + 1) * 64).filter((p) => p > 0)).toHaveLength(3)
    expect(preference.probability(2, 2, 5)).toBe(1)
  })
})
