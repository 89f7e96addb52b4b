/** Laws of the wrappers noise, coverage and ties, over every kind of environment. */
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cellEnvironment, runUncheckedCell } from "../../src/bandit/cell.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { coverageEnvironment } from "../../src/bandit/environments/coverage.ts"
import {
  type EnvironmentSpec,
  environmentOf,
  environments,
  makeEnvironment
} from "../../src/bandit/environments/registry.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { Rng } from "../../src/random/rng.ts"
import { allSamples } from "./environmentSamples.ts"

const built = (spec: EnvironmentSpec, seed = 1): Environment => makeEnvironment(spec, Rng.fromSeed(seed))

const around = (spec: EnvironmentSpec) => ({
  noise: (rate: number): EnvironmentSpec => ({ kind: "noise", rate, of: spec }),
  coverage: (keep: number | readonly [number, ...Array<number>]): EnvironmentSpec => ({
    kind: "coverage",
    keep,
    of: spec
  }),
  ties: (rate: number, as: "coin" | "dropped" = "coin"): EnvironmentSpec => ({ kind: "ties", rate, as, of: spec })
})

/** What data can show of an environment: weights of labelled pairs, and of (context, answer, thumb). */
const shown = (environment: Environment): ReadonlyMap<string, number> => {
  const { chosen, rejected, weight } = exactPairs(environment)
  const out = new Map(Array.from(weight, (w, i) => [`${chosen[i]}>${rejected[i]}`, w]))
  const { feedback, arms, contextWeights } = environment
  if (feedback === undefined) return out
  const { share, desirable, undesirable } = feedback
  desirable.forEach((p, i) => {
    const weights = feedback.desirableContexts ?? contextWeights
    out.set(`+${i}`, share * weights[Math.floor(i / arms)]! * p)
  })
  undesirable.forEach((p, i) => {
    const weights = feedback.undesirableContexts ?? contextWeights
    out.set(`-${i}`, (1 - share) * weights[Math.floor(i / arms)]! * p)
  })
  return out
}

const expectSameData = (a: Environment, b: Environment): void => {
  const [left, right] = [shown(a), shown(b)]
  const keys = new Set([...left.keys(), ...right.keys()])
  const apart = [...keys].filter((key) => Math.abs((left.get(key) ?? 0) - (right.get(key) ?? 0)) > 1e-13)
  expect(apart).toEqual([])
}

/** The laws look at every pair: worlds of 200 answers add nothing but time. */
const small = allSamples.filter((spec) => {
  const { contexts, arms } = built(spec)
  return contexts * arms ** 2 <= 5000
})

it("meets every kind of environment", () => {
  expect(new Set(small.map(({ kind }) => kind))).toEqual(new Set(Object.keys(environments)))
})

