/** Formulas, series, least squares and readings of runs, each against a slow plain oracle or by hand. */

import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { BanditRow } from "../../src/experiments/figures/records.ts"
import { columnOfMetric, formulaTitle, nameProblem } from "../../src/experiments/quantities/columns.ts"
import { type FitForm, fitForm, fitForms, fittedValue } from "../../src/experiments/quantities/fits.ts"
import { knownFormula, parseFormula } from "../../src/experiments/quantities/formula.ts"
import { readRun, readRuns } from "../../src/experiments/quantities/quantity.ts"
import { conditionOf, groupsOf, type Run } from "../../src/experiments/quantities/runs.ts"
import { argMax, backtrack, firstFall, rankCorrelation, ranks, slope } from "../../src/experiments/quantities/series.ts"
import {
  addRational,
  divideRational,
  equalRational,
  multiplyRational,
  type Rational,
  rational,
  rationalToNumber,
  subtractRational,
  zero
} from "../../src/logic/rational.ts"
import { banditRow } from "./fixtures/banditRuns.ts"

describe("formulas", () => {
  const value = (source: string, scope: Readonly<Record<string, number>> = {}) =>
    knownFormula(source).evaluate((name) => scope[name])

  it("compute as JavaScript does", () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0.1, max: 5, noNaN: true }), (x, y) => {
        const scope = { x, y }
        expect(value("-x^2 + 3*x/y - log(y)", scope)).toBe(-(x ** 2) + (3 * x) / y - Math.log(y))
        expect(value("sqrt(y) + exp(x) + abs(x) + max(x, y) + min(x, y)", scope)).toBe(
          Math.sqrt(y) + Math.exp(x) + Math.abs(x) + Math.max(x, y) + Math.min(x, y)
        )
        expect(value("where(x < y, 1, 2) + 10*(x >= y)", scope)).toBe(x < y ? 1 : 12)
        expect(value("sigmoid(x) + logsigmoid(x) + softplus(x)", scope)).toBeCloseTo(
          1 / (1 + Math.exp(-x)) - Math.log1p(Math.exp(-x)) + Math.log1p(Math.exp(x)),
          12
        )
      })
    )
  })

  it("have no value where a name has none or the result is not finite", () => {
    expect(value("max(x, 1)")).toBeUndefined()
    expect(value("x < 1", { x: Number.NaN })).toBeUndefined()
    expect(value("1/x", { x: 0 })).toBeUndefined()
    expect(value("2")).toBe(2)
  })

  it("that cannot be read say where, and unknown names what is near", () => {
    expect(Result.getFailure(parseFormula("1 + * 2"))).toMatchObject({ value: expect.stringContaining("position 5") })
    expect(nameProblem("expectedRewrad", [])).toContain("nearest: expectedReward")
    expect(nameProblem("bta", ["beta"])).toContain("nearest: beta")
    expect(nameProblem("initial_beta", ["beta"])).toBeDefined()
    for (const name of ["initial_regret", "arm0", "arm12", "initial_arm3", "beta", "step", "seed", "rewards_second"]) {
      expect(nameProblem(name, ["beta"])).toBeUndefined()
    }
    expect(nameProblem("arm01", [])).toBeDefined()
    expect([formulaTitle("klToReference"), formulaTitle("tau"), formulaTitle("2*tau")]).toEqual([
      "KL(π ‖ reference), nats",
      "τ",
      "2*tau"
    ])
    expect(formulaTitle("rewards_second")).toBe("expected reward, second")
    expect(columnOfMetric("rewards_second")).toBe("rewards.second")
  })
})

/** Spearman's correlation, ranks by counting. */
const plainSpearman = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const rank = (all: ReadonlyArray<number>, value: number) =>
    all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2
  const rx = x.map((value) => rank(x, value))
  const ry = y.map((value) => rank(y, value))
  const mean = (x.length + 1) / 2
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0)
  return (
    sum((i) => (rx[i]! - mean) * (ry[i]! - mean)) /
    Math.sqrt(sum((i) => (rx[i]! - mean) ** 2) * sum((i) => (ry[i]! - mean) ** 2))
  )
}

describe("series", () => {
  const few = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 12 })

  it("extremes and turning points agree with looking at every pair", () => {
    fc.assert(
      fc.property(few, fc.integer({ min: 0, max: 3 }), (values, amount) => {
        expect(argMax(values)).toBe(values.indexOf(Math.max(...values)))
        const falls = values.findIndex((value, i) => values.slice(0, i).some((before) => before - value > amount))
        expect(firstFall(values, amount)).toBe(falls < 0 ? undefined : falls)
        const range = Math.max(...values) - Math.min(...values)
        const most = Math.max(...values.flatMap((value, i) => values.slice(0, i + 1).map((before) => before - value)))
        expect(backtrack(values)).toBe(range === 0 ? 0 : most / range)
      })
    )
    expect([backtrack([1, 2, 3]), backtrack([3, 2, 1]), backtrack([0, 4, 3])]).toEqual([0, 1, 0.25])
  })

  it("rank correlation and slope are those of their definitions", () => {
    expect(ranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2])
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
          minLength: 2,
          maxLength: 9
        }),
        (pairs) => {
          const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
          const expected = plainSpearman(x, y)
          const found = rankCorrelation(x, y)
          if (found === undefined) expect(expected).toBeNaN()
          else expect(found).toBeCloseTo(expected, 12)
        }
      )
    )
    expect(slope([0, 1, 2], [1, 3, 5])).toBe(2)
    expect(slope([1, 1], [0, 5])).toBeUndefined()
    expect(() => slope([1], [])).toThrow(RangeError)
  })
})

