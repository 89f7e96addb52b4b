/** What losses read besides the log-probabilities of a pair: values by definition, derivatives by finite differences. */

import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { fullBatch } from "../../src/bandit/batch.ts"
import { runBanditCell } from "../../src/bandit/cell.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import type { FamilyOptions } from "../../src/bandit/families.ts"
import { worldOf } from "../../src/bandit/inputs/filler.ts"
import { inputDefinitions } from "../../src/bandit/inputs/registry.ts"
import { createObjective } from "../../src/bandit/objective.ts"
import { klOptimum, winRateAgainst } from "../../src/bandit/optima.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { tokenTable } from "../../src/bandit/tokens.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { Rng } from "../../src/random/rng.ts"
import { samplePolicies } from "./oracles.ts"
import { distance, familyOf } from "./worlds.ts"

const flat = makeEnvironment({ kind: "bradley-terry", arms: 4, contexts: 2, reference: "normal" }, Rng.fromSeed(7))
const tree: Environment = {
  ...makeEnvironment({ kind: "bradley-terry", arms: 8, contexts: 2, reference: "normal" }, Rng.fromSeed(8)),
  tree: {
    branching: 2,
    depth: 3,
    correct: Uint8Array.from({ length: 48 }, (_, i) => ((i * 7) % 5 < 2 ? 1 : 0))
  },
  lengths: Float64Array.from({ length: 16 }, (_, i) => 1 + (i % 3))
}

const lossAt = (environment: Environment, loss: string, options: Omit<FamilyOptions, "world"> = {}) => {
  const { contexts, arms } = environment
  const objective = createObjective(familyOf(loss, environment, options), contexts, arms)
  const batch = fullBatch(exactPairs(environment))
  return (logits: Float64Array) => {
    const gradient = new Float64Array(logits.length)
    return { value: objective.lossAndGradientInto(batch, logits, gradient), gradient, batch }
  }
}

/** The derivative of a function of logits by central differences. */
const slope = (value: (logits: Float64Array) => number, logits: Float64Array): Float64Array =>
  logits.map((_, k) => {
    const at = (shift: number) => value(logits.map((z, i) => (i === k ? z + shift : z)))
    return (at(1e-5) - at(-1e-5)) / 2e-5
  })

describe("derivatives", () => {
  it.each<[string, Environment, Omit<FamilyOptions, "world">]>([
    ["ascent", flat, {}],
    ["d2o-expected?beta=0.4&alpha=0.3", flat, {}],
    ["plackett-luce?beta=0.4", flat, {}],
    ["tdpo1", flat, {}],
    ["tdpo1", tree, {}],
    ["tpo", flat, {}],
    ["tpo_l", tree, {}],
    ["mask_dpo?beta=0.5", tree, { tokenMask: true }],
    ["uncpo", tree, { tokenMask: true }],
    ["dpo?beta=0.5", tree, { perToken: true }],
    ["orpo_seq", tree, { perToken: true }],
    ["simpo", tree, {}],
    ["dpo?beta=0.5", tree, { perToken: true, ceWeight: 0.3 }],
    ["mask_dpo", tree, { tokenMask: true, ceWeight: 0.3 }]
  ])("%s follows its own value", (loss, environment, options) => {
    const at = lossAt(environment, loss, options)
    for (const logits of samplePolicies(Rng.fromSeed(1), environment, 4)) {
      const expected = slope((z) => at(z).value, logits)
      const scale = 1 + Math.max(...expected.map(Math.abs))
      expect(distance(at(logits).gradient, expected)).toBeLessThan(1e-6 * scale)
    }
  })
})

