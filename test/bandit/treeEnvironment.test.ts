import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { EnvironmentSpec } from "../../src/bandit/environments/registry.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { exactPairs, unseenResponses } from "../../src/bandit/pairs.ts"
import { branchSumsInto, logConditionals, prefixOf, tokenOf } from "../../src/bandit/tokenTree.ts"
import { Rng } from "../../src/random/rng.ts"
import { expectedLossAndGradient } from "./oracles.ts"
import { distance, familyOf } from "./worlds.ts"

type TreeSpec = Extract<EnvironmentSpec, { readonly kind: "tree" }>

const world = (spec: Omit<TreeSpec, "kind">, seed = 0) =>
  makeEnvironment<"tree">({ kind: "tree", ...spec }, Rng.fromSeed(seed))

/** The tokens of a leaf as text: "012". */
const text = (leaf: number, branching = 3, depth = 3): string => leaf.toString(branching).padStart(depth, "0")

describe("positions in a token tree", () => {
  it("are the digits of the leaf", () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(), (branching, depth, n) => {
        const leaf = n % branching ** depth
        const digits = text(leaf, branching, depth)
        const shape = { branching, depth }
        for (let t = 0; t < depth; t++) {
          expect(tokenOf(shape, leaf, t)).toBe(Number(digits[t]))
          expect(prefixOf(shape, leaf, t)).toBe(t === 0 ? 0 : Number.parseInt(digits.slice(0, t), branching))
        }
        expect(prefixOf(shape, leaf, depth)).toBe(leaf)
      })
    ))

  it("sum leaves by the prefixes that they begin with", () => {
    const leaves = Float64Array.from({ length: 54 }, (_, i) => Math.sin(i) ** 2 + 0.1)
    const sums = new Float64Array(39)
    const total = branchSumsInto({ branching: 3, depth: 3 }, leaves, 27, sums)
    const behind = (prefix: string) =>
      leaves.subarray(27).reduce((sum, p, y) => sum + (text(y).startsWith(prefix) ? p : 0), 0)
    const prefixes = [
      ..."012",
      ...Array.from({ length: 9 }, (_, i) => text(i, 3, 2)),
      ...Array.from({ length: 27 }, (_, i) => text(i))
    ]
    expect(distance(sums, prefixes.map(behind))).toBeLessThan(1e-13)
    expect(total).toBeCloseTo(behind(""), 12)
    const conditionals = logConditionals({ branching: 3, depth: 3 }, leaves).subarray(39)
    const expected = prefixes.map((prefix) => Math.log(behind(prefix) / behind(prefix.slice(0, -1))))
    expect(distance(conditionals, expected)).toBeLessThan(1e-13)
  })
})

