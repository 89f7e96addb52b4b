/** What is special about single kinds of environment: labels and rewards. The laws of all are in environments.test.ts. */
import { describe, expect, it } from "vitest"
import { klOptimum } from "../../src/bandit/optima.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { sigmoid } from "../../src/bandit/preferences.ts"
import { Rng } from "../../src/random/rng.ts"
import { correlation, sum, world } from "./environmentHelpers.ts"
import { distance } from "./worlds.ts"

describe("shifted-labels", () => {
  it("draws liked and disliked answers as a user who sees one answer at a time does", () => {
    const environment = world({ kind: "shifted-labels", prompts: 2, arms: 3, temperature: 0.7, reference: "normal" }, 2)
    const { feedback, reward, reference } = environment
    const n = 60_000
    const rng = Rng.fromSeed(1)
    const [liked, disliked] = [new Float64Array(12), new Float64Array(12)]
    for (let i = 0; i < n; i++) {
      const c = rng.int(4)
      const seen = 3 * c + rng.categorical(reference.subarray(3 * c, 3 * c + 3))
      const table = rng.uniform() < sigmoid(reward[seen]! / 0.7) ? liked : disliked
      table[seen]! += 1 / n
    }
    const { share, desirable, undesirable, desirableContexts, undesirableContexts } = feedback!
    const joint = (total: number, contexts: Float64Array, answers: Float64Array) =>
      answers.map((p, i) => total * contexts[Math.floor(i / 3)]! * p)
    // Five standard errors.
    expect(distance(joint(share, desirableContexts!, desirable), liked)).toBeLessThan(5 * Math.sqrt(0.1 / n))
    expect(distance(joint(1 - share, undesirableContexts!, undesirable), disliked)).toBeLessThan(5 * Math.sqrt(0.1 / n))
  })

  it("parts the prompts of liked and disliked answers the more the larger the shift, and leaves the optimum", () => {
    const easyShare = (shift: number, seed: number) => {
      const { desirableContexts, undesirableContexts } = world({ kind: "shifted-labels", shift }, seed).feedback!
      return [sum(desirableContexts!.subarray(0, 4)), sum(undesirableContexts!.subarray(0, 4))] as const
    }
    for (const seed of [0, 1, 2]) {
      for (const [i, sign] of [
        [0, 1],
        [1, -1]
      ] as const) {
        const shares = [0, 1, 2, 6].map((shift) => sign * easyShare(shift, seed)[i])
        expect(shares).toEqual(shares.toSorted((a, b) => a - b))
        expect(Math.abs(shares[3]!) > 0.97 || Math.abs(shares[3]!) < 0.03).toBe(true)
      }
      const optimum = (shift: number) => klOptimum(world({ kind: "shifted-labels", shift }, seed)).policy
      expect(distance(optimum(0), optimum(6))).toBeLessThan(1e-12)
    }
  })
})

describe("dispreferred", () => {
  it("has a tenth of harmful arms, and rejects nothing else", () => {
    const environment = world({ kind: "dispreferred", reference: "normal" })
    const { harmful } = environment.rewards!
    expect(sum(harmful!)).toBe(5)
    environment.reward.forEach((r, y) => {
      expect(r === -4).toBe(harmful![y] === 1)
    })
    const { chosen, rejected, weight } = exactPairs(environment)
    expect(chosen.every((y) => harmful![y] === 0) && rejected.every((y) => harmful![y] === 1)).toBe(true)
    expect(weight).toHaveLength(45 * 5)
    const harmfulMass = sum(environment.reference.filter((_, y) => harmful![y] === 1))
    rejected.forEach((l, i) => {
      const expected =
        ((environment.reference[chosen[i]!]! / (1 - harmfulMass)) * environment.reference[l]!) / harmfulMass
      expect(weight[i]).toBeCloseTo(expected, 14)
    })
    expect(environment.feedback!.share).toBe(0)
    expect(sum(environment.feedback!.undesirable.filter((_, y) => harmful![y] === 0))).toBe(0)
  })

  it("lets the asked share of chosen answers be harmful, and prefers none of two harmful ones", () => {
    const environment = world({ kind: "dispreferred", noisy: 0.33, reference: "normal", contexts: 2 })
    const { harmful } = environment.rewards!
    const { chosen, rejected, weight } = exactPairs(environment)
    expect(sum(weight.filter((_, i) => harmful![chosen[i]!] === 1))).toBeCloseTo(0.33, 12)
    expect(rejected.every((y, i) => harmful![y] === 1 && y !== chosen[i])).toBe(true)
    const shares = new Map(Array.from(weight, (w, i) => [`${chosen[i]}>${rejected[i]}`, w]))
    chosen.forEach((w, i) => {
      if (harmful![w] === 1) expect(shares.get(`${rejected[i]}>${w}`)).toBeCloseTo(weight[i]!, 14)
    })
    const liked = environment.feedback!.desirable
    expect(sum(liked.subarray(0, 50).filter((_, y) => harmful![y] === 1))).toBeCloseTo(0.33, 12)
  })
})

