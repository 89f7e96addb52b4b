import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { comparisonMatrix } from "../../src/bandit/comparisons.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { checkedEnvironment } from "../../src/bandit/environment.ts"
import {
  type EnvironmentKind,
  type EnvironmentSpec,
  environments,
  makeEnvironment
} from "../../src/bandit/environments/registry.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { Rng } from "../../src/random/rng.ts"

/** At least one specification of every kind; the compiler asks for a new kind's here. */
const samples = {
  "bradley-terry": [
    { kind: "bradley-terry" },
    { kind: "bradley-terry", arms: 4, contexts: 3, reference: "normal", behaviour: "reference", unseen: 1, beta: 0.2 },
    {
      kind: "bradley-terry",
      rewards: [
        [1, 2, 3],
        [0, 0, 0]
      ],
      temperature: 0,
      reference: [1, 2, 1]
    },
    { kind: "bradley-terry", rewards: [5, -5], behaviour: [[3, 1]], referenceScale: 0 }
  ],
  copg: [{ kind: "copg" }, { kind: "copg", beta: 0.1 }],
  deterministic: [
    { kind: "deterministic", dataset: "D1" },
    { kind: "deterministic", dataset: "D2" },
    { kind: "deterministic", dataset: "D3'" }
  ],
  sparse: [{ kind: "sparse" }, { kind: "sparse", arms: 8, unseen: 0, temperature: 3, behaviour: "uniform" }],
  "low-rank": [{ kind: "low-rank" }, { kind: "low-rank", b: -10 }],
  cyclic: [
    { kind: "cyclic" },
    {
      kind: "cyclic",
      preference: [
        [0.5, 1],
        [0, 0.5]
      ],
      reference: [1, 3],
      behaviour: [2, 1]
    }
  ]
} satisfies { readonly [K in EnvironmentKind]: ReadonlyArray<Extract<EnvironmentSpec, { readonly kind: K }>> }

const all: ReadonlyArray<EnvironmentSpec> = Object.values(samples).flat()

const rowSums = (table: Float64Array, length: number): ReadonlyArray<number> =>
  Array.from({ length: table.length / length }, (_, c) =>
    table.subarray(c * length, (c + 1) * length).reduce((sum, p) => sum + p, 0)
  )

const snapshot = ({ preference, ...rest }: Environment) =>
  JSON.stringify({ ...rest, p: preference.probability(0, 0, 1) })

describe.each(all.map((spec) => [JSON.stringify(spec), spec] as const))("environment %s", (_name, spec) => {
  const lawfully = (law: (environment: Environment, seed: number) => void) =>
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        law(makeEnvironment(spec, Rng.fromSeed(seed)), seed)
      }),
      { numRuns: 12 }
    )

  it("has tables of its shape, finite rewards and a positive beta", () =>
    lawfully(({ contexts, arms, reward, reference, beta }) => {
      expect(reward).toHaveLength(contexts * arms)
      expect(reference).toHaveLength(contexts * arms)
      expect(reward.every(Number.isFinite)).toBe(true)
      expect(beta).toBeGreaterThan(0)
    }))

  it("has a reference and context weights that are positive distributions", () =>
    lawfully(({ arms, reference, contextWeights }) => {
      for (const sum of rowSums(reference, arms)) expect(sum).toBeCloseTo(1, 12)
      expect(reference.every((p) => p > 0)).toBe(true)
      expect(rowSums(contextWeights, contextWeights.length)[0]).toBeCloseTo(1, 12)
    }))

  it("has complementary preferences in [0, 1]", () =>
    lawfully(({ contexts, arms, preference }) => {
      for (let c = 0; c < contexts; c++) {
        for (let a = 0; a < arms; a++) {
          for (let b = 0; b < arms; b++) {
            const forward = preference.probability(c, a, b)
            expect(forward).toBeGreaterThanOrEqual(0)
            expect(Math.abs(forward + preference.probability(c, b, a) - 1)).toBeLessThan(1e-14)
          }
        }
      }
    }))

  it("compares pairs that sum to 1 in every context, and so does its population", () =>
    lawfully((environment) => {
      const { contexts, arms, comparisons } = environment
      for (let c = 0; c < contexts; c++) {
        const matrix = comparisonMatrix(comparisons, c, arms)!
        expect(rowSums(matrix, matrix.length)[0]).toBeCloseTo(1, 12)
      }
      const { weight, chosen, rejected } = exactPairs(environment)
      expect(rowSums(weight, weight.length)[0]).toBeCloseTo(1, 12)
      chosen.forEach((w, i) => {
        expect(Math.floor(w / arms)).toBe(Math.floor(rejected[i]! / arms))
      })
    }))

  it("is the same for the same seed", () =>
    lawfully((environment, seed) => {
      expect(snapshot(makeEnvironment(spec, Rng.fromSeed(seed)))).toBe(snapshot(environment))
    }))

  it("bears the name of its kind", () => lawfully(({ id }) => expect(id).toBe(spec.kind)))
})