describe("tree", () => {
  it("has 27 answers of three tokens unless told otherwise", () => {
    const { arms, tree, lengths } = world({})
    expect([arms, tree]).toEqual([27, { branching: 3, depth: 3 }])
    expect([...lengths!]).toEqual(new Array(27).fill(3))
  })

  it("adds token rewards up, the same after every prefix under tokens alone", () => {
    for (const seed of [1, 2, 3]) {
      // Additive in positions: R(abc) - R(xbc) does not depend on b and c.
      const spread = (choice: "tokens" | "prefixes" | "leaves") => {
        const { reward } = world({ reward: choice }, seed)
        const gaps = Array.from({ length: 9 }, (_, rest) => reward[rest]! - reward[9 + rest]!)
        return Math.max(...gaps) - Math.min(...gaps)
      }
      expect(spread("tokens")).toBeLessThan(1e-14)
      expect(spread("prefixes")).toBeGreaterThan(0.1)
      expect(spread("leaves")).toBeGreaterThan(0.1)
    }
  })

  it("has rewards of standard deviation rewardScale", () => {
    for (const reward of ["leaves", "tokens", "prefixes"] as const) {
      const all = Array.from({ length: 300 }, (_, seed) => [...world({ reward, rewardScale: 2 }, seed).reward]).flat()
      const deviation = Math.sqrt(all.reduce((sum, r) => sum + r * r, 0) / all.length)
      expect(Math.abs(deviation - 2)).toBeLessThan(0.15)
    }
  })

  it("calls the tokens correct of which an answer's reward is the share", () => {
    const { reward, tree } = world({ reward: "correct", rewardScale: 3, contexts: 2 }, 1)
    reward.forEach((r, i) => {
      const flags = tree!.correct!.subarray(i * 3, i * 3 + 3)
      expect(r).toBeCloseTo(flags[0]! + flags[1]! + flags[2]!, 12)
    })
    // The first token is as true whatever follows it.
    expect(new Set(tree!.correct!.filter((_, i) => i < 27 && i % 3 === 0)).size).toBe(1)
    expect(new Set(reward).size).toBe(4)
  })

  it("calls tokens of positive reward correct", () => {
    const { reward, tree } = world({ depth: 1, branching: 8, reward: "tokens" }, 1)
    expect([...tree!.correct!]).toEqual([...reward].map((r) => (r > 0 ? 1 : 0)))
    expect(world({}).tree!.correct).toBeUndefined()
  })

  it("ends answers at token 0: what follows changes neither reward nor length", () => {
    const { reward, lengths, reference, tree } = world({ end: true, reward: "prefixes", reference: "normal" }, 2)
    const lengthOf = (y: number) => text(y).indexOf("0") + 1 || 3
    for (let y = 0; y < 27; y++) {
      expect(lengths![y]).toBe(lengthOf(y))
      const answer = Number.parseInt(text(y).slice(0, lengthOf(y)).padEnd(3, "0"), 3)
      expect(reward[y]).toBe(reward[answer])
      for (let t = lengthOf(y); t < 3; t++) expect(tree!.correct![y * 3 + t]).toBe(2)
    }
    // P(second token = 1 | first token = 0) is padding.
    const mass = (prefix: string) => reference.reduce((sum, p, y) => sum + (text(y).startsWith(prefix) ? p : 0), 0)
    expect(mass("01") / mass("0")).toBeCloseTo(1e-6, 12)
    expect(mass("10") / mass("1")).toBeGreaterThan(0.01)
    expect(new Set(world({ end: true }, 2).reward).size).toBe(1 + 2 + 4 + 8)
  })

  it("compares each answer that ended in one way only", () => {
    for (const pairs of ["uniform", "reference", 20] as const) {
      const environment = world({ end: true, pairs, contexts: 2 })
      const unseen = unseenResponses(environment, exactPairs(environment))
      const compared = Array.from({ length: 27 }, (_, y) => text(y)).filter((_, y) => unseen[y] === 0)
      expect(compared.filter((tokens) => /0.*[12]/.test(tokens))).toEqual([])
    }
  })

  it("draws as many pairs as asked, others in other contexts, and the better one wins at temperature 0", () => {
    const environment = world({ pairs: 4, contexts: 3, temperature: 0 }, 1)
    const { count, chosen, rejected, weight } = exactPairs(environment)
    expect(count).toBe(12)
    expect(weight.every((w) => Math.abs(w - 1 / 12) < 1e-15)).toBe(true)
    chosen.forEach((w, i) => {
      expect(environment.reward[w]).toBeGreaterThan(environment.reward[rejected[i]!]!)
    })
    const rows = [0, 1, 2].map((c) =>
      [...chosen]
        .flatMap((w, i) => (Math.floor(w / 27) === c ? [`${w % 27}>${rejected[i]! % 27}`] : []))
        .sort()
        .join()
    )
    expect(new Set(rows).size).toBe(3)
  })

  it("labels listed pairs as they stand, whatever the rewards", () => {
    const environment = world({
      pairs: [
        [3, 5],
        [3, 5],
        [5, 3],
        [7, 1]
      ],
      contexts: 2
    })
    const { chosen, rejected, weight } = exactPairs(environment)
    const shares = new Map(Array.from(weight, (w, i) => [`${chosen[i]}>${rejected[i]}`, w]))
    expect([...shares.keys()].sort()).toEqual(["30>32", "32>30", "34>28", "3>5", "5>3", "7>1"])
    expect(shares.get("3>5")).toBeCloseTo(0.25, 12)
    expect(shares.get("5>3")).toBeCloseTo(0.125, 12)
    expect(shares.get("34>28")).toBeCloseTo(0.125, 12)
  })

  it("has the three tokens of Rafailov et al.: (1/2, 1/2, 0) and (0, 0, 1) both minimise DPO", () => {
    const environment = world({
      depth: 1,
      pairs: [
        [0, 1],
        [1, 0]
      ]
    })
    const lossAt = (...logits: ReadonlyArray<number>) =>
      expectedLossAndGradient(environment, familyOf("dpo?beta=0.1", environment), Float64Array.from(logits)).loss
    expect(lossAt(0, 0, -30)).toBeCloseTo(Math.LN2, 14)
    expect(lossAt(-30, -30, 0)).toBeCloseTo(Math.LN2, 14)
    expect(lossAt(1, 0, 0)).toBeGreaterThan(Math.LN2 + 1e-4)
  })
})
