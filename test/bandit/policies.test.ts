import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runUncheckedCell } from "../../src/bandit/cell.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { type EnvironmentSpec, makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { mlpPolicy } from "../../src/bandit/mlpPolicy.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import type { Policy } from "../../src/bandit/policy.ts"
import { makePolicy, type PolicySpec } from "../../src/bandit/policySpec.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { tokenOf } from "../../src/bandit/tokenTree.ts"
import { treePolicy } from "../../src/bandit/treePolicy.ts"
import { Rng } from "../../src/random/rng.ts"
import { expectedLossAndGradient } from "./oracles.ts"
import { distance, familyOf } from "./worlds.ts"

const tree: EnvironmentSpec = { kind: "tree", branching: 2, depth: 3, contexts: 2, reference: "normal" }
const flat: EnvironmentSpec = { kind: "bradley-terry", arms: 4, contexts: 3, reference: "normal" }

const policies: ReadonlyArray<readonly [PolicySpec, EnvironmentSpec]> = [
  [{ kind: "tabular" }, flat],
  [{ kind: "linear" }, flat],
  [{ kind: "linear", dimension: 2, trainFeatures: false }, flat],
  [{ kind: "linear" }, { kind: "low-rank" }],
  [{ kind: "tree" }, tree],
  [{ kind: "tree" }, { kind: "tree", depth: 1 }],
  [{ kind: "tree", sharing: "depth" }, tree],
  [
    { kind: "tree", sharing: "depth" },
    { kind: "tree", end: true, reference: "normal" }
  ],
  [{ kind: "mlp" }, flat],
  [{ kind: "mlp", hidden: 3 }, flat],
  [{ kind: "mlp", hidden: 4, inputs: "features" }, { kind: "low-rank" }]
]

const built = (spec: PolicySpec, environment: Environment, seed = 1): Policy =>
  Result.getOrThrow(makePolicy(spec, environment, Rng.fromSeed(seed)))

const probabilities = (policy: Policy, { contexts, arms }: Environment, parameters: Float64Array): Float64Array => {
  const [logits, logp, prob] = Array.from({ length: 3 }, () => new Float64Array(contexts * arms)) as [
    Float64Array,
    Float64Array,
    Float64Array
  ]
  policy.logitsInto(parameters, logits)
  softmaxInto(logits, contexts, arms, logp, prob)
  return prob
}

const moved = (parameters: Float64Array, rng: Rng): Float64Array => parameters.map((v) => v + 0.3 * rng.normal())

describe.each(
  policies.map(([spec, world]) => [`${JSON.stringify(spec)} in ${JSON.stringify(world)}`, spec, world] as const)
)("policy %s", (_name, spec, world) => {
  it("starts at the reference, each time afresh", () =>
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const environment = makeEnvironment(world, Rng.fromSeed(seed))
        const policy = built(spec, environment, seed)
        expect(distance(probabilities(policy, environment, policy.initial()), environment.reference)).toBeLessThan(
          1e-14
        )
        policy.initial().fill(7)
        expect(policy.initial()).toEqual(built(spec, environment, seed).initial())
      }),
      { numRuns: 10 }
    ))

  it("pulls logit gradients back to its parameters: they are the finite differences of the loss", () => {
    const environment = makeEnvironment(world, Rng.fromSeed(7))
    const policy = built(spec, environment)
    const family = familyOf("ccpo", environment)
    const logits = new Float64Array(environment.reference.length)
    const lossOf = (theta: Float64Array): number => {
      policy.logitsInto(theta, logits)
      return expectedLossAndGradient(environment, family, logits).loss
    }
    const parameters = moved(policy.initial(), Rng.fromSeed(3))
    lossOf(parameters)
    const { gradient } = expectedLossAndGradient(environment, family, logits)
    // Whatever was there is overwritten.
    const pulled = new Float64Array(parameters.length).fill(9)
    policy.pullbackInto(parameters, gradient, pulled)
    const h = 1e-5
    const slopes = parameters.map((_, k) => {
      const at = (d: number) => lossOf(parameters.map((v, i) => (i === k ? v + d : v)))
      return (at(h) - at(-h)) / (2 * h)
    })
    expect(distance(pulled, slopes)).toBeLessThan(1e-8)
    expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(1e-4)
  })
})