describe("multi-objective", () => {
  it("draws rewards of the asked correlation and mixes them to gold", () => {
    const { reward, rewards } = world({ kind: "multi-objective", arms: 4000, correlation: -0.6, weight: 0.3 })
    expect(Math.abs(correlation(rewards!.first!, rewards!.second!) + 0.6)).toBeLessThan(0.05)
    expect(
      distance(
        reward,
        rewards!.first!.map((r, i) => 0.3 * r + 0.7 * rewards!.second![i]!)
      )
    ).toBe(0)
    const opposite = world({ kind: "multi-objective", correlation: -1 }).rewards!
    expect(
      distance(
        opposite.first!,
        opposite.second!.map((r) => -r)
      )
    ).toBe(0)
  })

  it("labels by the objective asked for", () => {
    for (const labels of ["first", "second"] as const) {
      const { preference, rewards } = world({ kind: "multi-objective", labels })
      const gap = rewards![labels]![3]! - rewards![labels]![8]!
      expect(preference.probability(0, 3, 8)).toBeCloseTo(sigmoid(gap), 14)
    }
    const { preference, reward } = world({ kind: "multi-objective", labels: "gold" })
    expect(preference.probability(0, 3, 8)).toBeCloseTo(sigmoid(reward[3]! - reward[8]!), 14)
  })
})

describe("over-optimisation", () => {
  it("has a proxy that is the gold reward and noise of the asked size", () => {
    const { reward, rewards } = world({ kind: "over-optimisation", arms: 5000, proxyNoise: 0.5 })
    const noise = rewards!.proxy!.map((p, i) => p - reward[i]!)
    expect(Math.abs(Math.sqrt(sum(noise.map((e) => e * e)) / 5000) - 0.5)).toBeLessThan(0.03)
    expect(Math.abs(correlation(noise, reward))).toBeLessThan(0.05)
  })

  it("labels at temperature 3 the pairs that the reference draws", () => {
    const { preference, reward, comparisons, reference } = world({ kind: "over-optimisation" })
    expect(preference.probability(0, 5, 9)).toBeCloseTo(sigmoid((reward[5]! - reward[9]!) / 3), 14)
    expect(comparisons).toMatchObject({ kind: "product", first: reference, second: reference })
  })

  it("follows Zipf's law on demand, other answers first in other contexts", () => {
    const { reference } = world({
      kind: "over-optimisation",
      contexts: 32,
      arms: 64,
      reference: "zipf",
      referenceScale: 1.5
    })
    const rows = Array.from({ length: 32 }, (_, c) => reference.slice(64 * c, 64 * c + 64))
    for (const row of rows) {
      const sorted = row.toSorted((a, b) => b - a)
      sorted.forEach((p, k) => {
        expect(p / sorted[0]!).toBeCloseTo((k + 1) ** -1.5, 12)
      })
    }
    expect(new Set(rows.map((row) => row.indexOf(Math.max(...row)))).size).toBeGreaterThan(10)
  })
})

describe("best-of-n", () => {
  it("has no ties in a context", () => {
    const { reward } = world({ kind: "best-of-n", contexts: 3 })
    for (const c of [0, 1, 2]) expect(new Set(reward.subarray(200 * c, 200 * c + 200)).size).toBe(200)
  })

  /** KL(best of n ‖ π_ref) and win rate against π_ref, ties 1/2, answer by answer from the worst. */
  const bestOf = (n: number, reference: "uniform" | "normal", seed: number) => {
    const environment = world({ kind: "best-of-n", reference }, seed)
    const order = [...environment.reward.keys()].sort((a, b) => environment.reward[a]! - environment.reward[b]!)
    let [below, kl, winRate] = [0, 0, 0]
    for (const y of order) {
      const p = environment.reference[y]!
      const best = (below + p) ** n - below ** n
      kl += best * Math.log(best / p)
      winRate += best * (below + p / 2)
      below += p
    }
    return { kl, winRate }
  }

  it("has a best of n just below the bounds log n - (n - 1)/n and n/(n + 1), which many arms approach", () => {
    for (const n of [2, 4, 16]) {
      for (const reference of ["uniform", "normal"] as const) {
        const { kl, winRate } = bestOf(n, reference, n)
        const [klBound, winBound] = [Math.log(n) - (n - 1) / n, n / (n + 1)]
        expect(kl).toBeLessThan(klBound)
        expect(kl).toBeGreaterThan(klBound - 0.005)
        expect(winRate).toBeLessThan(winBound)
        expect(winRate).toBeGreaterThan(winBound - 0.005)
      }
    }
    // Over the uniform reference the draw does not matter.
    expect(bestOf(4, "uniform", 7).kl).toBeCloseTo(0.636276, 6)
    expect(bestOf(4, "uniform", 7).winRate).toBeCloseTo(0.799992, 6)
  })
})