describe("token-level DPO", () => {
  it("version 1 is DPO where responses are single tokens", () => {
    for (const logits of samplePolicies(Rng.fromSeed(1), flat, 4)) {
      const [one, dpo] = [lossAt(flat, "tdpo1?beta=0.3")(logits), lossAt(flat, "dpo?beta=0.3")(logits)]
      expect(one.value).toBeCloseTo(dpo.value, 12)
      expect(distance(one.gradient, dpo.gradient)).toBeLessThan(1e-12)
    }
  })

  it("version 2 has its value, and another gradient away from the reference", () => {
    const logits = samplePolicies(Rng.fromSeed(1), flat, 2)[1]!
    const [two, dpo] = [lossAt(flat, "tdpo2?beta=0.3")(logits), lossAt(flat, "dpo?beta=0.3")(logits)]
    expect(two.value).toBeCloseTo(dpo.value, 12)
    expect(distance(two.gradient, dpo.gradient)).toBeGreaterThan(1e-4)
    const start = flat.reference.map(Math.log)
    expect(distance(lossAt(flat, "tdpo2")(start).gradient, lossAt(flat, "dpo")(start).gradient)).toBeLessThan(1e-12)
  })

  it("moves tokens only through the rejected response's divergence in version 2", () => {
    const logits = samplePolicies(Rng.fromSeed(1), tree, 2)[1]!
    const at = lossAt(tree, "tdpo2?alpha=1&beta=1")
    // The same loss with the chosen response's divergence frozen at the point.
    const { batch, gradient } = at(logits)
    const frozen = batch.columns.kl_w!.slice()
    const table = tokenTable(tree)
    const value = (z: Float64Array): number => {
      const [logp, prob] = [z.slice(), z.slice()]
      softmaxInto(z, tree.contexts, tree.arms, logp, prob)
      table.read(prob)
      let total = 0
      for (let i = 0; i < batch.count; i++) {
        const [w, l] = [batch.chosen[i]!, batch.rejected[i]!]
        const h = logp[w]! - Math.log(tree.reference[w]!) - (logp[l]! - Math.log(tree.reference[l]!))
        total += batch.weight[i]! * Math.log1p(Math.exp(-(h - (table.sequentialKl(l) - frozen[i]!))))
      }
      return total
    }
    expect(distance(gradient, slope(value, logits))).toBeLessThan(1e-7)
  })
})

describe("token tables", () => {
  it("sum to the log-probability of a response and to the divergence by enumeration", () => {
    const logits = samplePolicies(Rng.fromSeed(3), tree, 2)[1]!
    const [logp, prob] = [logits.slice(), logits.slice()]
    softmaxInto(logits, tree.contexts, tree.arms, logp, prob)
    const table = tokenTable(tree)
    table.read(prob)
    const below = (p: Float64Array, context: number, prefix: ReadonlyArray<number>): number => {
      let total = 0
      for (let y = 0; y < 8; y++) {
        const digits = [y >> 2, (y >> 1) & 1, y & 1]
        if (prefix.every((digit, t) => digits[t] === digit)) total += p[context * 8 + y]!
      }
      return total
    }
    for (let response = 0; response < 16; response++) {
      const [context, y] = [response >> 3, response & 7]
      const digits = [y >> 2, (y >> 1) & 1, y & 1]
      let sum = 0
      let divergence = 0
      for (let t = 0; t < 3; t++) {
        sum += table.logConditional(response, t)
        const prefix = digits.slice(0, t)
        for (const token of [0, 1]) {
          const q = below(tree.reference, context, [...prefix, token]) / below(tree.reference, context, prefix)
          const p = below(prob, context, [...prefix, token]) / below(prob, context, prefix)
          divergence += q * Math.log(q / p)
        }
      }
      expect(sum).toBeCloseTo(logp[response]!, 10)
      expect(table.sequentialKl(response)).toBeCloseTo(divergence, 10)
    }
  })
})