/** Least squares by the normal equations in exact fractions, Cramer-free: Gauss–Jordan. Undefined when singular. */
const exactFit = (
  rows: ReadonlyArray<ReadonlyArray<Rational>>,
  y: ReadonlyArray<Rational>
): ReadonlyArray<number> | undefined => {
  const n = rows[0]!.length
  const dot = (f: (i: number) => Rational) => rows.reduce((sum, _, i) => addRational(sum, f(i)), zero)
  const a = Array.from({ length: n }, (_, j) => [
    ...Array.from({ length: n }, (_, k) => dot((i) => multiplyRational(rows[i]![j]!, rows[i]![k]!))),
    dot((i) => multiplyRational(rows[i]![j]!, y[i]!))
  ])
  for (let j = 0; j < n; j++) {
    const pivot = a.findIndex((row, i) => i >= j && !equalRational(row[j]!, zero))
    if (pivot < 0) return undefined
    ;[a[j], a[pivot]] = [a[pivot]!, a[j]!]
    a[j] = a[j]!.map((entry) => divideRational(entry, a[j]![j]!))
    for (let i = 0; i < n; i++) {
      if (i !== j) a[i] = a[i]!.map((entry, k) => subtractRational(entry, multiplyRational(a[i]![j]!, a[j]![k]!)))
    }
  }
  return a.map((row) => rationalToNumber(row[n]!))
}

const exactBasis: Readonly<Record<Exclude<FitForm, "log">, (x: Rational) => ReadonlyArray<Rational>>> = {
  square: (x) => [x, multiplyRational(rational(-1), multiplyRational(x, x))],
  fourth: (x) => {
    const square = multiplyRational(x, x)
    return [square, multiplyRational(rational(-1), multiplyRational(square, square))]
  },
  line: (x) => [rational(1), x],
  parabola: (x) => [rational(1), x, multiplyRational(x, x)]
}

describe("least squares", () => {
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: -20, max: 20 })), {
    minLength: 4,
    maxLength: 10
  })

  it("gives the coefficients of the exact normal equations, or refuses when those are singular", () => {
    for (const form of ["square", "fourth", "line", "parabola"] as const) {
      fc.assert(
        fc.property(points, (list) => {
          const x = list.map(([a]) => rational(a, 4))
          const y = list.map(([, b]) => rational(b, 8))
          const exact = exactFit(x.map(exactBasis[form]), y)
          const fit = fitForm(form, x.map(rationalToNumber), y.map(rationalToNumber))
          expect(fit === undefined).toBe(exact === undefined)
          fit?.coefficients.forEach((value, i) => {
            expect(value).toBeCloseTo(exact![i]!, 8)
          })
        })
      )
    }
  })

  it("finds a curve of every form again, with its peak where its slope is 0", () => {
    const x = [0.1, 0.3, 0.7, 1.2, 1.9, 2.5]
    for (const form of fitForms) {
      const coefficients = form === "parabola" ? [0.2, 1.5, -0.4] : [0.8, 0.3]
      const fit = fitForm(
        form,
        x,
        x.map((d) => fittedValue({ form, coefficients }, d))
      )!
      fit.coefficients.forEach((value, i) => {
        expect(value).toBeCloseTo(coefficients[i]!, 10)
      })
      expect(fit.rmse).toBeLessThan(1e-12)
      if (form === "line") expect(fit.peak).toBeUndefined()
      else {
        const at = (d: number) => fittedValue(fit, d)
        expect(at(fit.peak!)).toBe(fit.height)
        expect(at(fit.peak! * 0.999)).toBeLessThan(fit.height!)
        expect(at(fit.peak! * 1.001)).toBeLessThan(fit.height!)
      }
    }
    const by = (form: FitForm, c: ReadonlyArray<number>) =>
      fitForm(
        form,
        x,
        x.map((d) => fittedValue({ form, coefficients: c }, d))
      )
    expect(by("log", [0.8, 0.3])!.peak).toBeCloseTo(Math.exp(0.8 / 0.3 - 1), 8)
    expect(by("log", [0.8, 0.3])!.height).toBeCloseTo(0.3 * Math.exp(0.8 / 0.3 - 1), 8)
    expect(by("square", [0.8, 0.3])!.height).toBeCloseTo(0.8 ** 2 / 1.2, 8)
    expect(by("log", [0.8, -0.3])!.peak).toBeUndefined()
  })

  it("measures residuals over all points, and over those beyond the coefficients", () => {
    // The mean of 0, 0, 3 around a line of slope 0: x symmetric, residuals -1, ... by hand.
    const fit = fitForm("line", [0, 1, 2, 1], [0, 1, 2, 3])!
    expect(fit.coefficients.map((value) => Number(value.toFixed(10)))).toEqual([0.5, 1])
    expect(fit.rmse).toBeCloseTo(Math.sqrt((0.25 * 3 + 2.25) / 4), 12)
    expect(fit.residualError).toBeCloseTo(Math.sqrt(3 / 2), 12)
    expect(fitForm("line", [0, 1], [0, 1])).toBeUndefined()
    expect(fitForm("log", [0, 0, 0], [1, 2, 3])).toBeUndefined()
    expect(() => fitForm("line", [0, Number.NaN], [0, 1])).toThrow(RangeError)
  })
})

