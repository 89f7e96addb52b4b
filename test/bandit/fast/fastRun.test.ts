import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import "../../seed.ts"
import { fullBatches, replacementBatches } from "../../../src/bandit/batch.ts"
import type { Environment } from "../../../src/bandit/environment.ts"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import type { FamilyOptions } from "../../../src/bandit/families.ts"
import type { StepMetrics } from "../../../src/bandit/metrics.ts"
import type { Family } from "../../../src/bandit/objective.ts"
import { adam, gradientDescent, type Optimizer } from "../../../src/bandit/optimizer.ts"
import { pairLossFamily } from "../../../src/bandit/pairLoss.ts"
import { exactPairs, listedPairs, type PairTable, sampledPairs } from "../../../src/bandit/pairs.ts"
import { tabularPolicy } from "../../../src/bandit/policy.ts"
import { fixedRegime } from "../../../src/bandit/regimes/offline.ts"
import { type TrainingRun, train } from "../../../src/bandit/train.ts"
import { catalogueIds } from "../../../src/loss/catalogue/index.ts"
import { compileKernel } from "../../../src/loss/kernel.ts"
import { GraphBuilder, type Program } from "../../../src/loss/program.ts"
import { resolveLoss } from "../../../src/loss/resolve.ts"
import { runnability } from "../../../src/loss/runnable.ts"
import { Rng } from "../../../src/random/rng.ts"
import { programOf, smoothGraph } from "../../arbitraries/loss.ts"
import { distance, familyOf, randomWorld } from "../worlds.ts"

const steps = 60

const runOf = (environment: Environment, table: PairTable, family: Family, more: Partial<TrainingRun> = {}) => ({
  environment,
  family,
  policy: tabularPolicy(environment),
  regime: fixedRegime(table, [fullBatches(table)], steps),
  makeOptimizer: (size: number): Optimizer => adam(0.05, size),
  steps,
  checkpoints: [0, 1, steps],
  ...more
})

const collect = (run: TrainingRun) => {
  const rows: Array<StepMetrics> = []
  const generator = train(run)
  let next = generator.next()
  for (; !next.done; next = generator.next()) rows.push(next.value)
  return { rows, outcome: next.value }
}

const parametersOf = (run: TrainingRun): Float64Array => {
  const { outcome } = collect(run)
  if (Result.isFailure(outcome)) throw outcome.failure
  return outcome.success.parameters
}

/** The largest difference between the generated loop and the plain one, relative to the parameters where they are large. */
const disagreement = (run: TrainingRun): number => {
  const [fast, slow] = [parametersOf(run), parametersOf({ ...run, generated: false })]
  return Math.max(...slow.map((value, i) => Math.abs(value - fast[i]!) / Math.max(1, Math.abs(value))))
}

const worlds = [
  [1, 10],
  [2, 5]
].map(([contexts, arms]) =>
  makeEnvironment({ kind: "bradley-terry", arms: arms!, contexts: contexts!, reference: "normal" }, Rng.fromSeed(arms!))
)

const runnable = catalogueIds.filter((id) => {
  const loss = Result.getOrThrow(resolveLoss(id))
  return Result.isSuccess(runnability(loss, "bandit"))
})

/**
 * Losses whose slope jumps exactly where the policy starts: which side a rounding error falls on decides, in either loop.
 * dpop: max(0, rw - lw) at lw = rw.
 */
const jumpAtStart = new Set(["dpop"])
/** No value at the reference, in either loop. */
const undefinedAtStart = new Set(["odpo"])

describe("the generated loop", () => {
  it.each(runnable.filter((id) => !jumpAtStart.has(id) && !undefinedAtStart.has(id)))(
    "goes where the plain one goes: %s",
    (id) => {
      for (const environment of worlds) {
        const sampled = sampledPairs(environment, 25, Rng.fromSeed(3)).table
        const exact = exactPairs(environment)
        for (const options of [{}, { ceWeight: 0.1 }] satisfies ReadonlyArray<Omit<FamilyOptions, "world">>) {
          const family = familyOf(id, environment, options)
          const descent = { makeOptimizer: () => gradientDescent(0.01) }
          for (const table of [exact, sampled]) {
            expect(disagreement(runOf(environment, table, family, descent))).toBeLessThan(1e-12)
          }
          // Adam makes a step of up to learningRate * g / 1e-8 of a gradient g that is only a rounding error.
          expect(disagreement(runOf(environment, exact, family))).toBeLessThan(1e-8)
        }
      }
    }
  )

  it("does so in random worlds for random programs", () => {
    fc.assert(
      fc.property(randomWorld, smoothGraph, fc.nat(), (environment, build, seed) => {
        const family = pairLossFamily("random", compileKernel(programOf(build)))
        const table = sampledPairs(environment, 12, Rng.fromSeed(seed)).table
        const run = runOf(environment, table, family, {
          steps: 10,
          checkpoints: [10],
          makeOptimizer: () => gradientDescent(0.05)
        })
        const slow = collect({ ...run, generated: false })
        const fast = collect(run)
        if (Result.isFailure(slow.outcome)) {
          expect(Result.isFailure(fast.outcome)).toBe(true)
          return
        }
        if (Result.isFailure(fast.outcome)) throw fast.outcome.failure
        expect(distance(fast.outcome.success.policy, slow.outcome.success.policy)).toBeLessThan(1e-9)
      }),
      { numRuns: 60 }
    )
  })
})