describe("Mask-DPO", () => {
  it("with every token of the winner true and of the loser false is DPO", () => {
    const pairs = { ...tree, tree: { branching: 2, depth: 3, correct: new Uint8Array(48) } }
    // Only response 0 is ever chosen, only response 7 rejected.
    for (const context of [0, 1]) pairs.tree.correct.fill(1, context * 24, context * 24 + 3)
    const probability = new Float64Array(2 * 64)
    for (const c of [0, 1]) probability[c * 64 + 7] = 1
    const world: Environment = {
      ...pairs,
      preference: { probability: (_c, a, b) => (a < b ? 1 : a > b ? 0 : 0.5) },
      comparisons: { kind: "table", probability }
    }
    const logits = samplePolicies(Rng.fromSeed(3), tree, 2)[1]!
    const [masked, dpo] = [lossAt(world, "mask_dpo", { tokenMask: true })(logits), lossAt(world, "dpo")(logits)]
    expect(masked.value).toBeCloseTo(dpo.value, 12)
    expect(distance(masked.gradient, dpo.gradient)).toBeLessThan(1e-12)
  })
})

describe("statistics of the batch", () => {
  /** Columns after one fill at a policy, having observed `seen` steps there before. */
  const columnsAt = (loss: string, logits: Float64Array, seen = 0) => {
    const batch = fullBatch(exactPairs(flat))
    const [logp, prob] = [logits.slice(), logits.slice()]
    softmaxInto(logits, flat.contexts, flat.arms, logp, prob)
    const { program } = Result.getOrThrow(resolveLoss(loss))
    const fillers = inputDefinitions
      .filter(({ names }) => names.some((name) => program.inputs.includes(name)))
      .map((definition) => definition.make(worldOf(flat), program, new Set()))
    const start = flat.reference.map(Math.log)
    for (const filler of fillers) {
      for (let i = 0; i < seen; i++) filler.observe?.(batch, i === 0 ? start : logp)
      filler.fill(batch, logp, prob)
    }
    const ratio = logp.map((value, i) => value - start[i]!)
    const mean = (value: (w: number, l: number) => number): number =>
      batch.weight.reduce((sum, weight, i) => sum + weight * value(batch.chosen[i]!, batch.rejected[i]!), 0)
    return { batch, ratio, mean, prob }
  }
  const logits = samplePolicies(Rng.fromSeed(4), flat, 2)[1]!

  it("delta is the mean reward over the steps so far, in units of the loss's beta", () => {
    const once = columnsAt("bco?beta=0.2", logits)
    const expected = once.mean((w, l) => (0.2 * (once.ratio[w]! + once.ratio[l]!)) / 2)
    expect(once.batch.columns.delta![0]).toBeCloseTo(expected, 12)
    // One step at the reference (0) and two here.
    expect(columnsAt("bco?beta=0.2", logits, 3).batch.columns.delta![0]).toBeCloseTo((2 / 3) * expected, 12)
  })

  it("kl is the mean log-ratio over responses in every context, at least 0", () => {
    const { batch, ratio } = columnsAt("kto", logits)
    const share = new Float64Array(4)
    for (let i = 0; i < batch.count; i++) {
      share[batch.chosen[i]! % 4]! += batch.weight[i]! / 2
      share[batch.rejected[i]! % 4]! += batch.weight[i]! / 2
    }
    const expected = ratio.reduce((sum, value, i) => sum + (share[i % 4]! * value) / 2, 0)
    expect(batch.columns.kl![0]).toBeCloseTo(Math.max(0, expected), 12)
    expect(columnsAt("kto", flat.reference.map(Math.log)).batch.columns.kl![0]).toBe(0)
  })

  it("m_bar is the mean gap, m0 its running mean", () => {
    const seen = columnsAt("beta_dpo", logits, 3)
    const gap = seen.mean((w, l) => seen.ratio[w]! - seen.ratio[l]!)
    const { inputs } = Result.getOrThrow(resolveLoss("beta_dpo")).program
    expect(inputs.filter((name) => name.startsWith("m"))).toEqual(["m_bar", "m0"])
    expect(seen.batch.columns.m_bar![0]).toBeCloseTo(gap, 12)
    expect(seen.batch.columns.m0![0]).toBeCloseTo((0.1 + 0.09) * gap, 12)
  })

  it("m_star has mean 0 and deviation 1, and is 0 where all gaps are equal", () => {
    const { batch } = columnsAt("alpha_dpo", logits)
    const column = batch.columns.m_star!
    const moment = (power: number) => batch.weight.reduce((sum, weight, i) => sum + weight * column[i]! ** power, 0)
    expect(moment(1)).toBeCloseTo(0, 12)
    expect(moment(2)).toBeCloseTo(1, 12)
    const start = columnsAt("alpha_dpo", flat.reference.map(Math.log)).batch.columns.m_star!
    expect(new Set(start)).toEqual(new Set([0]))
  })

  it("v is the value of the context, win rates are against the policy", () => {
    const { batch } = columnsAt("dro?tau=0.5", logits)
    const value = klOptimum({ ...flat, contextWeights: Float64Array.of(1, 0) }, 0.5).value
    expect(batch.columns.v![batch.chosen.findIndex((i) => i < 4)]).toBeCloseTo(value, 12)
    const game = columnsAt("sppo", logits)
    const wins = winRateAgainst(flat, game.prob)
    expect(game.batch.columns.win_w![5]).toBeCloseTo(wins[game.batch.chosen[5]!]!, 14)
    expect(game.batch.columns.win_l![5]).toBeCloseTo(wins[game.batch.rejected[5]!]!, 14)
  })
})

