import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { comparisonMatrix } from "../../src/bandit/comparisons.ts"
import { checkedEnvironment, type Environment } from "../../src/bandit/environment.ts"
import { EnvironmentSpec, environments, makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { createEvaluator } from "../../src/bandit/metrics.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { exactPairs, sampledPairs } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { decodeWhole, findingText } from "../../src/loss/schemaFindings.ts"
import { Rng } from "../../src/random/rng.ts"
import { allSamples, isFixed } from "./environmentSamples.ts"
import { samplePolicies } from "./oracles.ts"

const rowSums = (table: Float64Array, length: number): ReadonlyArray<number> =>
  Array.from({ length: table.length / length }, (_, c) =>
    table.subarray(c * length, (c + 1) * length).reduce((sum, p) => sum + p, 0)
  )

/** All that an environment holds, as text; its preferences at a sample of pairs. */
const snapshot = (environment: Environment): string => {
  const { contexts, arms, preference } = environment
  const rng = Rng.fromSeed(0)
  const labels = Array.from({ length: 50 }, () =>
    preference.probability(rng.int(contexts), rng.int(arms), rng.int(arms))
  )
  const whole = { ...environment, preference: labels }
  return JSON.stringify(whole, (_key, value) => (ArrayBuffer.isView(value) ? String(value) : value))
}

const nameOf = (spec: EnvironmentSpec): string => ("of" in spec ? `${spec.kind}(${nameOf(spec.of)})` : spec.kind)

/** log π and π of logits [contexts * arms]. */
const policyOf = ({ contexts, arms }: Environment, logits: Float64Array) => {
  const [logp, prob] = [new Float64Array(logits.length), new Float64Array(logits.length)]
  softmaxInto(logits, contexts, arms, logp, prob)
  return { logp, prob }
}

/**
 * The chi-square statistic of counts against expected counts, standardised by Wilson and Hilferty to a normal deviate. Cells
 * that expect fewer than five are one.
 */
const chiSquareDeviate = (counts: Float64Array, expected: Float64Array): number => {
  let [statistic, cells, restCount, restExpected] = [0, 0, 0, 0]
  expected.forEach((e, i) => {
    if (e < 5) {
      restCount += counts[i]!
      restExpected += e
    } else {
      statistic += (counts[i]! - e) ** 2 / e
      cells += 1
    }
  })
  if (restExpected > 0) {
    statistic += (restCount - restExpected) ** 2 / restExpected
    cells += 1
  }
  const free = cells - 1
  if (free === 0) return 0
  const spread = 2 / (9 * free)
  return (Math.cbrt(statistic / free) - (1 - spread)) / Math.sqrt(spread)
}

describe.each(allSamples.map((spec) => [JSON.stringify(spec), spec] as const))("environment %s", (_name, spec) => {
  const lawfully = (law: (environment: Environment, seed: number) => void) =>
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        law(makeEnvironment(spec, Rng.fromSeed(seed)), seed)
      }),
      { numRuns: 12 }
    )

  it("passes the check of shapes and sums, unchanged", () =>
    lawfully((environment) => {
      expect(checkedEnvironment(environment)).toBe(environment)
      for (const sum of rowSums(environment.reference, environment.arms)) expect(sum).toBeCloseTo(1, 12)
      const { contextWeights } = environment
      expect(rowSums(contextWeights, contextWeights.length)[0]).toBeCloseTo(1, 12)
    }))

  it("has complementary preferences in [0, 1]", () =>
    lawfully(({ contexts, arms, preference }) => {
      const wrong: Array<string> = []
      for (let c = 0; c < contexts; c++) {
        for (let a = 0; a < arms; a++) {
          for (let b = 0; b <= a; b++) {
            const forward = preference.probability(c, a, b)
            const backward = preference.probability(c, b, a)
            const sound = forward >= 0 && forward <= 1 && Math.abs(forward + backward - 1) < 1e-14
            if (!sound) wrong.push(`P(${a} > ${b} | ${c}) = ${forward}, and ${backward}`)
          }
        }
      }
      expect(wrong).toEqual([])
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
      expect(chosen.every((w, i) => Math.floor(w / arms) === Math.floor(rejected[i]! / arms))).toBe(true)
    }))

  it("samples pairs as often as its population says", () => {
    const environment = makeEnvironment(spec, Rng.fromSeed(5))
    const n = 20_000
    const { arms, contexts } = environment
    const key = (w: number, l: number) => w * arms + (l % arms)
    const expected = new Float64Array(contexts * arms * arms)
    const population = exactPairs(environment)
    population.chosen.forEach((w, i) => {
      expected[key(w, population.rejected[i]!)]! += n * population.weight[i]!
    })
    const { table } = sampledPairs(environment, n, Rng.fromSeed(6))
    const counts = new Float64Array(expected.length)
    table.chosen.forEach((w, i) => {
      counts[key(w, table.rejected[i]!)]! += n * table.weight[i]!
    })
    expect(counts.every((count, i) => count === 0 || expected[i]! > 0)).toBe(true)
    // One sample in 30,000 of the right distribution deviates so far.
    expect(Math.abs(chiSquareDeviate(counts, expected))).toBeLessThan(4)
  })

  it("has its optimum at π_ref exp(R / beta): regret 0 there, above 0 elsewhere", () =>
    lawfully((environment, seed) => {
      const { evaluate } = createEvaluator(environment, exactPairs(environment))
      const { policy } = klOptimum(environment)
      const regretAt = (logits: Float64Array) => {
        const { logp, prob } = policyOf(environment, logits)
        return evaluate(0, 0, logp, prob).regret
      }
      const best = policy.map((p) => Math.log(Math.max(p, Number.MIN_VALUE)))
      const scale = 1 + environment.reward.reduce((top, r) => Math.max(top, Math.abs(r)), 0)
      expect(Math.abs(regretAt(best))).toBeLessThan(1e-12 * scale)
      for (const logits of samplePolicies(Rng.fromSeed(seed), environment, 4)) {
        expect(regretAt(logits)).toBeGreaterThan(-1e-12 * scale)
        expect(regretAt(best.map((z, i) => z + 0.5 * logits[i]!))).toBeGreaterThan(-1e-12 * scale)
      }
    }))

  it("is the same for the same seed, and another for another seed where something is drawn", () =>
    lawfully((environment, seed) => {
      const of = (other: number) => snapshot(makeEnvironment(spec, Rng.fromSeed(other)))
      expect(of(seed)).toBe(snapshot(environment))
      expect(of(seed + 1) === of(seed)).toBe(isFixed(spec))
    }))

  it("comes back from JSON", () => {
    const decoded = decodeWhole(EnvironmentSpec, JSON.parse(JSON.stringify(spec)))
    expect(Result.getOrThrow(decoded)).toEqual(spec)
  })

  it("refuses a key that it does not know, by name", () => {
    const refused = decodeWhole(EnvironmentSpec, { ...spec, armz: 3 })
    expect(Result.isFailure(refused) && refused.failure.map(findingText)).toEqual([
      expect.stringContaining('unknown key "armz"')
    ])
  })

  it("bears the name of its kind, and of what is in it", () => lawfully(({ id }) => expect(id).toBe(nameOf(spec))))
})

describe("the registry", () => {
  it("keeps every definition under its own id", () => {
    for (const [kind, definition] of Object.entries(environments)) expect(definition.id).toBe(kind)
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
    ["a beta by which no reward can be divided", { beta: 1e-310 }],
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
    [
      "feedback from contexts that do not sum to 1",
      {
        feedback: {
          desirable: Float64Array.of(1, 0, 0),
          undesirable: Float64Array.of(0, 0, 1),
          share: 0.5,
          undesirableContexts: Float64Array.of(0.5)
        }
      }
    ],
    ["a token flag above 2", { tree: { branching: 3, depth: 1, correct: Uint8Array.of(0, 1, 3) } }],
    ["comparisons that do not sum to 1", { comparisons: { kind: "table", probability: new Float64Array(9) } }]
  ])("refuses %s", (_what, change) => {
    expect(() => checkedEnvironment({ ...good, ...change })).toThrow(RangeError)
  })
})
