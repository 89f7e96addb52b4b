/** The regression against its definitions: closed forms, and slow versions with everything written out. */
import { describe, expect, it } from "vitest"
import { clusteredErrors, coefficientsOf } from "../../../src/experiments/regression/coefficients.ts"
import { makeDesign, type Observation } from "../../../src/experiments/regression/design.ts"
import { crossProducts, explained, leastSquares } from "../../../src/experiments/regression/leastSquares.ts"
import { dealt, permutationTest } from "../../../src/experiments/regression/permutation.ts"
import { makeFolds, predictiveR2 } from "../../../src/experiments/regression/prediction.ts"
import { explainedBySubset, sharesOf } from "../../../src/experiments/regression/shares.ts"
import { Rng } from "../../../src/random/rng.ts"
import { madeUp, orders, outcomes, solve, solved, times, transposed, written, writtenR2 } from "./oracles.ts"

const predictors = ["class", "depth", "slope"]
const worlds = [0, 1, 2, 3].map((seed) => madeUp(Rng.fromSeed(`regression ${seed}`)))
const merged = (observations: ReadonlyArray<Observation>) => observations.map((one) => ({ ...one, stratum: "" }))
const cases = worlds.flatMap((one) => [one, merged(one)])

describe("least squares by sweeping", () => {
  it("is the closed form of one predictor", () => {
    const rows = Float64Array.from([-1, 2, 0, 1, 1, -3].map(Number))
    const { coefficients, residual, inverse } = leastSquares(crossProducts(rows, 2), [0])
    // Σxy/Σx² with x = -1, 0, 1 and y = 2, 1, -3.
    expect(coefficients[0]).toBeCloseTo(-5 / 2, 14)
    expect(residual).toBeCloseTo(14 - 25 / 2, 14)
    expect(inverse[0]).toBeCloseTo(1 / 2, 14)
  })

  it("leaves out a column that those before it determine, and fits as well without it", () => {
    const rows = Float64Array.from([1, 2, 3, 1, 2, 4, 6, 0, -1, 1, 0, 2, 0, 3, 3, 5])
    const [all, two] = [
      [0, 1, 2],
      [0, 1]
    ].map((columns) => leastSquares(crossProducts(rows, 4), columns))
    expect(all!.coefficients[2]).toBeUndefined()
    expect(all!.rank).toBe(2)
    expect(all!.residual).toBeCloseTo(two!.residual, 10)
    expect(all!.coefficients.slice(0, 2)).toEqual(two!.coefficients)
  })

  it("gives an outcome that does not vary an R² of 0", () => {
    expect(explained(crossProducts(Float64Array.from([1, 0, 2, 0]), 2), [0])).toBe(0)
  })
})

describe("the design", () => {
  it("has the coefficients that an indicator a block would give, strata apart or not", () => {
    for (const observations of cases) {
      const design = makeDesign(observations, predictors)
      const fast = coefficientsOf(design).map(({ estimate }) => estimate ?? 0)
      const slow = solved(written(observations, predictors), outcomes(observations)).coefficients
      expect(fast).toHaveLength(slow.length - design.blockCount)
      fast.forEach((value, k) => {
        expect(value).toBeCloseTo(slow[design.blockCount + k]!, 9)
      })
    }
  })

  it("takes the levels of a factor in the order given, and compares with the first", () => {
    const design = makeDesign(worlds[0]!, ["class"], { class: ["c", "a", "b", "absent"] })
    expect(design.baselines).toEqual({ class: "c" })
    expect(design.columns.map(({ level }) => level)).toEqual(
      ["a", "a", "b", "b"].map((_, i) => ["a", "b", "a", "b"][i])
    )
  })

  it("refuses no observations, and a predictor that is text here and a number there", () => {
    expect(() => makeDesign([], ["class"])).toThrow(/needs observations/)
    const mixed = [worlds[0]![0]!, { ...worlds[0]![1]!, values: { class: 3 } }]
    expect(() => makeDesign(mixed, ["class"])).toThrow(/class is neither/)
  })
})

