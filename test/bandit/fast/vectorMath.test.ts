import { describe, expect, it } from "vitest"
import { FunctionBuilder } from "../../../src/bandit/fast/assembler.ts"
import { type Code, f64x2, i32, repeatWhile } from "../../../src/bandit/fast/code.ts"
import { RunningModule } from "../../../src/bandit/fast/module.ts"
import * as math from "../../../src/bandit/fast/vectorMath.ts"
import * as scalar from "../../../src/loss/numerics.ts"
import { Rng } from "../../../src/random/rng.ts"
import { bigExp, bigLog, fixed, one, ulps } from "./bigMath.ts"

type Routine = (b: FunctionBuilder, x: Code, y: Code) => Code

/** A routine over columns. */
const mapped = (routine: Routine, xs: ReadonlyArray<number>, ys: ReadonlyArray<number> = xs): ReadonlyArray<number> => {
  const b = new FunctionBuilder(4, math.hostFunctions)
  const [x, y, out, end] = [0, 1, 2, 3].map((i) => b.parameter(i)) as [
    ReturnType<FunctionBuilder["parameter"]>,
    ReturnType<FunctionBuilder["parameter"]>,
    ReturnType<FunctionBuilder["parameter"]>,
    ReturnType<FunctionBuilder["parameter"]>
  ]
  const body = b.capture(() => {
    const result = routine(b, b.keep(f64x2.load(x.get, 0)), b.keep(f64x2.load(y.get, 0)))
    b.emit(f64x2.store(out.get, 0, result))
    for (const pointer of [x, y, out]) b.emit(pointer.set(i32.add(pointer.get, i32.constant(16))))
  })
  b.emit(repeatWhile(i32.ltUnsigned(x.get, end.get), body))
  const module = new RunningModule(b.finish(i32.constant(0)))
  const size = 16 * Math.ceil(xs.length / 2)
  const memory = module.memory(module.free + 3 * size)
  const at = [0, 1, 2].map((k) => module.free + k * size) as [number, number, number]
  new Float64Array(memory, at[0], xs.length).set(xs)
  new Float64Array(memory, at[1], ys.length).set(ys)
  module.run(at[0], at[1], at[2], at[0] + size)
  return [...new Float64Array(memory, at[2], xs.length)]
}

const rng = Rng.fromSeed(17)
const between = (count: number, low: number, high: number) =>
  Array.from({ length: count }, () => low + (high - low) * rng.uniform())
/** Sizes from 1e-20 to 1. */
const tiny = (count: number) => between(count, -20, 0).map((e) => 10 ** e)
const negative = (values: ReadonlyArray<number>) => values.map((x) => -x)
const signed = (values: ReadonlyArray<number>) => values.flatMap((x) => [x, -x])

interface Case {
  readonly name: string
  readonly routine: Routine
  readonly truth: (x: bigint) => bigint
  readonly points: ReadonlyArray<number>
  readonly bound: number
}

const log1p = (x: bigint) => bigLog(one + x)

const cases: ReadonlyArray<Case> = [
  {
    name: "expNonPositive",
    routine: math.expNonPositive,
    truth: bigExp,
    points: negative([...between(400, 0, 2), ...between(400, 0, 745), ...tiny(100), 708.5, 745.13, 0]),
    bound: 1
  },
  {
    name: "exp",
    routine: math.exp,
    truth: bigExp,
    points: [...between(400, -1, 1), ...between(400, -745, 709), ...signed(tiny(100)), 709.78, -745.13, 0],
    bound: 1
  },
  {
    name: "expm1",
    routine: math.expm1,
    truth: (x) => bigExp(x) - one,
    points: [...between(800, -1, 1), ...between(300, -60, 709), ...signed(tiny(100)), 709.78],
    bound: 2
  },
  {
    name: "log",
    routine: math.log,
    truth: bigLog,
    points: [...between(300, 0.5, 2), ...between(100, 0, 1e9), ...tiny(100), ...signed(tiny(40)).map((x) => 1 + x / 2)],
    bound: 1
  },
  {
    name: "log1pUnit",
    routine: math.log1pUnit,
    truth: log1p,
    points: [...between(300, 0, 1), ...tiny(100), 1],
    bound: 2
  },
  {
    name: "log1p",
    routine: math.log1p,
    truth: log1p,
    points: [...between(300, -0.999, 2), ...between(50, 0, 1e6), ...signed(tiny(60)).map((x) => 0.99 * x), 1e300],
    bound: 2
  },
  {
    name: "log1mexp",
    routine: math.log1mexp,
    truth: (x) => bigLog(one - bigExp(x)),
    points: negative([...between(400, 0, 2), ...between(100, 0, 740), ...tiny(100)]),
    bound: 2
  }
]