describe("fixed statistics", () => {
  it("replace what the batch says", () => {
    const logits = samplePolicies(Rng.fromSeed(4), flat, 2)[1]!
    const free = lossAt(flat, "bco?beta=0.2")(logits).gradient
    const zero = lossAt(flat, "bco?beta=0.2", { fixed: { delta: 0 } })(logits).gradient
    expect(distance(free, zero)).toBeGreaterThan(1e-4)
    // Without its shift BCO is the sum of two logistic losses of the rewards, and has a value to follow.
    const value = (z: Float64Array) => lossAt(flat, "bco?beta=0.2", { fixed: { delta: 0 } })(z).value
    expect(distance(zero, slope(value, logits))).toBeLessThan(1e-7)
  })

  it("have to exist", () => {
    expect(() =>
      runBanditCell({
        loss: "bco",
        environment: { kind: "copg" },
        data: { mode: "exact", fixed: { dleta: 0 } },
        optimizer: { kind: "gd", learningRate: 1 },
        steps: 1,
        checkpoints: 1,
        seed: 0
      })
    ).toThrow(/data\.fixed: no input "dleta"; nearest: delta/)
  })
})

describe("scores", () => {
  it("of a named table reach the losses, while the metrics stay with gold", () => {
    const environment = { kind: "over-optimisation" } as const
    const run = (scores?: string) =>
      runBanditCell({
        loss: "copg",
        environment,
        data: { mode: "exact", ...(scores === undefined ? {} : { scores }) },
        optimizer: { kind: "adam", learningRate: 0.05 },
        steps: 20,
        checkpoints: 1,
        seed: 0
      })
    const [gold, proxy] = [run(), run("proxy")]
    expect(distance(gold.policy, proxy.policy)).toBeGreaterThan(1e-6)
    expect(gold.trajectory[0]!.expectedReward).toBe(proxy.trajectory[0]!.expectedReward)
  })

  it("make MODPO the optimum of the weighted rewards", () => {
    const environment = { kind: "multi-objective", arms: 6 } as const
    const world = makeEnvironment(environment, Rng.fromSeed(0).split("environment"))
    const { first, second } = world.rewards as { first: Float64Array; second: Float64Array }
    const [k, m] = [0.3, 0.7]
    const { policy } = runBanditCell({
      loss: `modpo?beta=1&w_k=${k}&w_m=${m}`,
      environment,
      data: { mode: "exact", scores: "second" },
      optimizer: { kind: "gd", learningRate: 2 },
      steps: 6000,
      checkpoints: 1,
      seed: 0
    })
    const optimum = klOptimum({ ...world, reward: first.map((r, i) => k * r + m * second[i]!) }, 1).policy
    expect(distance(policy, optimum)).toBeLessThan(1e-6)
  })
})