/** A run of one condition: expectedReward and KL at steps 0, 10, 20, … */
const run = (values: ReadonlyArray<number>, more: Partial<BanditRow> = {}): Run =>
  groupsOf(
    values.map((expectedReward, i) =>
      banditRow({
        expectedReward,
        step: 10 * i,
        klToReference: i * i,
        final: i === values.length - 1,
        ...more
      })
    )
  )[0]!.runs[0]!

describe("readings of a run", () => {
  it("at a checkpoint, between two, or where it is extreme", () => {
    const one = run([1, 3, 2, 4, 0])
    const read = (at: never) => readRun(one, { value: "expectedReward", at })
    expect(["initial", "final", "max", "min", "argmax-step", "argmin-step"].map((at) => read(at as never))).toEqual([
      1, 0, 4, 0, 30, 40
    ])
    expect(read({ step: 10 } as never)).toBe(3)
    expect(read({ step: 15 } as never)).toBe(2.5)
    expect(read({ step: 41 } as never)).toBeUndefined()
    expect(read({ kl: 2.5 } as never)).toBe(2.5)
    expect(read({ kl: 17 } as never)).toBeUndefined()
    expect(read({ fall: 0.5 } as never)).toBe(20)
    expect(read({ fall: 1 } as never)).toBe(40)
    expect(readRun(one, { value: "expectedReward - initial_expectedReward" })).toBe(-1)
    expect(readRun(one, { value: "beta" })).toBeUndefined()
  })

  it("have no value for a run that broke off, nor at an end that was not reached", () => {
    expect(readRun(run([1, 2], { failure: "diverged" }), { value: "expectedReward" })).toBeUndefined()
    expect(readRun(run([1, 2], { final: false }), { value: "expectedReward" })).toBeUndefined()
    expect(readRun(run([1, 2], { expectedReward: "NaN" }), { value: "expectedReward", at: "max" })).toBeUndefined()
  })

  it("of all runs of a seed: slope, rank correlation, fit", () => {
    const runs = [0.1, 1, 10].map((beta, i) => run([0, [5, 3, 4][i]!], { loss: `dpo?beta=${beta}` }))
    const across = (statistic: "slope" | "rank-correlation", x: string) =>
      readRuns(runs, { value: "expectedReward", across: { statistic, x } })
    expect(across("rank-correlation", "beta")).toBeCloseTo(-0.5, 12)
    expect(across("slope", "expectedReward")).toBeCloseTo(1, 12)
    expect(across("slope", "tau")).toBeUndefined()
    const hump = run([0, 1, 4, 9, 16].map((d2) => Math.sqrt(d2) * (1 - 0.2 * Math.sqrt(d2))))
    const fitted = (take: "peak" | "rmse" | "alpha", floor = 0) =>
      readRuns([hump], {
        value: "expectedReward",
        fit: { form: "square", x: "sqrt(klToReference)", take, floor }
      })
    expect(fitted("peak")).toBeCloseTo(2.5, 10)
    expect(fitted("alpha", 1)).toBeCloseTo(1, 10)
    expect(fitted("rmse", 3)).toBeUndefined()
    expect(readRuns(runs, { value: "expectedReward" })).toBeUndefined()
  })
})

describe("conditions", () => {
  it("have the numbers of the loss and of the sweep", () => {
    const { study, settings } = conditionOf({
      environment: "grid environment.b=-3,optimizer.kind=gd",
      loss: "dpo?beta=0.1&reference=true",
      reference: false,
      ceWeight: 0
    })
    expect(study).toBe("grid")
    expect([...settings]).toEqual([
      ["b", -3],
      ["beta", 0.1]
    ])
  })

  it("are kept apart, and their runs by seed with checkpoints in order", () => {
    const rows = [2, 1].flatMap((seed) =>
      [10, 0].flatMap((step) => [banditRow({ seed, step }), banditRow({ seed, step, ceWeight: 0.1 })])
    )
    const groups = groupsOf(rows)
    expect(groups.map(({ condition, runs }) => [condition.ceWeight, runs.map(({ seed }) => seed)])).toEqual([
      [0, [2, 1]],
      [0.1, [2, 1]]
    ])
    expect(groups[0]!.runs[0]!.rows.map(({ step }) => step)).toEqual([0, 10])
  })
})
