/** P11's criterion decided on all structures over M(w), M(l), against plain evaluation of the rate at many policies. */
import { describe, expect, it } from "vitest"
import { displacementCriterion } from "../../src/landscape/criterion.ts"
import { oddsCounts } from "../../src/landscape/odds.ts"
import { isDegenerate, makeStructure, type Semantics, type Structure } from "../../src/logic/structure.ts"
import { makeRatio } from "../../src/properties/ratio.ts"
import { logProbVelocities } from "../../src/properties/step.ts"
import { Rng } from "../../src/random/rng.ts"

const pair = ["M(w)", "M(l)"]
const all = Array.from({ length: 256 }, (_, code) => makeStructure(pair, BigInt(code & 15), BigInt(code >> 4))).filter(
  (one) => !isDegenerate(one)
)

/** The rate of log p_w on a bandit, where the criterion |a_l| <= 2 a_w holds; undefined elsewhere. */
const rate = (
  structure: Structure,
  semantics: Semantics,
  policy: ReadonlyArray<number>,
  reference: ReadonlyArray<number>
): number | undefined => {
  const [lw, ll] = policy.map(Math.log)
  const [rw, rl] = reference.map(Math.log)
  const { aw, al } = makeRatio(structure, { semantics, oddsBeta: 1 })({ lw: lw!, ll: ll!, rw: rw!, rl: rl! })
  const scale = Math.max(Math.abs(aw), Math.abs(al))
  // A witness may lie on the edge of the criterion.
  if (!(scale > 0 && Math.abs(al) <= 2 * aw + 1e-12 * scale)) return undefined
  return logProbVelocities(policy, -aw / scale, -al / scale)[0]
}

const thinPolicy = (pw: number, pl: number, arms: number): Array<number> => [
  pw,
  pl,
  ...Array.from({ length: arms }, () => (1 - pw - pl) / arms)
]

const shares = (rng: Rng): Array<number> => {
  const weights = [0, 1, 2].map(() => Math.exp(3 * rng.normal()))
  const total = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / total)
}

describe.each(["absolute", "relative"] as const)("the criterion, %s", (semantics) => {
  const verdicts = all.map(
    (structure) => [structure, displacementCriterion(oddsCounts(structure, ["p_w", "p_l"]), semantics)!] as const
  )

  it("is decided for each of the 225 structures", () => {
    expect(verdicts.length).toBe(225)
    const count = (verdict: string) => verdicts.filter(([, found]) => found.verdict === verdict).length
    expect([count("proved"), count("refuted")]).toEqual(semantics === "absolute" ? [184, 41] : [165, 60])
  })

  it("fails at its witness", () => {
    for (const [structure, { verdict, witness, explanation }] of verdicts) {
      if (verdict !== "refuted") continue
      expect(witness, explanation).toBeDefined()
      const { p_w, p_l, r_w = 0.25, r_l = 0.25 } = witness!.point
      const thin = p_w! + p_l! === 1 ? [p_w!, p_l!] : thinPolicy(p_w!, p_l!, 20_000)
      expect(rate(structure, semantics, thin, [r_w, r_l]), explanation).toBeLessThan(0)
    }
  })

  it("never fails where it is proved", () => {
    const rng = Rng.fromSeed(7).split(semantics)
    const cases = Array.from({ length: 100 }, () => [shares(rng), shares(rng)] as const)
    for (const [structure, { verdict }] of verdicts) {
      if (verdict !== "proved") continue
      for (const [[pw, pl], reference] of cases) {
        for (const policy of [thinPolicy(pw!, pl!, 200), thinPolicy(pw!, pl!, 1)]) {
          expect(rate(structure, semantics, policy, reference) ?? 0).toBeGreaterThan(-1e-9)
        }
      }
    }
  })
})

it("leaves structures with a third answer of the policy to others", () => {
  const counts = oddsCounts(makeStructure(["M(w)", "M(l)", "M(y3)"], 80n, 17n), ["p_w", "p_l", "p_y3"])
  expect(displacementCriterion(counts, "absolute")).toBeUndefined()
})