describe.each(cases)("$name", ({ routine, truth, points, bound }) => {
  it(`is within ${bound} unit(s) in the last place`, () => {
    const values = mapped(routine, points)
    const worst = points.reduce<{ at: number; by: number }>(
      (most, x, i) => {
        const by = ulps(values[i]!, truth(fixed(x)))
        return by > most.by ? { at: x, by } : most
      },
      { at: 0, by: 0 }
    )
    expect(worst.by, `at ${worst.at}`).toBeLessThanOrEqual(bound)
    // Correct rounding everywhere would mean that the oracle measures itself.
    expect(worst.by).toBeGreaterThan(0.5)
  })
})

describe("values without digits", () => {
  const special = [
    0,
    1,
    -1,
    -5e-324,
    5e-324,
    1e-310,
    -1e-310,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN
  ]
  /** Zeros lose their sign. */
  const unsigned = (values: ReadonlyArray<number>) => values.map((x) => (x === 0 ? 0 : x))
  const close = (name: string, found: ReadonlyArray<number>, wanted: ReadonlyArray<number>) =>
    wanted.forEach((value, i) => {
      const [a, b] = [unsigned(found)[i]!, unsigned(wanted)[i]!]
      if (Number.isFinite(value))
        expect(Math.abs(a - b), `${name} of ${i}`).toBeLessThanOrEqual(2 * 2 ** -52 * Math.abs(b))
      else expect(a, `${name} of ${i}`).toBe(b)
    })

  it.each([
    ["exp", math.exp, Math.exp, [710, 1e300, -746, -1e300, -745.13321910194122]],
    ["expm1", math.expm1, Math.expm1, [710, 1e300, -746, -1e300]],
    ["log", math.log, Math.log, [Number.MAX_VALUE, 2 ** -1022, 2 ** -1023]],
    ["log1p", math.log1p, Math.log1p, [-2, -0.9999999999999999, Number.MAX_VALUE]],
    ["log1mexp", math.log1mexp, scalar.log1mexp, [-Math.LN2, -746, -1e300]]
  ] as const)("%s has them like the scalar function", (name, routine, wanted, more) => {
    const points = [...special, ...more]
    close(name, mapped(routine, points), points.map(wanted))
  })

  it("expNonPositive takes -Infinity and NaN", () =>
    expect(mapped(math.expNonPositive, [Number.NEGATIVE_INFINITY, Number.NaN, 0, -1e300])).toEqual([
      0,
      Number.NaN,
      1,
      0
    ]))

  it("of two arguments too", () => {
    const pairs = special.flatMap((x) => [...special, 700, -700].map((y) => [x, y] as const))
    const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
    close(
      "logaddexp",
      mapped(math.logaddexp, xs, ys),
      pairs.map(([x, y]) => scalar.logaddexp(x, y))
    )
    close(
      "pow",
      mapped(math.pow, xs, ys),
      pairs.map(([x, y]) => x ** y)
    )
  })
})

it("scaleExp is finite wherever the product is", () => {
  const [a, x] = [
    [1e-300, 1e300, 0, 0, -2, 3e-200, 1e10, 1],
    [1300, -760, 5000, -5000, 1.5, 800, 800, 2000]
  ]
  const found = mapped(math.scaleExp, a, x)
  a.forEach((factor, i) => {
    const truth = (fixed(factor) * bigExp(fixed(x[i]!))) / one
    if (truth >= fixed(Number.MAX_VALUE)) expect(found[i]).toBe(Number.POSITIVE_INFINITY)
    else if (truth === 0n) expect(found[i]).toBe(0)
    else expect(ulps(found[i]!, truth)).toBeLessThanOrEqual(2)
  })
})

it("both lanes are alike, whatever stands beside", () => {
  const points = [-3, -1e300, Number.NaN, -0.1, 0.5, Number.POSITIVE_INFINITY]
  for (const { routine } of cases) {
    const alone = points.map((x) => mapped(routine, [x, x]))
    for (const both of alone) expect(both[0]).toBe(both[1])
    const turned = mapped(routine, points.toReversed()).toReversed()
    expect(turned).toEqual(alone.map(([value]) => value))
    expect(mapped(routine, points)).toEqual(turned)
  }
})
