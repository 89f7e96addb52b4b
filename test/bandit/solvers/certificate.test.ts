import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fullBatch } from "../../../src/bandit/batch.ts"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import { populationMinimiser } from "../../../src/bandit/minimiser.ts"
import { createObjective } from "../../../src/bandit/objective.ts"
import { klOptimum } from "../../../src/bandit/optima.ts"
import { exactPairs, listedPairs } from "../../../src/bandit/pairs.ts"
import { certifyStationary } from "../../../src/bandit/solvers/certificate.ts"
import { logitHessian } from "../../../src/bandit/solvers/hessian.ts"
import { hessianRows } from "../../../src/loss/secondDerivatives.ts"
import { Rng } from "../../../src/random/rng.ts"
import { ipoMinimiser, samplePolicies } from "../oracles.ts"
import { distance, familyOf, randomWorld } from "../worlds.ts"

const losses = ["dpo?beta=0.7", "ipo?tau=0.4", "cpo_core", "orpo_seq", "ccpo", "uncpo", "l5", "ce_odds", "copg?beta=1"]

describe("logitHessian", () => {
  it("is the derivative of the gradient, zero between contexts and along a constant", () =>
    fc.assert(
      fc.property(
        randomWorld,
        fc.constantFrom(...losses),
        fc.nat(),
        fc.constantFrom(0, 0.3),
        (environment, loss, seed, ceWeight) => {
          const { contexts, arms } = environment
          const n = contexts * arms
          const family = familyOf(loss, environment, { ceWeight })
          const batch = fullBatch(exactPairs(environment))
          const objective = createObjective(family, contexts, arms)
          const logits = samplePolicies(Rng.fromSeed(seed), environment, 2)[seed % 2]!
          const hessian = logitHessian(family.pairs!, batch, contexts, arms)(logits)
          const gradientAt = (k: number, shift: number): Float64Array => {
            const gradient = new Float64Array(n)
            objective.lossAndGradientInto(
              batch,
              logits.map((z, i) => (i === k ? z + shift : z)),
              gradient
            )
            return gradient
          }
          const h = 1e-5
          const scale = hessian.reduce((top, v) => Math.max(top, Math.abs(v)), 1e-3)
          for (let k = 0; k < n; k++) {
            const [up, down] = [gradientAt(k, h), gradientAt(k, -h)]
            for (let i = 0; i < n; i++) {
              const slope = (up[i]! - down[i]!) / (2 * h)
              expect(Math.abs(hessian[i * n + k]! - slope)).toBeLessThan(1e-6 * scale)
              if (Math.floor(i / arms) !== Math.floor(k / arms)) expect(hessian[i * n + k]).toBe(0)
            }
          }
          for (let i = 0; i < n; i++) {
            const row = hessian.subarray(i * n, (i + 1) * n)
            expect(Math.abs(row.reduce((sum, v) => sum + v, 0))).toBeLessThan(1e-13 * scale)
          }
        }
      ),
      { numRuns: 60 }
    ))

  it("is refused for a loss that stops a gradient", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 3 }, Rng.fromSeed(0))
    const { program } = familyOf("expr:softplus(-(lw-ll)) * stopGradient(exp(lw))", environment).pairs!
    expect(() => hessianRows(program)).toThrow(/stops a gradient/)
    expect(
      certifyStationary({ program, ceWeight: 0 }, exactPairs(environment), 1, 3, new Float64Array(3))
    ).toBeUndefined()
  })
})

/** Logits relative to a context's most probable response, which the certificate holds. */
const held = (logits: Float64Array, from: Float64Array, arms: number): Float64Array =>
  logits.map((z, i) => {
    const context = Math.floor(i / arms)
    const row = from.subarray(context * arms, (context + 1) * arms)
    const top = context * arms + row.indexOf(row.reduce((a, b) => Math.max(a, b)))
    return z - logits[top]!
  })