describe("tree policies", () => {
  /** The probability of a leaf, token after token, from logits found by name. */
  const walked = (
    depth: number,
    branching: number,
    leaf: number,
    logitOf: (prefix: string, position: number, token: number) => number
  ): number => {
    let [p, prefix] = [1, ""]
    for (let t = 0; t < depth; t++) {
      const weights = Array.from({ length: branching }, (_, token) => Math.exp(logitOf(prefix, t, token)))
      const token = tokenOf({ branching, depth }, leaf, t)
      p *= weights[token]! / weights.reduce((a, b) => a + b, 0)
      prefix += token
    }
    return p
  }

  it("multiply the softmax of every prefix, free logits in the order of the branches", () => {
    const environment = makeEnvironment({ kind: "tree", branching: 3, depth: 3, contexts: 2 }, Rng.fromSeed(0))
    const policy = treePolicy(environment)
    const parameters = moved(policy.initial(), Rng.fromSeed(5))
    const names: Array<string> = []
    for (const prefixes of [[""], ["0", "1", "2"], [..."012"].flatMap((a) => [..."012"].map((b) => a + b))]) {
      for (const prefix of prefixes) for (const token of "012") names.push(prefix + token)
    }
    expect(parameters).toHaveLength(2 * names.length)
    const expected = Float64Array.from({ length: 54 }, (_, i) =>
      walked(3, 3, i % 27, (prefix, _t, token) => parameters[(i < 27 ? 0 : 39) + names.indexOf(prefix + token)]!)
    )
    expect(distance(probabilities(policy, environment, parameters), expected)).toBeLessThan(1e-15)
  })

  it("share logits over prefixes with sharing: depth, so that a uniform reference's positions are independent", () => {
    const environment = makeEnvironment({ kind: "tree", branching: 3, depth: 3 }, Rng.fromSeed(0))
    const policy = treePolicy(environment, { sharing: "depth" })
    const parameters = moved(policy.initial(), Rng.fromSeed(5))
    expect(parameters).toHaveLength(9)
    const expected = Float64Array.from({ length: 27 }, (_, y) =>
      walked(3, 3, y, (_prefix, t, token) => parameters[t * 3 + token]!)
    )
    expect(distance(probabilities(policy, environment, parameters), expected)).toBeLessThan(1e-15)
  })

  it("reach the optimum with shared logits when the reward is a sum over tokens and the reference uniform", () => {
    const environment = makeEnvironment({ kind: "tree", reward: "tokens" }, Rng.fromSeed(4))
    const policy = treePolicy(environment, { sharing: "depth" })
    // The mean reward of the leaves with a token is the token's own, up to a constant of its position.
    const parameters = Float64Array.from({ length: 9 }, (_, i) => {
      const leaves = Array.from({ length: 27 }, (_, y) => y).filter(
        (y) => tokenOf({ branching: 3, depth: 3 }, y, Math.floor(i / 3)) === i % 3
      )
      return leaves.reduce((sum, y) => sum + environment.reward[y]! / leaves.length, 0) / environment.beta
    })
    expect(distance(probabilities(policy, environment, parameters), klOptimum(environment).policy)).toBeLessThan(1e-14)
  })

  it("need an environment with a token tree", () => {
    const environment = makeEnvironment({ kind: "copg" }, Rng.fromSeed(0))
    expect(() => treePolicy(environment)).toThrow(/copg/)
  })
})