describe("a run that the generated loop covers", () => {
  const environment = worlds[1]!
  const table = exactPairs(environment)
  const run = runOf(environment, table, familyOf("uncpo", environment))

  it("is itself to the bit beside others, wherever the checkpoints are", () => {
    const alone = parametersOf(run)
    const other = runOf(worlds[0]!, exactPairs(worlds[0]!), familyOf("uncpo", worlds[0]!), {
      checkpoints: Array.from({ length: steps + 1 }, (_, i) => i)
    })
    const [first, second] = [train({ ...run, checkpoints: Array.from({ length: steps }, (_, i) => i) }), train(other)]
    let outcome = first.next()
    while (!outcome.done) {
      second.next()
      outcome = first.next()
    }
    expect(Result.getOrThrow(outcome.value).parameters).toEqual(alone)
  })

  it.each([
    ["parameter", "cal_dpo", 1e155],
    ["loss", "uncpo", 1e6]
  ] as const)("names the step at which the %s left the numbers, as the plain loop does", (quantity, loss, rate) => {
    const diverging = {
      ...run,
      family: familyOf(loss, environment),
      makeOptimizer: () => gradientDescent(rate),
      checkpoints: [0, steps]
    }
    const [fast, slow] = [diverging, { ...diverging, generated: false }].map((one) => {
      const { outcome } = collect(one)
      return Result.isFailure(outcome) ? { step: outcome.failure.step, quantity: outcome.failure.quantity } : outcome
    })
    expect(slow).toMatchObject({ quantity })
    expect(fast).toEqual(slow)
  })

  it("skips labels of weight 0, whatever their derivative", () => {
    // 1 / (l1 - l1') has a pole where a response meets itself; such pairs are not in the data.
    const builder = new GraphBuilder()
    const [lw, ll] = [builder.input("lw"), builder.input("ll")]
    const gap = builder.operation("sub", lw, ll)
    const slope = builder.operation("div", builder.constant(0.01), gap)
    const program: Program = builder.finish({ loss: gap, gradients: { lw: slope } })
    const pole = runOf(environment, table, pairLossFamily("pole", compileKernel(program)), {
      makeOptimizer: () => gradientDescent(1e-4)
    })
    expect(disagreement(pole)).toBeLessThan(1e-12)
  })

  it.each(["dpo?beta=0.5", "cpo_core", "orpo"])(
    "uses the plain form of %s where exponents leave its bounds",
    (loss) => {
      const logits = Float64Array.from({ length: 10 }, (_, i) => (i % 5) * 700)
      const policy = { ...tabularPolicy(environment), initial: () => logits.slice() }
      const sparse = listedPairs(environment, [
        { context: 0, chosen: 0, rejected: 1, weight: 1 },
        { context: 1, chosen: 1, rejected: 2, weight: 1 }
      ])
      const far = runOf(environment, sparse, familyOf(loss, environment), {
        policy,
        makeOptimizer: () => gradientDescent(0.1)
      })
      expect(disagreement(far)).toBeLessThan(1e-12)
      expect(parametersOf(far)).not.toEqual(logits)
    }
  )

  it("does without the pairs that are not there", () => {
    const few = listedPairs(environment, [
      { context: 1, chosen: 4, rejected: 0, weight: 2 },
      { context: 0, chosen: 2, rejected: 2, weight: 1 },
      { context: 0, chosen: 1, rejected: 3, weight: 1 }
    ])
    expect(disagreement(runOf(environment, few, familyOf("dpo", environment)))).toBeLessThan(1e-12)
  })
})

it("minibatches stay with the plain loop", () => {
  const environment = worlds[0]!
  const table = exactPairs(environment)
  const make = (generated: boolean) =>
    parametersOf(
      runOf(environment, table, familyOf("dpo", environment), {
        regime: fixedRegime(table, [replacementBatches(table, 8, Rng.fromSeed(1))], steps),
        generated
      })
    )
  expect(make(true)).toEqual(make(false))
})
