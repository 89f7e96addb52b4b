/** Training regimes against published fixed points, closed forms and slower ways to the same numbers. */

import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import type { BanditCellSpec } from "../../src/bandit/cellSchema.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { worldOf } from "../../src/bandit/inputs/filler.ts"
import { familyIn } from "../../src/bandit/methods/registry.ts"
import type { StepMetrics } from "../../src/bandit/metrics.ts"
import { createObjective } from "../../src/bandit/objective.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { rankingProbability } from "../../src/bandit/rankings.ts"
import type { Regime } from "../../src/bandit/regimes/regime.ts"
import { regimeMaker } from "../../src/bandit/regimes/registry.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { Rng } from "../../src/random/rng.ts"
import { regularisedValue, samplePolicies } from "./oracles.ts"
import { distance, familyOf } from "./worlds.ts"

const base: Omit<BanditCellSpec, "loss" | "environment"> = {
  data: { mode: "exact" },
  optimizer: { kind: "gd", learningRate: 1 },
  steps: 4000,
  checkpoints: 2,
  seed: 0
}
const cell = (change: Pick<BanditCellSpec, "loss" | "environment"> & Partial<BanditCellSpec>) =>
  runBanditCell({ ...base, ...change })

const cyclic = { kind: "cyclic" } as const
const transitive = { kind: "bradley-terry", rewards: [1, 0.2, -0.5], beta: 0.5 } as const

const policyOf = (change: Parameters<typeof cell>[0]): ReadonlyArray<number> => cell(change).policy

describe("online", () => {
  // The fixed points of docs/experiments.md E8, and those of the solvers of regularised games.
  it.each<[string, Parameters<typeof cell>[0], ReadonlyArray<number>]>([
    [
      "online IPO at the regularised Nash equilibrium",
      {
        loss: "ipo?tau=0.1",
        environment: cyclic,
        regime: { kind: "online" },
        optimizer: { kind: "gd", learningRate: 0.05 }
      },
      [0.3302, 0.2846, 0.3851]
    ],
    [
      "offline IPO elsewhere",
      { loss: "ipo?tau=0.1", environment: cyclic, optimizer: { kind: "gd", learningRate: 0.05 } },
      [0.4484, 0.2302, 0.3213]
    ],
    [
      "IPO-MD at the Nash equilibrium of a warmer game",
      {
        loss: "ipo?tau=0.1",
        environment: cyclic,
        regime: { kind: "online", first: "mixture", mixture: 0.5 },
        optimizer: { kind: "gd", learningRate: 0.05 }
      },
      [0.3558, 0.2493, 0.3948]
    ],
    [
      "online DPO not at the Nash equilibrium",
      {
        loss: "dpo?beta=0.1",
        environment: cyclic,
        regime: { kind: "online" },
        optimizer: { kind: "gd", learningRate: 5 },
        steps: 20_000
      },
      [0.3077, 0.2935, 0.3988]
    ],
    [
      "online DPO at the KL optimum of Bradley-Terry rewards",
      {
        loss: "dpo?beta=0.5",
        environment: transitive,
        regime: { kind: "online" },
        optimizer: { kind: "gd", learningRate: 5 }
      },
      [0.7989, 0.1613, 0.0398]
    ],
    [
      "online IPO not at it",
      {
        loss: "ipo?tau=0.5",
        environment: transitive,
        regime: { kind: "online" },
        optimizer: { kind: "gd", learningRate: 0.1 }
      },
      [0.4518, 0.3149, 0.2333]
    ]
  ])("ends %s", (_what, change, expected) => {
    expect(distance(policyOf(change), expected)).toBeLessThan(1e-4)
  })

  it("ends near the same place from samples", () => {
    const policy = policyOf({
      loss: "ipo?tau=0.1",
      environment: cyclic,
      regime: { kind: "online" },
      optimizer: { kind: "adam", learningRate: 0.003, batchSize: 64 },
      steps: 6000
    })
    expect(distance(policy, [0.3302, 0.2846, 0.3851])).toBeLessThan(0.05)
  })

  it("tells XPO which response the policy drew", () => {
    const environment = makeEnvironment(transitive, Rng.fromSeed(0))
    const xpo = (first: "policy" | "reference") => {
      const regime = regimeIn(environment, { loss: "xpo", regime: { kind: "online", first, second: "reference" } })
      const prob = Float64Array.of(0.7, 0.2, 0.1)
      const batch = regime.whole({ prob, logp: prob.map(Math.log) })
      return Array.from({ length: batch.count }, (_, i) => batch.columns.pol_is_w![i]!)
    }
    // Arm 0 over arm 1: the policy drew the winner in .7 · 1/3 of the pairs, the reference in .2 · 1/3.
    expect(xpo("policy")[0]).toBeCloseTo(0.7 / 0.9, 12)
    expect(new Set(xpo("reference"))).toEqual(new Set([0.5]))
  })
})

