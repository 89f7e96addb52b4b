/** What the environments are for: the published effects, small and with fixed seeds. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { cellEnvironment, runUncheckedCell } from "../../src/bandit/cell.ts"
import type { EnvironmentSpec } from "../../src/bandit/environments/registry.ts"
import { exactPairs, unseenResponses } from "../../src/bandit/pairs.ts"
import type { PolicySpec } from "../../src/bandit/policySpec.ts"

interface Run {
  readonly loss: string
  readonly environment: EnvironmentSpec
  readonly policy: PolicySpec
  readonly steps: number
  readonly seed: number
  readonly optimizer?: { readonly kind: "adam" | "gd"; readonly learningRate: number }
}

/** A learner that averages what it had at the end of every domain. */
const combined = (heldOut: boolean, domains: number) =>
  Result.getOrThrow(
    runUncheckedCell({
      loss: "dpo?beta=1",
      environment: { kind: "domains", domains, heldOut },
      data: { mode: "exact", arrival: "in-order" },
      regime: { kind: "fast-slow", combine: true },
      optimizer: { kind: "adam", learningRate: 0.05 },
      steps: 40,
      checkpoints: 1,
      seed: 0
    })
  )

const trained = ({ optimizer = { kind: "adam", learningRate: 0.01 }, ...run }: Run) =>
  Result.getOrThrow(runUncheckedCell({ ...run, data: { mode: "exact" }, optimizer, checkpoints: 1 }))

/** The most that an answer which occurs in no pair gained over the reference. */
const topUnseenGain = (run: Run): number => {
  const environment = cellEnvironment(run)
  const unseen = unseenResponses(environment, exactPairs(environment))
  const gains = trained(run).policy.map((p, i) => (unseen[i] === 1 ? p - environment.reference[i]! : 0))
  return Math.max(...gains)
}

describe("unseen answers of the grid (Xu et al.)", () => {
  it("gain under DPO when prompts share a small layer, and next to nothing when they do not", () => {
    const world: EnvironmentSpec = { kind: "unseen", world: "grid" }
    for (const seed of [0, 1, 2]) {
      const gain = (policy: PolicySpec) =>
        topUnseenGain({ loss: "dpo?beta=0.1", environment: world, policy, steps: 20, seed })
      expect(gain({ kind: "mlp" })).toBeGreaterThan(0.1)
      expect(gain({ kind: "tabular" })).toBeLessThan(0.02)
    }
  })
})

describe("one pair on the tree (Rafailov et al.)", () => {
  it("puts mass on unseen answers with logits shared per depth, at small beta, and not with free ones", () => {
    for (const seed of [0, 1]) {
      const gain = (sharing: "depth" | "none", beta: number) =>
        topUnseenGain({
          loss: `dpo?beta=${beta}`,
          environment: { kind: "tree", pairs: 1, temperature: 0 },
          policy: { kind: "tree", sharing },
          steps: 600,
          seed
        })
      expect(gain("depth", 0.01)).toBeGreaterThan(0.1)
      expect(gain("none", 0.01)).toBeLessThan(0.02)
    }
  })
})

describe("shared logits on the tree", () => {
  it("raise with the chosen answer, equally, every one that differs from it where the pair does not differ", () => {
    for (const seed of [0, 1, 2, 3, 4, 5]) {
      const environment: EnvironmentSpec = { kind: "tree", pairs: 1, temperature: 0 }
      const run = {
        loss: "ipo?tau=0.1",
        environment,
        policy: { kind: "tree", sharing: "depth" },
        steps: 300,
        seed
      } as const
      const { chosen, rejected } = exactPairs(cellEnvironment(run))
      const { policy } = trained(run)
      const tokens = (leaf: number) => [...leaf.toString(3).padStart(3, "0")]
      const [w, l] = [tokens(chosen[0]!), tokens(rejected[0]!)]
      const twins = policy.filter((_, y) => tokens(y).every((token, t) => w[t] === l[t] || token === w[t]))
      expect(twins).toHaveLength(3 ** w.filter((token, t) => token === l[t]).length)
      for (const p of twins) expect(p).toBeCloseTo(policy[chosen[0]!]!, 12)
      expect(policy[chosen[0]!]).toBeGreaterThan(1.5 / 27)
    }
  })
})

describe("pairs of varying similarity (Razin et al.)", () => {
  it.each(["dpo?beta=1", "ccpo"])("%s: the chosen answer gains less, and at last loses, as CHES rises", (loss) => {
    for (const seed of [0, 1]) {
      const drifts = [1, 2, 3, 4, 5].map(
        (quintile) =>
          trained({
            loss,
            environment: { kind: "low-rank-pairs", quintile },
            policy: { kind: "linear" },
            optimizer: { kind: "gd", learningRate: 0.01 },
            steps: 300,
            seed
          }).final.chosenLogpDrift
      )
      expect(drifts).toEqual(drifts.toSorted((a, b) => b - a))
      expect(drifts[0]).toBeGreaterThan(0.5)
      expect(drifts[4]).toBeLessThan(-0.5)
    }
  })

  it("cannot displace with fixed context vectors", () => {
    const { final } = trained({
      loss: "dpo?beta=1",
      environment: { kind: "low-rank-pairs", quintile: 5 },
      policy: { kind: "linear", trainFeatures: false },
      optimizer: { kind: "gd", learningRate: 0.01 },
      steps: 300,
      seed: 0
    })
    expect(final.chosenLogpDrift).toBeGreaterThan(0)
  })
})

describe("domains", () => {
  it("that are held out never arrive: with one other, nothing is averaged", () => {
    const [held, first] = [combined(true, 2).policy.slice(0, 32), combined(false, 2).policy.slice(0, 32)]
    const plain = trained({
      loss: "dpo?beta=1",
      environment: { kind: "domains", domains: 2, heldOut: true },
      policy: { kind: "tabular" },
      optimizer: { kind: "adam", learningRate: 0.05 },
      steps: 40,
      seed: 0
    }).policy.slice(0, 32)
    const gap = (policy: ReadonlyArray<number>) => Math.max(...policy.map((p, i) => Math.abs(p - plain[i]!)))
    expect(gap(held)).toBeLessThan(0.02)
    expect(gap(first)).toBeGreaterThan(0.05)
  })

  it("let a policy that shares vectors learn what it has no data on, the more the more alike they are", () => {
    const heldOutRanking = (similarity: number, seed: number) => {
      const environment: EnvironmentSpec = {
        kind: "domains",
        domains: 2,
        prompts: 3,
        dimension: 16,
        spread: 0.3,
        similarity,
        heldOut: true
      }
      const { reward, reference, domains } = cellEnvironment({ environment, seed })
      const { policy } = trained({
        loss: "dpo?beta=1",
        environment,
        policy: { kind: "linear", trainFeatures: false },
        steps: 400,
        seed
      })
      let [right, all] = [0, 0]
      for (let i = 0; i < policy.length; i++) {
        if (domains![Math.floor(i / 8)] !== 1) continue
        for (let j = 8 * Math.floor(i / 8); j < i; j++) {
          const implicit = Math.log(policy[i]! / reference[i]!) - Math.log(policy[j]! / reference[j]!)
          right += implicit * (reward[i]! - reward[j]!) > 0 ? 1 : 0
          all += 1
        }
      }
      return right / all
    }
    const mean = (similarity: number) => [0, 1, 2].reduce((sum, seed) => sum + heldOutRanking(similarity, seed) / 3, 0)
    const [alike, apart] = [mean(1), mean(0)]
    expect(alike).toBeGreaterThan(0.85)
    expect(apart).toBeLessThan(0.65)
  })
})
