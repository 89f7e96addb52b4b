import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { epochBatches, fullBatch, replacementBatches } from "../../src/bandit/batch.ts"
import { type Comparisons, comparisonMatrix, drawFrom, pairDraw } from "../../src/bandit/comparisons.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import {
  coverageMask,
  exactPairs,
  listedPairs,
  type PairTable,
  sampledPairs,
  unseenResponses
} from "../../src/bandit/pairs.ts"
import { Rng } from "../../src/random/rng.ts"

const world = (seed: number): Environment =>
  makeEnvironment(
    { kind: "bradley-terry", arms: 4, contexts: 2, reference: "normal", behaviour: "reference" },
    Rng.fromSeed(seed)
  )

/** The weight of every (chosen, rejected) as a map, to compare tables whatever their order. */
const weights = ({ chosen, rejected, weight }: PairTable): Map<string, number> =>
  new Map(Array.from(weight, (w, i) => [`${chosen[i]}>${rejected[i]}`, w]))

/** The obvious population: draw y, then y', then the label. */
const enumeratedPairs = ({
  contexts,
  arms,
  reference,
  contextWeights,
  preference
}: Environment): Map<string, number> => {
  const out = new Map<string, number>()
  for (let c = 0; c < contexts; c++) {
    const mu = reference.subarray(c * arms, (c + 1) * arms)
    const distinct = 1 - mu.reduce((sum, p) => sum + p * p, 0)
    for (let y = 0; y < arms; y++) {
      for (let other = 0; other < arms; other++) {
        if (y === other) continue
        const drawn = (contextWeights[c]! * mu[y]! * mu[other]!) / distinct
        const add = (w: number, l: number, p: number) => {
          const key = `${c * arms + w}>${c * arms + l}`
          out.set(key, (out.get(key) ?? 0) + drawn * p)
        }
        add(y, other, preference.probability(c, y, other))
        add(other, y, preference.probability(c, other, y))
      }
    }
  }
  return out
}

describe("exactPairs", () => {
  it("weighs every labelled pair by its probability", () =>
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const environment = world(seed)
        const expected = enumeratedPairs(environment)
        const actual = weights(exactPairs(environment))
        expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
        for (const [key, weight] of expected) expect(actual.get(key)).toBeCloseTo(weight, 12)
      }),
      { numRuns: 20 }
    ))

  it("leaves out what coverage forbids and renormalises", () => {
    const environment = world(1)
    const covered = coverageMask(environment, [0, 2], Rng.fromSeed(0))
    const table = exactPairs(environment, { covered })
    expect([...weights(table).keys()].sort()).toEqual(["0>2", "2>0", "4>6", "6>4"])
    expect(table.weight.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12)
    expect([...unseenResponses(environment, table)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
  })

  it("flips labels with the noise rate", () => {
    const environment = makeEnvironment({ kind: "deterministic", dataset: "D1" }, Rng.fromSeed(0))
    const noisy = weights(exactPairs(environment, { noise: 0.2 }))
    expect(noisy.get("0>1")).toBeCloseTo(0.8 / 3, 12)
    expect(noisy.get("1>0")).toBeCloseTo(0.2 / 3, 12)
  })

  it("keeps the meeting of a response with itself where the environment says so", () => {
    const table = exactPairs(makeEnvironment({ kind: "copg" }, Rng.fromSeed(0)))
    expect(weights(table).get("2>2")).toBeCloseTo(0.7 * 0.9, 12)
    expect(table.count).toBe(9)
  })

  it("carries reference log-probabilities and gold rewards of each side", () => {
    const environment = world(5)
    const { chosen, rejected, rw, rl, sw, sl } = exactPairs(environment)
    chosen.forEach((w, i) => {
      expect(rw[i]).toBe(Math.log(environment.reference[w]!))
      expect(rl[i]).toBe(Math.log(environment.reference[rejected[i]!]!))
      expect([sw[i], sl[i]]).toEqual([environment.reward[w], environment.reward[rejected[i]!]])
    })
  })
})

describe("sampledPairs", () => {
  it("groups its draws: weights are the counts of the draws", () => {
    const { table, draws } = sampledPairs(world(2), 500, Rng.fromSeed(9))
    expect(draws).toHaveLength(500)
    const counts = new Float64Array(table.count)
    for (const i of draws) counts[i]! += 1
    table.weight.forEach((w, i) => {
      expect(w).toBeCloseTo(counts[i]! / 500, 12)
    })
    expect(new Set(weights(table).keys()).size).toBe(table.count)
  })

  it("approaches the population, noise included", () => {
    const environment = world(2)
    const population = weights(exactPairs(environment, { noise: 0.1 }))
    const n = 40_000
    const { table } = sampledPairs(environment, n, Rng.fromSeed(4), { noise: 0.1 })
    const sample = weights(table)
    for (const [key, p] of population) {
      // Five standard errors of a frequency.
      expect(Math.abs((sample.get(key) ?? 0) - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n) + 1e-12)
    }
  })

  it("is determined by the stream, and differs between streams", () => {
    const draw = (seed: number) => sampledPairs(world(2), 50, Rng.fromSeed(seed)).draws
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })
})