/** A regime on an environment, outside of a cell. */
const regimeIn = (environment: Environment, change: Partial<BanditCellSpec>): Regime => {
  const spec: BanditCellSpec = { ...base, loss: "dpo", environment: { kind: "copg" }, ...change }
  const make = regimeMaker(spec.regime ?? { kind: "offline" })
  const world = worldOf(environment)
  return Result.getOrThrow(make({ environment, world, spec, options: {}, rng: Rng.fromSeed(0) }))
}

/** The gradient by the logits that a loss has over all that a regime shows the policy. */
const gradientIn = (environment: Environment, loss: string, change: Partial<BanditCellSpec>, logits: Float64Array) => {
  const { contexts, arms } = environment
  const objective = createObjective(familyOf(loss, environment), contexts, arms)
  const [logp, prob, gradient] = [logits.slice(), logits.slice(), logits.slice()]
  softmaxInto(logits, contexts, arms, logp, prob)
  objective.lossAndGradientInto(regimeIn(environment, { loss, ...change }).whole({ logp, prob }), logits, gradient)
  return gradient
}

/** ∂J/∂logits by central differences. */
const slopeOfJ = (environment: Environment, logits: Float64Array): Float64Array =>
  logits.map((_, k) => {
    const value = (shift: number): number => {
      const moved = logits.map((z, i) => (i === k ? z + shift : z))
      const { arms } = environment
      const logp = moved.map((z, i) => {
        const row = moved.subarray(Math.floor(i / arms) * arms, (Math.floor(i / arms) + 1) * arms)
        return z - Math.log(row.reduce((sum, other) => sum + Math.exp(other), 0))
      })
      return regularisedValue(environment, logp, environment.beta)
    }
    return (value(1e-5) - value(-1e-5)) / 2e-5
  })

describe("policy gradients from the policy itself", () => {
  const environment = makeEnvironment(
    { kind: "bradley-terry", arms: 4, contexts: 2, reference: "normal", beta: 0.7 },
    Rng.fromSeed(3)
  )
  it.each(["pg?baseline=none", "pg?baseline=value", "pg?baseline=regularised"])("%s climbs J exactly", (loss) => {
    for (const logits of samplePolicies(Rng.fromSeed(1), environment, 6)) {
      const gradient = gradientIn(environment, loss, { regime: { kind: "online" } }, logits)
      expect(
        distance(
          gradient,
          slopeOfJ(environment, logits).map((g) => -g)
        )
      ).toBeLessThan(1e-7)
    }
  })

  it("rloo with two samples climbs J exactly: its baseline does not know the response", () => {
    for (const logits of samplePolicies(Rng.fromSeed(1), environment, 6)) {
      const gradient = gradientIn(environment, "rloo", { regime: { kind: "online" } }, logits)
      expect(
        distance(
          gradient,
          slopeOfJ(environment, logits).map((g) => -g)
        )
      ).toBeLessThan(1e-7)
    }
  })

  it("rloo with eight samples ends near the optimum", () => {
    const { final } = cell({
      loss: "rloo",
      environment: transitive,
      regime: { kind: "online", samples: 8 },
      optimizer: { kind: "adam", learningRate: 0.01, batchSize: 16 },
      steps: 1500
    })
    expect(final.regret).toBeLessThan(2e-3)
  })
})