describe.each(small.map((spec) => [JSON.stringify(spec), spec] as const))("around %s", (_name, spec) => {
  const world = built(spec)
  const { noise, coverage, ties } = around(spec)

  it("every wrapper leaves rewards, reference and beta", () => {
    for (const wrapped of [noise(0.3), ties(0.3), ties(0.3, "dropped"), coverage(1)]) {
      const { reward, reference, beta } = built(wrapped)
      expect([reward, reference, beta]).toEqual([world.reward, world.reference, world.beta])
    }
  })

  it("noise of rate 0, ties of rate 0 and whole coverage change nothing", () => {
    for (const wrapped of [noise(0), ties(0), ties(0, "dropped"), coverage(1)]) expectSameData(built(wrapped), world)
  })

  it("noise composes: r over s is r + s - 2 r s; noise of rate 1 turns every label, twice none", () => {
    expectSameData(built(around(noise(0.3)).noise(0.2)), built(noise(0.3 + 0.2 - 0.12)))
    expectSameData(built(around(noise(1)).noise(1)), world)
    const turned = shown(built(noise(1)))
    for (const [key, weight] of shown(world)) {
      const [w, l] = key.split(">")
      const other = l === undefined ? key.replace(/^[+-]/, (sign) => (sign === "+" ? "-" : "+")) : `${l}>${w}`
      expect(turned.get(other)).toBeCloseTo(weight, 13)
    }
  })

  it("noise is the data option noise", () => {
    const { chosen, rejected, weight } = exactPairs(world, { noise: 0.2 })
    const expected = new Map(Array.from(weight, (w, i) => [`${chosen[i]}>${rejected[i]}`, w]))
    const actual = [...shown(built(noise(0.2)))].filter(([key]) => key.includes(">"))
    expect(actual.length).toBe(expected.size)
    for (const [key, w] of actual) expect(w).toBeCloseTo(expected.get(key)!, 13)
  })

  it("ties keep P(a > b) + P(b > a) = 1 and pull towards 1/2", () => {
    const { contexts, arms } = world
    const rng = Rng.fromSeed(3)
    const tied = built(ties(0.6))
    for (let i = 0; i < 200; i++) {
      const [c, a, b] = [rng.int(contexts), rng.int(arms), rng.int(arms)]
      const [p, q] = [tied.preference.probability(c, a, b), tied.preference.probability(c, b, a)]
      expect(p + q).toBeCloseTo(1, 14)
      expect(Math.abs(p - 0.5)).toBeLessThanOrEqual(Math.abs(world.preference.probability(c, a, b) - 0.5) + 1e-15)
    }
  })

  it("dropped ties leave the labels and thin the pairs out by Davidson's odds", () => {
    const dropped = built(ties(0.6, "dropped"))
    const [before, after] = [shown(world), shown(dropped)]
    const { arms } = world
    // ν = 2 · 0.6 / 0.4 = 3. Contexts keep their weights: compare ratios within the first pair's context.
    const keys = [...before.keys()].filter((key) => key.includes(">"))
    const thinned = (key: string): number => {
      const [w, l] = key.split(">").map(Number) as [number, number]
      const c = Math.floor(w / arms)
      const p = world.preference.probability(c, w % arms, l % arms)
      return before.get(key)! / (1 + 3 * Math.sqrt(p * world.preference.probability(c, l % arms, w % arms)))
    }
    const contextOf = (key: string): number => Math.floor(Number(key.split(">")[0]) / arms)
    const total = (of: (key: string) => number, c: number) =>
      keys.filter((key) => contextOf(key) === c).reduce((sum, key) => sum + of(key), 0)
    const scale = Array.from(
      { length: world.contexts },
      (_, c) => total((key) => before.get(key)!, c) / total(thinned, c)
    )
    const apart = keys.filter((key) => Math.abs(after.get(key)! - thinned(key) * scale[contextOf(key)]!) > 1e-13)
    expect(apart).toEqual([])
  })

  it("coverage forbids and renormalises, the smaller of two fractions counting, and commutes with noise and ties", () => {
    const [half, two] = [Result.merge(environmentOf(coverage(0.5), Rng.fromSeed(1))), coverage(0.8)]
    if (!("arms" in half)) return expect(half.issues.join()).toMatch(/^environment.keep: it leaves a context of /)
    const [before, after] = [shown(world), shown(half)]
    const { arms, contexts } = world
    const pairsOf = (table: ReadonlyMap<string, number>, c: number) =>
      [...table].filter(([key]) => key.includes(">") && Math.floor(Number(key.split(">")[0]) / arms) === c)
    for (let c = 0; c < contexts; c++) {
      const kept = pairsOf(after, c)
      const covered = new Set(kept.flatMap(([key]) => key.split(">")))
      expect(covered.size).toBeLessThanOrEqual(Math.max(2, Math.round(arms / 2)))
      const inside = pairsOf(before, c).filter(([key]) => key.split(">").every((i) => covered.has(i)))
      const scale = (pairs: typeof kept) => pairs.reduce((sum, [, w]) => sum + w, 0)
      const apart = inside.filter(([key, w]) => Math.abs(after.get(key)! / scale(kept) - w / scale(inside)) > 1e-12)
      expect(apart).toEqual([])
      expect(scale(kept)).toBeCloseTo(scale(pairsOf(before, c)), 12)
    }
    expectSameData(built(around(two).coverage(0.5)), half)
    expectSameData(built(around(coverage(0.5)).coverage(0.8)), half)
    expectSameData(built(around(coverage(0.5)).ties(0.4, "dropped")), built(around(ties(0.4, "dropped")).coverage(0.5)))
    if (world.feedback === undefined) {
      expectSameData(built(around(coverage(0.5)).noise(0.3)), built(around(noise(0.3)).coverage(0.5)))
    }
  })
})