describe("the registry", () => {
  it("keeps every definition under its own id", () => {
    for (const [kind, definition] of Object.entries(environments)) expect(definition.id).toBe(kind)
  })

  it("draws different rewards for different seeds", () => {
    const rewards = (seed: number) => makeEnvironment({ kind: "bradley-terry" }, Rng.fromSeed(seed)).reward
    expect(rewards(1)).not.toEqual(rewards(2))
  })
})

describe("bradley-terry", () => {
  it("takes its size from the reward table and repeats single rows", () => {
    const environment = makeEnvironment(
      {
        kind: "bradley-terry",
        rewards: [
          [1, 2, 3],
          [4, 5, 6]
        ],
        reference: [1, 1, 2]
      },
      Rng.fromSeed(0)
    )
    expect([environment.contexts, environment.arms]).toEqual([2, 3])
    expect([...environment.reference]).toEqual([0.25, 0.25, 0.5, 0.25, 0.25, 0.5])
    expect(environment.preference.probability(1, 1, 0)).toBeCloseTo(1 / (1 + Math.exp(-1)), 15)
  })

  it("never compares unseen arms", () => {
    const { chosen, rejected } = exactPairs(
      makeEnvironment({ kind: "bradley-terry", arms: 5, contexts: 2, unseen: 2 }, Rng.fromSeed(3))
    )
    expect([...chosen, ...rejected].every((i) => i % 5 < 3)).toBe(true)
    expect(chosen).toHaveLength(2 * 3 * 2)
  })
})

describe("low-rank", () => {
  it("starts at softmax(W h), the published probabilities but for the three random responses", () => {
    const { reference } = makeEnvironment({ kind: "low-rank" }, Rng.fromSeed(0))
    expect(reference[0]).toBe(reference[1])
    expect(reference[2]! / reference[0]!).toBeCloseTo(Math.exp(-0.3), 12)
    expect(reference[0]).toBeGreaterThan(0.32)
    expect(reference[0]).toBeLessThan(0.36)
  })
})

describe("checkedEnvironment", () => {
  const good = makeEnvironment({ kind: "copg" }, Rng.fromSeed(0))
  it.each<[string, Partial<Environment>]>([
    ["a reward table of another shape", { reward: Float64Array.of(1, 2) }],
    ["a reference with a zero", { reference: Float64Array.of(1, 0, 0) }],
    ["a reference that does not sum to 1", { reference: Float64Array.of(0.5, 0.2, 0.2) }],
    ["a reward that is not finite", { reward: Float64Array.of(1, 2, Number.NaN) }],
    ["beta 0", { beta: 0 }],
    [
      "a behaviour that never compares two responses",
      {
        comparisons: {
          kind: "product",
          first: Float64Array.of(1, 0, 0),
          second: Float64Array.of(1, 0, 0),
          identical: false
        }
      }
    ],
    ["comparisons that do not sum to 1", { comparisons: { kind: "table", probability: new Float64Array(9) } }]
  ])("refuses %s", (_what, change) => {
    expect(() => checkedEnvironment({ ...good, ...change })).toThrow(RangeError)
  })
})