describe("self-play", () => {
  const play = (loss: string, steps: number, change: Partial<BanditCellSpec> = {}) =>
    cell({ loss, environment: cyclic, steps, ...change })

  it("multiplicative weights: the gap of the average falls as published, the last iterate cycles", () => {
    for (const [rounds, gap] of [
      [100, 0.0232],
      [1000, 0.0017]
    ] as const) {
      const { final } = play("mwu", rounds)
      expect((final as unknown as { averageExploitability: number }).averageExploitability).toBeCloseTo(gap, 4)
    }
    const { final } = play("mwu", 10_000)
    expect((final as unknown as { averageExploitability: number }).averageExploitability).toBeLessThan(1e-4)
    expect(distance(final.armProbabilities!, [0.3, 0.3, 0.4])).toBeGreaterThan(0.02)
  })

  it("Nash mirror descent converges in its last iterate to the regularised Nash equilibrium", () => {
    const { final } = play("nash-md?eta=0.01&tau=0.1", 40_000)
    expect(distance(final.armProbabilities!, [0.3302, 0.2846, 0.3851])).toBeLessThan(1e-4)
  })

  it("SPPO in rounds follows multiplicative weights", () => {
    const every = 50
    const sppo = play("sppo?beta=2", every * 40, {
      regime: { kind: "self-play", every },
      optimizer: { kind: "gd", learningRate: 0.5 }
    })
    const weights = play("mwu?eta=0.5", 40)
    expect(distance(sppo.policy, weights.policy)).toBeLessThan(0.02)
    expect((sppo.final as unknown as { averageExploitability: number }).averageExploitability).toBeCloseTo(
      (weights.final as unknown as { averageExploitability: number }).averageExploitability,
      2
    )
  })

  it("keeps the first reference when told so", () => {
    const once = play("dpo?beta=0.1", 400, { regime: { kind: "self-play", every: 400, reference: "start" } })
    const round = play("dpo?beta=0.1", 400, { regime: { kind: "self-play", every: 400 } })
    expect(once.policy).toEqual(round.policy)
    const many = (reference: "start" | "round") =>
      play("dpo?beta=0.1", 400, { regime: { kind: "self-play", every: 10, reference } }).policy
    expect(distance(many("start"), many("round"))).toBeGreaterThan(1e-3)
  })
})

describe("rankings", () => {
  it("of three have probabilities that sum to 1 and agree with Bradley-Terry on pairs", () => {
    const u = [0.3, -1, 2]
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0]
    ]
    const probability = (order: ReadonlyArray<number>) => rankingProbability(order.map((i) => u[i]!))
    expect(orders.reduce((sum, order) => sum + probability(order), 0)).toBeCloseTo(1, 12)
    const first = orders.filter((order) => order.indexOf(0) < order.indexOf(1))
    expect(first.reduce((sum, order) => sum + probability(order), 0)).toBeCloseTo(1 / (1 + Math.exp(-1.3)), 12)
  })

  const world = { kind: "bradley-terry", arms: 4, reference: "normal", beta: 0.5 } as const
  it.each<[string, "ranking" | "all" | "best"]>([
    ["plackett-luce?beta=0.5", "ranking"],
    ["dpo?beta=0.5", "all"],
    ["dpo?beta=0.5", "best"]
  ])("%s on whole populations (%s) ends at the KL optimum", (loss, take) => {
    const { policy } = cell({
      loss,
      environment: world,
      regime: { kind: "k-wise", k: 3, take },
      optimizer: { kind: "gd", learningRate: 5 }
    })
    const optimum = klOptimum(makeEnvironment(world, Rng.fromSeed(0).split("environment")), 0.5).policy
    expect(distance(policy, optimum)).toBeLessThan(1e-5)
  })

  it("of two make Plackett-Luce DPO", () => {
    const run = (loss: string) => policyOf({ loss, environment: world, regime: { kind: "k-wise", k: 2 }, steps: 50 })
    expect(distance(run("plackett-luce?beta=0.3"), run("dpo?beta=0.3"))).toBeLessThan(1e-12)
  })

  it("feed losses of three responses, and samples come near the population", () => {
    const loss = "logic:M(l) or M(y3) -> M(w); given: M(w) or M(l) or M(y3); both: M(w) and (M(l) or M(y3))"
    const exact = cell({ loss, environment: world, regime: { kind: "k-wise", k: 3 }, steps: 200 })
    const sampled = cell({
      loss,
      environment: world,
      regime: { kind: "k-wise", k: 3 },
      data: { mode: "sampled", pairs: 20_000 },
      steps: 200
    })
    expect(exact.final.expectedReward).toBeGreaterThan(exact.trajectory[0]!.expectedReward)
    expect(distance(exact.policy, sampled.policy)).toBeLessThan(0.02)
  })

  it.each<[string, Partial<BanditCellSpec>, RegExp]>([
    ["more responses than there are", { regime: { kind: "k-wise", k: 5 } }, /5 different responses of 4/],
    [
      "labels that are certain",
      { environment: { ...world, temperature: 0 }, regime: { kind: "k-wise", k: 3 } },
      /certain/
    ],
    ["intransitive preferences", { environment: cyclic, regime: { kind: "k-wise", k: 3 } }, /no Bradley-Terry model/],
    ["a third response where there are two", { loss: "logic:M(y3) -> M(w)", regime: { kind: "offline" } }, /ly3/],
    ["groups without draws", { loss: "rloo", regime: { kind: "online", samples: 4 } }, /batchSize/],
    [
      "unordered groups for a loss over pairs",
      { regime: { kind: "online", samples: 4 }, optimizer: { kind: "gd", learningRate: 1, batchSize: 8 } },
      /use pg or rloo/
    ]
  ])("refuses %s", (_what, change, reason) => {
    expect(() => cell({ loss: "dpo", environment: world, ...change })).toThrow(reason)
  })
})