describe("listedPairs", () => {
  it("normalises the weights given", () => {
    const environment = world(0)
    const table = listedPairs(environment, [
      { context: 0, chosen: 1, rejected: 0, weight: 3 },
      { context: 1, chosen: 2, rejected: 3, weight: 1 }
    ])
    expect([...table.chosen, ...table.rejected, ...table.weight]).toEqual([1, 6, 0, 7, 0.75, 0.25])
  })
  it("refuses an arm that does not exist", () => {
    expect(() => listedPairs(world(0), [{ context: 0, chosen: 4, rejected: 0, weight: 1 }])).toThrow(/0\.\.3/)
  })
})

describe("coverageMask", () => {
  it("keeps the asked share of arms, at least two, other ones in other contexts", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 10, contexts: 20 }, Rng.fromSeed(0))
    const rows = (fraction: number) => {
      const mask = coverageMask(environment, fraction, Rng.fromSeed(1))
      return Array.from({ length: 20 }, (_, c) => mask.subarray(c * 10, (c + 1) * 10).join(""))
    }
    for (const row of rows(0.5)) expect([...row].filter((bit) => bit === "1")).toHaveLength(5)
    for (const row of rows(0.01)) expect([...row].filter((bit) => bit === "1")).toHaveLength(2)
    expect(new Set(rows(0.5)).size).toBeGreaterThan(10)
  })
})

describe("pairDraw", () => {
  it("follows the comparison matrix, whether drawn response by response or from the matrix", () => {
    const peaked = Float64Array.of(0.97, 0.02, 0.01)
    for (const first of [Float64Array.of(0.5, 0.3, 0.2), peaked]) {
      const comparisons: Comparisons = { kind: "product", first, second: peaked, identical: false }
      const expected = comparisonMatrix(comparisons, 0, 3)!
      const draw = pairDraw(comparisons, 0, 3)!
      const rng = Rng.fromSeed(6)
      const n = 20_000
      const counts = new Float64Array(9)
      for (let i = 0; i < n; i++) counts[draw(rng)]! += 1 / n
      expected.forEach((p, i) => {
        expect(Math.abs(counts[i]! - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n) + 1e-12)
      })
    }
  })
  it("is undefined when coverage leaves nothing to compare", () => {
    const { comparisons } = world(0)
    expect(pairDraw(comparisons, 0, 4, Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 0))).toBeUndefined()
    expect(pairDraw(comparisons, 1, 4, Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 0))).toBeDefined()
  })
})

describe("drawFrom", () => {
  it("never draws an index of weight zero and follows the weights", () => {
    const draw = drawFrom([0, 1, 0, 3, 0])
    const rng = Rng.fromSeed(8)
    const counts = [0, 0, 0, 0, 0]
    for (let i = 0; i < 8000; i++) counts[draw.next(rng)]! += 1
    expect([counts[0], counts[2], counts[4]]).toEqual([0, 0, 0])
    expect(Math.abs(counts[1]! / 8000 - 0.25)).toBeLessThan(0.025)
  })
  it("refuses weights without a sum", () => expect(() => drawFrom([0, 0])).toThrow(RangeError))
})

describe("batches", () => {
  const environment = world(2)
  const { table, draws } = sampledPairs(environment, 100, Rng.fromSeed(3))

  it("an epoch visits every draw exactly once, the last batch being the rest", () => {
    const batches = epochBatches(table, draws, 30, Rng.fromSeed(1))
    const seen = new Map<string, number>()
    for (const size of [30, 30, 30, 10]) {
      const batch = batches.next()
      for (let i = 0; i < batch.count; i++) {
        const key = `${batch.chosen[i]}>${batch.rejected[i]}`
        seen.set(key, (seen.get(key) ?? 0) + batch.weight[i]! * size)
      }
    }
    for (const [key, weight] of weights(table)) expect(seen.get(key)).toBeCloseTo(weight * 100, 9)
  })

  it("draws with replacement average to the weights", () => {
    const batches = replacementBatches(table, 50, Rng.fromSeed(1))
    const mean = new Map<string, number>()
    for (let step = 0; step < 2000; step++) {
      const batch = batches.next()
      let total = 0
      for (let i = 0; i < batch.count; i++) {
        total += batch.weight[i]!
        const key = `${batch.chosen[i]}>${batch.rejected[i]}`
        mean.set(key, (mean.get(key) ?? 0) + batch.weight[i]! / 2000)
      }
      expect(total).toBeCloseTo(1, 9)
    }
    for (const [key, weight] of weights(table)) expect(Math.abs((mean.get(key) ?? 0) - weight)).toBeLessThan(0.005)
  })

  it("a full batch is the table", () => {
    const batch = fullBatch(table)
    expect([batch.count, batch.chosen, batch.columns.rl]).toEqual([table.count, table.chosen, table.rl])
    expect(batch.columns.nw.every((n) => n === 1)).toBe(true)
  })
})
