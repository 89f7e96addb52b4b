/** Ranking by several outcomes: who beats whom, fronts, levels not reached, against the definitions written out. */
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import { decodeDeriveQuery, deriveLosses } from "../../src/derive/index.ts"
import { beats, type ParetoSpec, type ParetoValues, paretoPlaces, paretoValues } from "../../src/derive/pareto.ts"
import { studentInterval, studentQuantile } from "../../src/random/statistics.ts"

const objective = (metric: "expectedReward" | "entropy", direction: "max" | "min") => ({
  metric,
  direction,
  environment: { kind: "bradley-terry", arms: 3 } as const
})

const spec: ParetoSpec = {
  pareto: [objective("expectedReward", "max"), objective("entropy", "min")],
  learningRate: 0.05,
  steps: 60,
  seeds: [0, 1, 2],
  alpha: 0.05
}

/** Values of two objectives in three seeds. */
const around = (reward: number, entropy: number, noise = 0.01): ParetoValues => [
  [reward - noise, reward, reward + noise],
  [entropy + noise, entropy, entropy - noise]
]

describe("beating", () => {
  it("needs means at least as good everywhere, and one difference whose interval leaves 0 out", () => {
    expect(beats(spec, around(2, 1), around(1, 1))).toBe(true)
    expect(beats(spec, around(1, 1), around(2, 1))).toBe(false)
    expect(beats(spec, around(2, 0.5), around(1, 1))).toBe(true)
    // Worse in the second outcome, which is to be small.
    expect(beats(spec, around(2, 1.5), around(1, 1))).toBe(false)
    expect(beats(spec, around(1, 1), around(1, 1))).toBe(false)
  })

  it("does not count a difference that the seeds do not resolve", () => {
    // Means 1 apart, seed by seed -1, 1 and 3: the interval is 1 ± 5.
    const unsure: ParetoValues = [
      [0, 2, 4],
      [1, 1, 1]
    ]
    expect(beats(spec, unsure, around(1, 1, 0))).toBe(false)
    // At a level at which it is resolved, it counts.
    expect(beats({ ...spec, alpha: 0.5 }, unsure, around(1, 1, 0))).toBe(true)
  })

  it("pairs by seed: far apart between seeds, yet always better by as much", () => {
    const spread: ParetoValues = [
      [0, 50, -20],
      [3, 9, 1]
    ]
    const better: ParetoValues = [spread[0]!.map((value, i) => value! + [0.1, 0.11, 0.09][i]!), spread[1]!]
    expect(beats(spec, better, spread)).toBe(true)
  })
})

const numbers = fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 }), {
  minLength: 2,
  maxLength: 2
})

describe("places", () => {
  it("are fronts: beaten by no loss of its own or a later front, by one of the front before", () => {
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 7 }), (values) => {
        const names = values.map((_, i) => `l${i}`)
        const places = paretoPlaces(spec, names, values)
        places.forEach(({ front, dominatedBy }, j) => {
          const oracle = names.filter((_, i) => i !== j && beats(spec, values[i]!, values[j]!))
          expect(dominatedBy).toEqual(oracle)
          const fronts = oracle.map((name) => places[names.indexOf(name)]!.front!)
          // One more than the longest chain of losses that beat it would need peeling: the worst front among them, plus one.
          expect(front).toBe(Math.max(0, ...fronts) + 1)
        })
      })
    )
  })

  it("do not depend on the order of the losses", () => {
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 2, maxLength: 6 }), (values) => {
        const names = values.map((_, i) => `l${i}`)
        const forward = paretoPlaces(spec, names, values).map(({ front }) => front)
        const back = paretoPlaces(spec, [...names].reverse(), [...values].reverse()).map(({ front }) => front)
        expect([...back].reverse()).toEqual(forward)
      })
    )
  })

  it("give no front to a loss that misses a level in a seed, nor let it beat another", () => {
    const missing: ParetoValues = [
      [9, 9, undefined],
      [0, 0, 0]
    ]
    const [gone, there] = paretoPlaces(spec, ["gone", "there"], [missing, around(1, 1)])
    expect(gone).toMatchObject({ dominatedBy: [], outcomes: [{ seeds: 3, reached: 2, mean: 9 }, { reached: 3 }] })
    expect(gone!.front).toBeUndefined()
    expect(there).toMatchObject({ front: 1, dominatedBy: [] })
    const never = paretoPlaces(
      spec,
      ["never"],
      [
        [
          [undefined, undefined, undefined],
          [0, 0, 0]
        ]
      ]
    )[0]!
    expect(never.outcomes[0]).toEqual({ metric: "expectedReward", environment: "bradley-terry", seeds: 3, reached: 0 })
  })

  it("carry intervals at the level asked", () => {
    const [{ outcomes }] = paretoPlaces({ ...spec, alpha: 0.2 }, ["a"], [around(1, 2, 0.1)]) as [
      ReturnType<typeof paretoPlaces>[number]
    ]
    const half = (studentQuantile(0.2, 2) * 0.1) / Math.sqrt(3)
    expect(outcomes[0]!.low).toBeCloseTo(1 - half, 12)
    expect(studentInterval([0.9, 1, 1.1], 0.2).high).toBeCloseTo(1 + half, 12)
  })
})