describe("unpaired", () => {
  const environment = makeEnvironment({ kind: "bradley-terry", arms: 4, reference: "normal" }, Rng.fromSeed(5))

  it.each(["kto", "bco", "apo_zero"])(
    "%s sees what it sees in pairs, since its halves do not know each other",
    (loss) => {
      for (const logits of samplePolicies(Rng.fromSeed(2), environment, 4)) {
        const paired = gradientIn(environment, loss, {}, logits)
        const unpaired = gradientIn(environment, loss, { regime: { kind: "unpaired" } }, logits)
        expect(distance(paired, unpaired)).toBeLessThan(1e-12)
      }
    }
  )

  it("dpo does not", () => {
    const logits = samplePolicies(Rng.fromSeed(2), environment, 2)[1]!
    const paired = gradientIn(environment, "dpo", {}, logits)
    expect(distance(paired, gradientIn(environment, "dpo", { regime: { kind: "unpaired" } }, logits))).toBeGreaterThan(
      1e-4
    )
  })

  it("reads the environment's own feedback", () => {
    const feedback = {
      desirable: Float64Array.of(1, 0, 0, 0),
      undesirable: Float64Array.of(0, 0, 0, 1),
      share: 0.5
    }
    const { table } = regimeIn({ ...environment, feedback }, { regime: { kind: "unpaired" } })
    expect([...table.chosen, ...table.rejected, ...table.weight]).toEqual([0, 3, 1])
  })
})

describe("domains that arrive one by one", () => {
  const environment: Environment = {
    ...makeEnvironment({ kind: "bradley-terry", arms: 3, contexts: 4 }, Rng.fromSeed(5)),
    domains: Int32Array.of(0, 1, 0, 1)
  }
  const regime = regimeIn(environment, { data: { mode: "exact", arrival: "in-order" }, steps: 10 })
  const contextsAt = (step: number) => {
    const current = { prob: environment.reference, logp: environment.reference.map(Math.log) }
    const { chosen, count } = regime.next(step, current)
    return new Set([...chosen.subarray(0, count)].map((response) => Math.floor(response / 3)))
  }

  it("show one domain at a time, half of the steps each", () => {
    expect(contextsAt(0)).toEqual(new Set([0, 2]))
    expect(contextsAt(4)).toEqual(new Set([0, 2]))
    expect(contextsAt(5)).toEqual(new Set([1, 3]))
    expect(contextsAt(9)).toEqual(new Set([1, 3]))
  })

  it("count all of them as data", () => expect(new Set(regime.table.chosen).size).toBe(12))

  it("need domains", () => {
    expect(() => cell({ loss: "dpo", environment: cyclic, data: { mode: "exact", arrival: "in-order" } })).toThrow(
      /has no domains/
    )
  })
})