describe("the MLP", () => {
  it("carries what it learns in one context to the others", () => {
    const environment = makeEnvironment(flat, Rng.fromSeed(0))
    const policy = mlpPolicy(environment, {}, Rng.fromSeed(0))
    const gradient = new Float64Array(12)
    gradient.set([1, -1], 0)
    const parameters = policy.initial()
    const pulled = new Float64Array(parameters.length)
    policy.pullbackInto(parameters, gradient, pulled)
    const after = probabilities(
      policy,
      environment,
      parameters.map((v, i) => v - 0.1 * pulled[i]!)
    )
    expect(distance(after.subarray(4), environment.reference.subarray(4))).toBeGreaterThan(1e-3)
  })

  it("starts with sums of about unit size into its units, whatever the size of the inputs", () => {
    const environment = makeEnvironment({ kind: "domains", prompts: 10, dimension: 6 }, Rng.fromSeed(2))
    const { features, contexts } = environment
    const deviation = (values: ReadonlyArray<number>) =>
      Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
    for (const [inputs, scale] of [
      ["one-hot", 1],
      ["features", 100]
    ] as const) {
      const hidden = features!.hidden.map((v) => scale * v)
      const world = { ...environment, features: { ...features!, hidden } }
      const start = mlpPolicy(world, { hidden: 500, inputs }, Rng.fromSeed(1)).initial()
      const width = inputs === "one-hot" ? contexts : 6
      const sums = Array.from({ length: contexts * 500 }, (_, i) => {
        const [c, k] = [Math.floor(i / 500), i % 500]
        if (inputs === "one-hot") return start[k * width + c]!
        return [0, 1, 2, 3, 4, 5].reduce((sum, j) => sum + start[k * width + j]! * hidden[c * 6 + j]!, 0)
      })
      expect(Math.abs(deviation(sums) - 1)).toBeLessThan(0.06)
      const out = [...start.subarray(500 * width + 500, 500 * width + 500 + 8 * 500)]
      expect(Math.abs(deviation(out) * Math.sqrt(500) - 1)).toBeLessThan(0.06)
    }
  })

  it("starts from other weights with another seed", () => {
    const environment = makeEnvironment(flat, Rng.fromSeed(0))
    const weights = (seed: number) => mlpPolicy(environment, {}, Rng.fromSeed(seed)).initial()
    expect(weights(1)).not.toEqual(weights(2))
  })
})

describe("a cell", () => {
  const cell = (policy: unknown, environment: EnvironmentSpec): string => {
    const result = runUncheckedCell({
      loss: "dpo?beta=1",
      environment,
      data: { mode: "exact" },
      policy,
      optimizer: { kind: "adam", learningRate: 0.05 },
      steps: 300,
      checkpoints: 1,
      seed: 0
    })
    if (Result.isFailure(result)) return result.failure.message
    const { trajectory, final } = result.success
    return final.regret < 0.2 * trajectory[0]!.regret ? "learns" : `regret ${final.regret}`
  }

  it.each<[unknown, EnvironmentSpec]>([
    [{ kind: "tree" }, tree],
    [
      { kind: "tree", sharing: "depth" },
      { kind: "tree", reward: "tokens" }
    ],
    [{ kind: "mlp" }, flat]
  ])("learns with %j in %j", (policy, environment) => expect(cell(policy, environment)).toBe("learns"))

  it.each<[unknown, EnvironmentSpec, string]>([
    [{ kind: "tree" }, flat, "policy.kind: tree needs an environment with a token tree; bradley-terry has none"],
    [
      { kind: "mlp", inputs: "features" },
      flat,
      "policy.inputs: features needs an environment with context vectors; bradley-terry has none"
    ],
    [{ kind: "tree", sharing: "all" }, tree, 'policy.sharing: expected "none" or "depth", found "all"'],
    [{ kind: "mlp", hidden: 0 }, flat, "policy.hidden: expected a value between 1 and 1000, found 0"]
  ])("refuses %j in %j", (policy, environment, reason) => expect(cell(policy, environment)).toBe(reason))
})