describe("values", () => {
  it("are those of bandit cells, at the end and at a level, one run for objectives that share it", () => {
    const asked = {
      ...spec,
      pareto: [...spec.pareto, { ...spec.pareto[0]!, kl: 0.01 }, { ...spec.pareto[0]!, kl: 40 }]
    }
    const [reward, entropy, matched, never] = Result.getOrThrow(paretoValues(asked, "cpo_core"))
    const finals = spec.seeds.map((seed) =>
      runBanditCell({
        loss: "cpo_core",
        environment: spec.pareto[0]!.environment,
        data: { mode: "exact" },
        optimizer: { kind: "adam", learningRate: 0.05 },
        steps: 60,
        checkpoints: 60,
        klLevels: [0.01],
        seed
      })
    )
    expect(reward).toEqual(finals.map(({ final }) => final.expectedReward))
    expect(entropy).toEqual(finals.map(({ final }) => final.entropy))
    // Other checkpoints, so another line between them: near, not equal.
    finals.forEach(({ klMatched }, i) => {
      expect(matched![i]).toBeCloseTo(klMatched[0]!.expectedReward!, 3)
    })
    expect(never).toEqual([undefined, undefined, undefined])
  })

  it("fail for a loss that a bandit cannot run, with the reason", () => {
    const found = paretoValues(spec, "wpo")
    expect(Result.isFailure(found) && found.failure).toMatch(/wpo/)
  })
})

describe("a query", () => {
  const decoded = (rankBy: unknown) => decodeDeriveQuery({ admissible: true, require: ["strictly-monotone"], rankBy })

  it("returns fronts in order, within a front those that beat more, and the same again", () => {
    const query = Result.getOrThrow(decoded({ pareto: spec.pareto, seeds: [0, 1, 2] }))
    // Made-up values: the longer the name of the loss, the more reward.
    const pareto = (loss: string): ParetoValues => around(loss.length, 1)
    const { candidates } = Result.getOrThrow(deriveLosses(query, { pareto }))
    const fronts = candidates.map((one) => one.pareto!.front!)
    expect(fronts).toEqual([...fronts].sort((a, b) => a - b))
    expect(new Set(fronts).size).toBeGreaterThan(1)
    for (const { loss, pareto: place } of candidates) {
      const longer = candidates.filter((other) => other.loss.length > loss.length).map(({ name }) => name)
      expect([...place!.dominatedBy].sort()).toEqual(longer.sort())
    }
    expect(Result.getOrThrow(deriveLosses(query, { pareto })).candidates).toEqual(candidates)
  })

  it("runs its own bandits", () => {
    const query = Result.getOrThrow(decoded({ pareto: spec.pareto, seeds: [0, 1], steps: 20 }))
    const { candidates } = Result.getOrThrow(deriveLosses(query))
    expect(candidates).toHaveLength(14)
    const cpo = candidates.find(({ latticeName }) => latticeName === "CPO")!
    const values = Result.getOrThrow(paretoValues(query.rankBy as ParetoSpec, cpo.loss))
    expect(cpo.pareto!.outcomes[0]!.mean).toBeCloseTo((values[0]![0]! + values[0]![1]!) / 2, 12)
  })

  it("is refused with the key of what is wrong", () => {
    for (const [rankBy, sentence] of [
      [{ pareto: [] }, /rankBy\.pareto/],
      [{ pareto: [{ ...spec.pareto[0], metric: "reward" }] }, /rankBy\.pareto\[0\]\.metric: "reward" is not allowed/],
      [{ pareto: spec.pareto, seeds: [1] }, /rankBy\.seeds: an interval needs at least two seeds/],
      [{ pareto: spec.pareto, alpha: 2 }, /rankBy\.alpha/],
      [{ pareto: [{ ...spec.pareto[0], kl: -1 }] }, /rankBy\.pareto\[0\]\.kl/]
    ] as const) {
      const found = decoded(rankBy)
      expect(Result.isFailure(found) && found.failure.message).toMatch(sentence)
    }
  })
})