describe("standard errors", () => {
  it("are the sandwich with everything written out, over seeds and over losses", () => {
    for (const observations of cases) {
      const design = makeDesign(observations, predictors)
      const x = written(observations, predictors)
      const { residuals } = solved(x, outcomes(observations))
      const own = leastSquares(
        design.products,
        design.columns.map((_, j) => j)
      )
      for (const [labels, cluster, clusters] of [
        [observations.map(({ seed }) => seed), design.seeds, design.seedCount],
        [observations.map(({ unit }) => unit), design.units, design.unitNames.length]
      ] as const) {
        const bread = transposed(x)
        const gram = times(bread, x)
        const n = observations.length
        const names = [...new Set(labels)]
        const scores = names.map((name) =>
          bread.map((column) => column.reduce((sum, v, i) => sum + (labels[i] === name ? v * residuals[i]! : 0), 0))
        )
        const factor = (names.length / (names.length - 1)) * ((n - 1) / (n - own.rank))
        const errors = clusteredErrors(design, own, cluster, clusters)
        design.columns.forEach((_, k) => {
          const unit = gram.map((_, i) => (i === design.blockCount + k ? 1 : 0))
          const row = solve(gram, unit)
          const variance = scores.reduce(
            (sum, score) => sum + score.reduce((part, value, i) => part + value * row[i]!, 0) ** 2,
            0
          )
          expect(errors[k]).toBeCloseTo(Math.sqrt(factor * variance), 8)
        })
      }
    }
  })

  it("cover the truth about as often as they say, where observations of a seed depend on each other", () => {
    let covered = 0
    const rounds = 400
    for (let round = 0; round < rounds; round++) {
      const rng = Rng.fromSeed(`coverage ${round}`)
      const observations = Array.from({ length: 12 }, (_, seed) => {
        // The effect itself differs between seeds: errors that take observations for independent are far too small.
        const slope = 1 + rng.normal()
        return Array.from({ length: 20 }, (_, unit): Observation => {
          const depth = unit / 10
          return {
            seed: `${seed}`,
            stratum: "",
            unit: `u${unit}`,
            outcome: slope * depth + 0.1 * rng.normal(),
            values: { depth }
          }
        })
      }).flat()
      const [{ overSeeds }] = coefficientsOf(makeDesign(observations, ["depth"])) as [
        ReturnType<typeof coefficientsOf>[number]
      ]
      if (overSeeds.low! <= 1 && 1 <= overSeeds.high!) covered++
    }
    // 380 expected; the binomial standard deviation is 4.4.
    expect(covered).toBeGreaterThan(362)
    expect(covered).toBeLessThan(398)
  })
})

describe("shares of R²", () => {
  it("of every set of predictors are those of two fits with everything written out", () => {
    for (const observations of cases) {
      const r2 = explainedBySubset(makeDesign(observations, predictors))
      r2.forEach((value, set) => {
        expect(value).toBeCloseTo(
          writtenR2(
            observations,
            predictors.filter((_, k) => (set >> k) & 1)
          ),
          9
        )
      })
    }
  })

  it("are mean gains over all orders, and sum to R²", () => {
    for (const observations of cases.slice(0, 3)) {
      const design = makeDesign(observations, predictors)
      const all = orders(predictors)
      const shares = sharesOf(design)
      for (const { predictor, share, alone, beyond, partial } of shares) {
        const gains = all.map((order) => {
          const before = order.slice(0, order.indexOf(predictor))
          return writtenR2(observations, [...before, predictor]) - writtenR2(observations, before)
        })
        expect(share).toBeCloseTo(gains.reduce((sum, gain) => sum + gain, 0) / all.length, 9)
        expect(alone).toBeCloseTo(writtenR2(observations, [predictor]), 9)
        const others = writtenR2(
          observations,
          predictors.filter((name) => name !== predictor)
        )
        expect(beyond).toBeCloseTo(writtenR2(observations, predictors) - others, 9)
        expect(partial).toBeCloseTo(beyond / (1 - others), 9)
      }
      expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(writtenR2(observations, predictors), 9)
    }
  })

  it("of a predictor twice under two names are halves", () => {
    const twice = worlds[0]!.map((one) => ({ ...one, values: { depth: one.values.depth!, again: one.values.depth! } }))
    const [first, second] = sharesOf(makeDesign(twice, ["depth", "again"]))
    expect(first!.share).toBeCloseTo(first!.alone / 2, 12)
    expect(second!.share).toBeCloseTo(first!.share, 12)
    expect(first!.beyond).toBeCloseTo(0, 12)
  })
})