describe("fast and slow", () => {
  const run = (regime: BanditCellSpec["regime"], steps = 60) =>
    cell({
      loss: "dpo",
      environment: { kind: "bradley-terry", arms: 4 },
      optimizer: { kind: "adam", learningRate: 0.05 },
      steps,
      ...(regime === undefined ? {} : { regime })
    })

  it("without the penalty is the fast module alone", () => {
    // The offline run is the generated loop's, whose exp differs in the last bit.
    expect(distance(run({ kind: "fast-slow", alpha: 0 }).policy, run(undefined).policy)).toBeLessThan(1e-13)
  })

  it("with it stays nearer to the slow one", () => {
    const gap = (alpha: number) =>
      (run({ kind: "fast-slow", alpha, beta: 1 }).final as unknown as { moduleGap: number }).moduleGap
    expect(gap(10)).toBeLessThan(0.8 * gap(0))
    expect(gap(10)).toBeGreaterThan(0)
  })

  it("combined over one domain is the last fast module", () => {
    expect(distance(run({ kind: "fast-slow", combine: true }).policy, run({ kind: "fast-slow" }).policy)).toBeLessThan(
      1e-15
    )
  })
})

describe("methods", () => {
  it.each<[string, RegExp]>([
    ["pg?baselin=none", /no setting "baselin"; nearest: baseline/],
    ["pg?beta=0", /beta must be above 0/],
    ["best-of?n=2.5", /n must be a whole number/],
    ["pg?beta=1&beta=2", /beta is set twice/],
    ["mwu?eta=-1", /eta must be above 0/],
    ["nash-md?eta=20&tau=1", /eta · tau must be at most 1/]
  ])("%s is refused", (loss, reason) => {
    expect(() => cell({ loss, environment: cyclic })).toThrow(reason)
  })

  it.each<[string, (final: StepMetrics) => void]>([
    ["tilt", ({ regret }) => expect(regret).toBeCloseTo(0, 12)],
    ["best-of?n=4", ({ winRate }) => expect(winRate).toBeGreaterThan(0.55)],
    ["rejection?tries=1", ({ klToReference }) => expect(klToReference).toBeCloseTo(0, 12)],
    ["rejection?tries=100000", ({ regret }) => expect(regret).toBeCloseTo(0, 9)],
    ["matched-kl?kl=0.3", ({ klToReference }) => expect(klToReference).toBeCloseTo(0.3, 9)],
    ["inf-align?kl=0.2&transform=tilt&t=-5", ({ klToReference }) => expect(klToReference).toBeCloseTo(0.2, 9)],
    ["nash", ({ exploitability }) => expect(exploitability).toBeCloseTo(0, 12)],
    ["regularised-nash?tau=0.1", ({ exploitability }) => expect(exploitability).toBeGreaterThan(0)],
    ["mixture-nash?tau=0.1&share=0.5", ({ exploitability }) => expect(exploitability).toBeGreaterThan(0)],
    ["online-dpo-optimum?beta=0.5", ({ regret }) => expect(regret).toBeCloseTo(0, 12)],
    ["best-of-optimum?n=4&kl=0.3", ({ klToReference }) => expect(klToReference).toBeCloseTo(0.3, 9)],
    ["ipo-optimum?tau=1", ({ regret }) => expect(regret).toBeGreaterThan(0)]
  ])("%s is a policy with the metrics of one, from the reference on", (loss, claim) => {
    const { trajectory, final, policy } = cell({ loss, environment: { ...transitive, reference: "normal" }, steps: 1 })
    expect(trajectory.map(({ step }) => step)).toEqual([0, 1])
    expect(trajectory[0]!.klToReference).toBeCloseTo(0, 12)
    expect(policy.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
    expect(Object.values(final).flat().every(Number.isFinite)).toBe(true)
    claim(final)
  })

  it("that has no fixed point says so", () => {
    const certain = { kind: "deterministic", dataset: "D1" } as const
    expect(() => cell({ loss: "online-dpo-optimum?beta=0.1", environment: certain })).toThrow(/no fixed point found/)
  })

  it("without a loss cannot be evaluated", () => {
    const environment = makeEnvironment(cyclic, Rng.fromSeed(0))
    const family = familyIn("mwu", environment)
    expect(Result.isFailure(family) && family.failure.message).toMatch(/no loss to evaluate/)
  })
})