describe("coverage", () => {
  const liked: EnvironmentSpec = { kind: "shifted-labels", arms: 4 }

  it("shows liked and disliked answers among the kept alone, in the proportions that they had", () => {
    const [before, after] = [built(liked).feedback!, built(around(liked).coverage([0, 2])).feedback!]
    for (const sign of ["desirable", "undesirable"] as const) {
      for (let from = 0; from < before[sign].length; from += 4) {
        const [p, q] = [before[sign].subarray(from, from + 4), after[sign].subarray(from, from + 4)]
        expect([q[1], q[3]]).toEqual([0, 0])
        expect(q[0]! + q[2]!).toBeCloseTo(1, 14)
        expect(q[0]! / q[2]!).toBeCloseTo(p[0]! / p[2]!, 12)
      }
    }
    expect([after.share, after.desirableContexts]).toEqual([before.share, before.desirableContexts])
  })

  it("refuses to leave a context without a liked answer", () => {
    const world: Environment = {
      ...built({ kind: "copg" }),
      feedback: { desirable: Float64Array.of(0, 0, 1), undesirable: Float64Array.of(0.5, 0.5, 0), share: 0.5 }
    }
    const keep = (arms: readonly [number, ...Array<number>]) =>
      coverageEnvironment.make({ kind: "coverage", keep: arms, of: world }, Rng.fromSeed(0), (inside) => inside)
    expect([...keep([0, 2]).feedback!.undesirable]).toEqual([1, 0, 0])
    expect(() => keep([0, 1])).toThrow("environment.keep: it leaves a context of copg without a liked answer")
  })
})

describe("ties", () => {
  it("happen between equals at the rate asked for", () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), (rate) => {
        const equals: EnvironmentSpec = { kind: "bradley-terry", rewards: [0, 0, 5, 5], behaviour: [1, 1, 1, 1] }
        const mass = (environment: Environment) => shown(environment).get("0>1")! + shown(environment).get("1>0")!
        // Ordinary pairs lose ν √(p q) / (1 + ν √(p q)) each.
        const q = 1 / (1 + Math.exp(5))
        const odds = ((2 * rate) / (1 - rate)) * Math.sqrt(q * (1 - q))
        const kept = 2 * (1 - rate) + 4 / (1 + odds)
        expect(mass(built(around(equals).ties(rate, "dropped")))).toBeCloseTo((1 - rate) / kept, 12)
      })
    ))
})

describe("a wrapper in a cell", () => {
  const refusal = (environment: EnvironmentSpec): string => {
    const result = runUncheckedCell({
      loss: "dpo?beta=1",
      environment,
      data: { mode: "sampled", pairs: 5 },
      optimizer: { kind: "adam", learningRate: 0.05 },
      steps: 0,
      checkpoints: 1,
      seed: 0
    })
    return Result.isFailure(result) ? result.failure.message : "accepted"
  }

  it.each<[EnvironmentSpec, string]>([
    [{ kind: "noise", rate: 0.1, of: { kind: "copg" } }, "accepted"],
    [{ kind: "coverage", keep: [0, 9], of: { kind: "copg" } }, "environment.keep: arm 9 is not in 0..2 of copg"],
    [
      {
        kind: "noise",
        rate: 0.1,
        of: { kind: "ties", rate: 0, of: { kind: "coverage", keep: [7, 8], of: { kind: "copg" } } }
      },
      "environment.of.of.keep: arm 7 is not in 0..2 of copg"
    ],
    [
      { kind: "coverage", keep: [0, 2], of: { kind: "deterministic", dataset: "D3'" } },
      "environment.keep: it leaves a context of deterministic without a pair to compare"
    ],
    [
      { kind: "ties", rate: 0.5, as: "dropped", of: { kind: "bradley-terry", arms: 3000 } },
      "environment.as: dropped needs a table of 9000000 pairs of bradley-terry, at most 4000000; use coin"
    ],
    [
      { kind: "ties", rate: 0.1, of: { kind: "bradley-terry", arms: 100, rewardScale: 1e308 } },
      "environment: bradley-terry: reward has an entry that is not finite"
    ]
  ])("%j: %s", (environment, reason) => expect(refusal(environment)).toBe(reason))

  it("meets the world that it would meet without", () => {
    const inside: EnvironmentSpec = { kind: "bradley-terry", reference: "normal" }
    const rewards = (environment: EnvironmentSpec) => cellEnvironment({ environment, seed: 4 }).reward
    expect(rewards({ kind: "noise", rate: 0.2, of: { kind: "coverage", keep: 0.5, of: inside } })).toEqual(
      rewards(inside)
    )
  })
})