describe("prediction of losses left out", () => {
  it("is a refit without each, one after the other", () => {
    for (const observations of cases) {
      const folds = makeFolds(makeDesign(observations, predictors))
      for (const names of [predictors, ["class"], ["depth", "slope"], []]) {
        let [missed, total] = [0, 0]
        for (const unit of new Set(observations.map((one) => one.unit))) {
          const kept = observations.filter((one) => one.unit !== unit)
          const left = observations.filter((one) => one.unit === unit)
          const { coefficients } = solved(written(kept, names, observations), outcomes(kept))
          const base = solved(written(kept, [], observations), outcomes(kept)).coefficients
          for (const one of left) {
            const guess = (b: ReadonlyArray<number>, x: ReadonlyArray<number>) =>
              x.reduce((sum, v, k) => sum + v * b[k]!, 0)
            const block = observations.findIndex(({ seed, stratum }) => seed === one.seed && stratum === one.stratum)
            expect(block).toBeGreaterThanOrEqual(0)
            if (!kept.some(({ seed, stratum }) => seed === one.seed && stratum === one.stratum)) continue
            missed += (one.outcome - guess(coefficients, written([one], names, observations)[0]!)) ** 2
            total += (one.outcome - guess(base, written([one], [], observations)[0]!)) ** 2
          }
        }
        expect(predictiveR2(folds, names)).toBeCloseTo(1 - missed / total, 8)
      }
    }
  })

  it("is undefined for one loss alone, and 0 without predictors", () => {
    const alone = worlds[0]!.filter(({ unit }) => unit === "u0")
    expect(predictiveR2(makeFolds(makeDesign(alone, ["depth"])), ["depth"])).toBeUndefined()
    expect(predictiveR2(makeFolds(makeDesign(worlds[0]!, ["depth"])), [])).toBeCloseTo(0, 12)
  })

  it("is below 0 where a predictor misleads about what it has not seen", () => {
    // Every loss its own level: nothing is known of a level left out, and a number that is noise misleads.
    const rng = Rng.fromSeed("misleading")
    const noise = Array.from({ length: 4 }, () => ({ outcome: rng.normal(), depth: rng.normal() }))
    const observations = noise.flatMap(({ outcome, depth }, unit) =>
      ["0", "1"].map((seed): Observation => ({ seed, stratum: "", unit: `u${unit}`, outcome, values: { depth } }))
    )
    expect(predictiveR2(makeFolds(makeDesign(observations, ["depth"])), ["depth"])!).toBeLessThan(0)
  })
})

describe("the permutation test", () => {
  const shuffled = (observations: ReadonlyArray<Observation>, from: Int32Array, name: string) => {
    const units = [...new Set(observations.map(({ unit }) => unit))]
    const held = (unit: string) => observations.find((one) => one.unit === unit)!.values[name]!
    return observations.map((one) => ({
      ...one,
      values: { ...one.values, [name]: held(units[from[units.indexOf(one.unit)]!]!) }
    }))
  }

  it.each([
    ["depth", ["class"]],
    ["class", ["depth"]],
    ["slope", []]
  ] as const)("of %s given %s is that of observations dealt anew, one permutation after the other", (name, given) => {
    for (const observations of cases.slice(0, 4)) {
      const design = makeDesign(observations, predictors)
      const test = permutationTest(design, name, given, 25, Rng.fromSeed("test"))
      const strata = new Map<string, Array<number>>()
      design.unitNames.forEach((unit, i) => {
        const { values } = observations.find((one) => one.unit === unit)!
        const key = given.map((one) => values[one]).join()
        strata.set(key, [...(strata.get(key) ?? []), i])
      })
      const rng = Rng.fromSeed("test")
      const gainOf = (list: ReadonlyArray<Observation>) => writtenR2(list, [...given, name]) - writtenR2(list, given)
      const gains = Array.from({ length: 25 }, () =>
        gainOf(shuffled(observations, dealt([...strata.values()], design.unitNames.length, rng), name))
      )
      expect(test.gain).toBeCloseTo(gainOf(observations), 9)
      expect(test.byChance).toBeCloseTo(gains.reduce((sum, gain) => sum + gain, 0) / 25, 9)
      const asLarge = gains.filter((gain) => gain >= test.gain - 1e-9).length
      expect(test.p).toBeCloseTo((1 + asLarge) / 26, 12)
    }
  })

  it("has uniform p where the predictor says nothing, and a small one where it says much", () => {
    const small = Array.from({ length: 200 }, (_, round) => {
      const rng = Rng.fromSeed(`null ${round}`)
      const values = Array.from({ length: 12 }, () => rng.normal())
      const observations = values.flatMap((depth, unit) => {
        const own = rng.normal()
        return ["0", "1"].map(
          (seed): Observation => ({ seed, stratum: "", unit: `u${unit}`, outcome: own, values: { depth } })
        )
      })
      return permutationTest(makeDesign(observations, ["depth"]), "depth", [], 99, rng.split("test")).p
    })
    // P(p <= 0.1) = 0.1 exactly: 20 of 200 expected, standard deviation 4.2.
    const low = small.filter((p) => p <= 0.1).length
    expect(low).toBeGreaterThan(5)
    expect(low).toBeLessThan(36)
    const { p } = permutationTest(makeDesign(cases[0]!, predictors), "depth", [], 499, Rng.fromSeed(1))
    expect(p).toBeLessThan(0.05)
  })

  it("refuses what varies within a loss", () => {
    const own = worlds[0]!.map((one, i) => ({ ...one, values: { ...one.values, step: i } }))
    expect(() => permutationTest(makeDesign(own, ["step"]), "step", [], 9, Rng.fromSeed(0))).toThrow(
      /varies within a loss/
    )
  })
})