describe("certifyStationary", () => {
  it("encloses IPO's optimum, known from one linear solve, and DPO's under Bradley–Terry", () =>
    fc.assert(
      fc.property(randomWorld, fc.double({ min: 0.3, max: 2, noNaN: true }), (environment, tau) => {
        const { arms } = environment
        const table = exactPairs(environment)
        for (const [loss, truth] of [
          [`ipo?tau=${tau}`, ipoMinimiser(environment, table, tau).policy],
          [`dpo?beta=${tau}`, klOptimum(environment, tau).policy]
        ] as const) {
          const found = populationMinimiser(environment, familyOf(loss, environment), table, { certify: true })
          const { radius, uniqueWithin, minimum } = found.certified!
          expect(minimum).toBe(true)
          expect(radius).toBeLessThan(1e-10)
          expect(uniqueWithin).toBeGreaterThan(1e-6)
          // The truths are computed in doubles themselves.
          const there = held(truth.map(Math.log), found.logits, arms)
          expect(distance(there, held(found.logits, found.logits, arms))).toBeLessThan(radius + 1e-11)
        }
      }),
      { numRuns: 25 }
    ))

  it("still encloses it from a point beside it, with a radius of at least the distance", () =>
    fc.assert(
      fc.property(
        randomWorld,
        fc.constantFrom(...losses),
        fc.constantFrom(1e-4, 1e-6, 1e-9),
        (environment, loss, shift) => {
          const { contexts, arms } = environment
          const table = exactPairs(environment)
          const family = familyOf(loss, environment)
          const found = populationMinimiser(environment, family, table, { certify: true })
          if (found.certified === undefined) return
          const rng = Rng.fromSeed(1)
          const beside = found.logits.map((z) => z + shift * (2 * rng.uniform() - 1))
          const away = distance(held(beside, beside, arms), held(found.logits, beside, arms))
          const certificate = certifyStationary(family.pairs!, table, contexts, arms, beside)
          if (certificate === undefined) {
            // Only where the region of attraction is smaller than the shift.
            expect(found.certified.uniqueWithin).toBeLessThan(20 * away)
            return
          }
          expect(certificate.radius).toBeGreaterThan(away - 2 * found.certified.radius)
          expect(certificate.radius).toBeLessThan(3 * away + 1e-9)
        }
      ),
      { numRuns: 60 }
    ))

  it("does not certify what is not stationary", () =>
    fc.assert(
      fc.property(randomWorld, fc.constantFrom(...losses), fc.nat(), (environment, loss, seed) => {
        const { contexts, arms } = environment
        const table = exactPairs(environment)
        const family = familyOf(loss, environment)
        const logits = samplePolicies(Rng.fromSeed(seed), environment, 2)[1]!
        const certificate = certifyStationary(family.pairs!, table, contexts, arms, logits)
        if (certificate === undefined) return
        expect(certificate.radius).toBeLessThan(certificate.uniqueWithin)
        // By chance near one: then Newton's method ends within the radius.
        const { logits: end } = populationMinimiser(environment, family, table, { start: logits })
        expect(distance(held(end, logits, arms), held(logits, logits, arms))).toBeLessThan(certificate.radius + 1e-9)
      }),
      { numRuns: 60 }
    ))

  const environment = makeEnvironment({ kind: "bradley-terry", arms: 3, reference: "normal" }, Rng.fromSeed(5))
  const table = exactPairs(environment)

  it("says nothing where one context's point is farther off than another's is known to be alone", () => {
    // IPO on two arms is nearly quadratic: each minimum is certified from afar, but not from equally far. A case that was found.
    const world = makeEnvironment(
      {
        kind: "bradley-terry",
        rewards: [
          [-0.2065593345674432, -0.16395414356113977],
          [0.8792459414080224, 1.5044364121314953]
        ],
        reference: [
          [0.6700497131288071, 0.3299502868711928],
          [0.42929449559013527, 0.5707055044098648]
        ]
      },
      Rng.fromSeed(0)
    )
    const logits = samplePolicies(Rng.fromSeed(1394717433), world, 2)[1]!
    const certificate = certifyStationary(familyOf("ipo?tau=0.4", world).pairs!, exactPairs(world), 2, 2, logits)
    expect(certificate).toBeUndefined()
  })

  it("tells a maximum from a minimum", () => {
    const { logits } = populationMinimiser(environment, familyOf("ipo?tau=0.5", environment), table)
    const upside = familyOf("expr:-((lw-rw)-(ll-rl)-1)^2", environment).pairs!
    const certificate = certifyStationary(upside, table, 1, 3, logits)!
    expect(certificate.minimum).toBe(false)
    expect(certificate.radius).toBeLessThan(1e-11)
  })

  it("is absent where the minimum is not isolated, not attained, or at a kink, and where it is not asked for", () => {
    const certified = (loss: string, pairs = table, certify = true) =>
      populationMinimiser(environment, familyOf(loss, environment), pairs, { certify }).certified
    expect(certified("dpo", table, false)).toBeUndefined()
    expect(certified("dpo")).toBeDefined()
    const one = { context: 0, chosen: 0, rejected: 1 }
    const pair = listedPairs(environment, [{ ...one, weight: 1 }])
    expect(certified("ipo", pair)).toBeUndefined()
    expect(certified("dpo", pair)).toBeUndefined()
    expect(certified("slic")).toBeUndefined()
    // The cross-entropy term counts.
    const family = familyOf("ipo?tau=0.5", environment, { ceWeight: 0.1 })
    const found = populationMinimiser(environment, family, table, { certify: true })
    expect(found.certified!.radius).toBeLessThan(1e-10)
    expect(
      certifyStationary({ ...family.pairs!, ceWeight: 0 }, table, 1, 3, found.logits)?.radius ?? 1
    ).toBeGreaterThan(1e-3)
  })
})
