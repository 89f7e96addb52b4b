import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import {
  checkEquilibrium,
  maxExactArms,
  nashEquilibrium,
  nashPolicy,
  rationalWinMatrix
} from "../../../src/bandit/solvers/nash.ts"
import { winsAgainst } from "../../../src/bandit/solvers/winGame.ts"
import {
  addRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  rationalText,
  subtractRational,
  zero
} from "../../../src/logic/rational.ts"
import { Rng } from "../../../src/random/rng.ts"
import { gameOf, published, randomGame, smallGames } from "./games.ts"

/** The only solution of A x = b, or undefined. */
const solution = (
  matrix: ReadonlyArray<ReadonlyArray<Rational>>,
  right: ReadonlyArray<Rational>
): ReadonlyArray<Rational> | undefined => {
  const n = right.length
  const rows = matrix.map((row, i) => [...row, right[i]!])
  for (let c = 0; c < n; c++) {
    const pivot = rows.findIndex((row, i) => i >= c && row[c]!.num !== 0n)
    if (pivot < 0) return undefined
    ;[rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!]
    const scaled = rows[c]!.map((v) => divideRational(v, rows[c]![c]!))
    rows[c] = scaled
    rows.forEach((row, i) => {
      if (i !== c) rows[i] = row.map((v, k) => subtractRational(v, multiplyRational(row[c]!, scaled[k]!)))
    })
  }
  return rows.map((row) => row[n]!)
}

const subsets = (items: ReadonlyArray<number>, size: number): ReadonlyArray<ReadonlyArray<number>> =>
  size === 0 ? [[]] : items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]))

/** All vertices of {π ≥ 0, Σ π = 1, P π ≤ 1/2}: some arms - 1 of these 2 arms inequalities are equations there. */
const vertices = (game: ReadonlyArray<ReadonlyArray<Rational>>): ReadonlySet<string> => {
  const arms = game.length
  const found = new Set<string>()
  const ones = game.map(() => one)
  for (const tight of subsets(
    Array.from({ length: 2 * arms }, (_, i) => i),
    arms - 1
  )) {
    const rows = tight.map((i) => (i < arms ? game.map((_, k) => (k === i ? one : zero)) : game[i - arms]!))
    const values = tight.map((i) => (i < arms ? zero : rational(1, 2)))
    const point = solution([...rows, ones], [...values, one])
    if (point !== undefined && checkEquilibrium(game, point).isEquilibrium) found.add(point.map(rationalText).join(" "))
  }
  return found
}

describe("nashEquilibrium", () => {
  it("of the published cycle is (3/10, 3/10, 2/5), and the only one", () => {
    const { exact, policy, support, unique, exploitability } = nashEquilibrium(published, 3)
    expect(exact!.map(rationalText)).toEqual(["3/10", "3/10", "2/5"])
    expect([...policy]).toEqual([0.3, 0.3, 0.4])
    expect({ support, unique, exploitability }).toEqual({ support: [0, 1, 2], unique: true, exploitability: 0 })
  })

  it("is a vertex of the polytope of equilibria, and unique iff that has one vertex", () => {
    let [several, alone] = [0, 0]
    fc.assert(
      fc.property(smallGames(4), ({ arms, matrix }) => {
        const { exact, unique } = nashEquilibrium(matrix, arms)
        const all = vertices(rationalWinMatrix(matrix, arms))
        expect(all).toContain(exact!.map(rationalText).join(" "))
        expect(unique).toBe(all.size === 1)
        if (unique) alone += 1
        else several += 1
      }),
      { numRuns: 250, seed: 1 }
    )
    expect(Math.min(several, alone)).toBeGreaterThan(10)
  })

  it("has complementary slackness, an exact certificate", () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(), (arms, seed) => {
        const matrix = randomGame(arms, seed)
        const { exact, support } = nashEquilibrium(matrix, arms)
        const { slack, isEquilibrium } = checkEquilibrium(rationalWinMatrix(matrix, arms), exact!)
        expect(isEquilibrium).toBe(true)
        for (const y of support) expect(slack[y]).toEqual(zero)
        expect(exact!.reduce(addRational, zero)).toEqual(one)
        // A generic symmetric game has one equilibrium, on an odd number of arms.
        expect(support.length % 2).toBe(1)
      }),
      { numRuns: 40 }
    ))

  it("is the Condorcet winner alone where there is one", () => {
    const { support, unique } = nashEquilibrium(gameOf(4, [0.3, 0.9, 0.2, 0.6, 0.51, 0.5]), 4)
    expect({ support, unique }).toEqual({ support: [1], unique: true })
  })

  it("is degenerate when all tie, and with clones", () => {
    expect(nashEquilibrium(new Float64Array(9).fill(0.5), 3).unique).toBe(false)
    // Arm 3 is a clone of arm 2 of the cycle: its mass may be anywhere between the two.
    const rows = [0, 1, 2, 2].flatMap((a) => [0, 1, 2, 2].map((b) => published[a * 3 + b]!))
    const { policy, unique } = nashEquilibrium(Float64Array.from(rows), 4)
    expect(unique).toBe(false)
    expect([policy[0], policy[1], policy[2]! + policy[3]!]).toEqual([0.3, 0.3, 0.4])
  })

  it("with many arms is found in floating point, where exact and numeric overlap the same", () => {
    for (const arms of [maxExactArms + 1, 60]) {
      const matrix = randomGame(arms, arms)
      const { policy, exploitability, exact } = nashEquilibrium(matrix, arms)
      expect(exact).toBeUndefined()
      expect(policy.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
      expect(exploitability).toBeLessThan(1e-12)
      expect(Math.max(...winsAgainst(matrix, policy)) - 0.5).toBeLessThan(1e-12)
    }
    // The first arms of a game whose further arms lose to all of them: the equilibrium is that of the first ones.
    const [small, many] = [9, 40]
    const inner = randomGame(small, 7)
    const outer = Float64Array.from({ length: many * many }, (_, i) => {
      const [a, b] = [Math.floor(i / many), i % many]
      if (a < small && b < small) return inner[a * small + b]!
      return a < small ? 0.9 : b < small ? 0.1 : 0.5
    })
    const exact = nashEquilibrium(inner, small).policy
    const found = nashEquilibrium(outer, many).policy
    for (let y = 0; y < many; y++) expect(found[y]).toBeCloseTo(y < small ? exact[y]! : 0, 10)
  })

  it("solves every context of an environment", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 4, contexts: 2 }, Rng.fromSeed(3))
    const policy = nashPolicy(environment)
    // Under Bradley–Terry the arm with the highest reward wins against all.
    for (let c = 0; c < 2; c++) {
      const best = environment.reward.subarray(4 * c, 4 * c + 4).reduce((a, b) => Math.max(a, b))
      for (let i = 4 * c; i < 4 * c + 4; i++) expect(policy[i]).toBe(environment.reward[i] === best ? 1 : 0)
    }
  })

  it("refuses what is no win matrix", () => {
    expect(() => nashEquilibrium(Float64Array.of(0.5, 0.6, 0.6, 0.5), 2)).toThrow(/P\(1, 0\) = 0.6 and P\(0, 1\) = 0.6/)
    expect(() => nashEquilibrium(Float64Array.of(0.5, Number.NaN, 0.6, 0.5), 2)).toThrow(/NaN/)
    expect(() => nashEquilibrium(Float64Array.of(0.5), 2)).toThrow(/has 4 entries, got 1/)
  })
})
