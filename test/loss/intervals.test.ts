import * as Result from "effect/Result"
import fc from "fast-check"
import { all, type BigNumber, create } from "mathjs"
import { describe, expect, it } from "vitest"
import { interpret } from "../../src/loss/interpret.ts"
import { type Interval, pointInterval, rangesOf } from "../../src/loss/intervals.ts"
import { scaleExp } from "../../src/loss/numerics.ts"
import { GraphBuilder, type Op } from "../../src/loss/program.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

const math = create(all!, { number: "BigNumber", precision: 60 })
/** The double itself, not its shortest decimal. */
const big = (value: number): BigNumber => {
  let [whole, halvings] = [value, 0]
  for (; !Number.isInteger(whole); halvings++) whole *= 2
  return math.bignumber(String(BigInt(whole))).div(math.bignumber(2).pow(halvings))
}
const one = big(1)
const exp = (x: BigNumber): BigNumber => math.exp(x)
const log = (x: BigNumber): BigNumber => math.log(x) as BigNumber

/** Every operation in 60 digits. */
const exactly: Readonly<
  Record<Exclude<Op, "stopGradient" | "where">, (...args: ReadonlyArray<BigNumber>) => BigNumber>
> = {
  neg: (x) => x!.neg(),
  exp: (x) => exp(x!),
  expm1: (x) => exp(x!).minus(one),
  log: (x) => log(x!),
  log1p: (x) => log(one.plus(x!)),
  log1mexp: (x) => log(one.minus(exp(x!))),
  sigmoid: (x) => one.div(one.plus(exp(x!.neg()))),
  logsigmoid: (x) => log(one.plus(exp(x!.neg()))).neg(),
  softplus: (x) => log(one.plus(exp(x!))),
  abs: (x) => x!.abs(),
  sqrt: (x) => math.sqrt(x!) as BigNumber,
  add: (a, b) => a!.plus(b!),
  sub: (a, b) => a!.minus(b!),
  mul: (a, b) => a!.times(b!),
  div: (a, b) => a!.div(b!),
  pow: (a, b) => math.pow(a!, b!) as BigNumber,
  max: (a, b) => (a!.gt(b!) ? a! : b!),
  min: (a, b) => (a!.lt(b!) ? a! : b!),
  logaddexp: (a, b) => log(exp(a!).plus(exp(b!))),
  scaleExp: (a, x) => a!.times(exp(x!)),
  less: (a, b) => big(a!.lt(b!) ? 1 : 0),
  atMost: (a, b) => big(a!.lte(b!) ? 1 : 0)
}

/** Where the arguments of an operation may lie; default [-20, 20]. */
const domains: Partial<Record<Op, ReadonlyArray<readonly [number, number]>>> = {
  log: [[1e-9, 30]],
  log1p: [[-0.999, 30]],
  log1mexp: [[-20, -1e-6]],
  sqrt: [[1e-9, 30]],
  div: [
    [-20, 20],
    [0.01, 20]
  ],
  pow: [
    [0.01, 5],
    [-4, 4]
  ]
}

const unit = fc.double({ min: 0, max: 1, noNaN: true })

/** An interval in a range, of any width down to a point, and a double inside. */
const intervalIn = ([low, high]: readonly [number, number]) =>
  fc.tuple(unit, unit, unit, fc.constantFrom(0, 1e-12, 1e-3, 1)).map(([from, width, at, scale]) => {
    const start = low + from * (high - low)
    const end = start + width * scale * (high - start)
    return { interval: [start, end] as Interval, inside: Math.min(end, Math.max(start, start + at * (end - start))) }
  })

const programOf = (op: Op, count: number) => {
  const builder = new GraphBuilder()
  const node = builder.operation(op, ...Array.from({ length: count }, (_, k) => builder.input(`x${k}`)))
  return { nodes: builder.nodes, params: {}, node }
}

const contains = ([low, high]: Interval, value: BigNumber): boolean =>
  (low === -Infinity || big(low).lte(value)) && (high === Infinity || big(high).gte(value))

describe("rangesOf", () => {
  it.each(Object.keys(exactly) as ReadonlyArray<keyof typeof exactly>)("%s holds the value in 60 digits", (op) => {
    const count = exactly[op].length
    const { nodes, params, node } = programOf(op, count)
    const wanted = domains[op] ?? Array.from({ length: count }, () => [-20, 20] as const)
    let decided = 0
    fc.assert(
      fc.property(fc.tuple(...wanted.map(intervalIn)), (args) => {
        const box = Object.fromEntries(args.map(({ interval }, k) => [`x${k}`, interval]))
        const range = rangesOf({ nodes, params }, box, [node])?.[0]
        if (range === undefined) return
        decided += 1
        const value = exactly[op](...args.map(({ inside }) => big(inside)))
        expect(contains(range, value), `${op} ${JSON.stringify(args)} ${range}`).toBe(true)
        // Points give an answer worth having.
        if (args.every(({ interval: [low, high] }) => low === high)) {
          const size = Math.abs(value.toNumber()) + args.reduce((sum, { inside }) => sum + Math.abs(inside), 1)
          expect(range[1] - range[0]).toBeLessThan(1e-11 * size * (op === "pow" ? size ** 5 : 1))
        }
      }),
      { numRuns: 300 }
    )
    expect(decided).toBeGreaterThan(50)
  })

  it("scaleExp holds the value where exp overflows", () =>
    fc.assert(
      fc.property(unit, fc.double({ min: 710, max: 1000, noNaN: true }), (share, x) => {
        const { nodes, params, node } = programOf("scaleExp", 2)
        const a = (0.1 + share) * 1e-200
        const range = rangesOf({ nodes, params }, { x0: [-a, a], x1: pointInterval(x) }, [node])![0]!
        const value = exactly.scaleExp(big(a), big(x))
        expect(contains(range, value) && contains(range, value.neg())).toBe(true)
        expect(range[1] / scaleExp(a, x)).toBeCloseTo(1, 10)
      })
    ))

  it("powers of negative bases hold for whole exponents", () => {
    const { nodes, params, node } = programOf("pow", 2)
    const at = (base: Interval, exponent: number) =>
      rangesOf({ nodes, params }, { x0: base, x1: pointInterval(exponent) }, [node])![0]!
    expect(at([-2, 3], 2)).toEqual([0, expect.closeTo(9, 12)])
    expect(at([-2, 3], 3)).toEqual([expect.closeTo(-8, 12), expect.closeTo(27, 12)])
    expect(at([-2, 3], 0.5)).toEqual([-Infinity, Infinity])
    expect(at([-2, 3], -1)).toEqual([-Infinity, Infinity])
  })

  it("gives no statement outside a domain or across a pole", () => {
    const range = (op: Op, ...box: ReadonlyArray<Interval>) => {
      const { nodes, params, node } = programOf(op, box.length)
      return rangesOf({ nodes, params }, Object.fromEntries(box.map((x, k) => [`x${k}`, x])), [node])![0]
    }
    const everything = [-Infinity, Infinity]
    expect(range("log", [-1, 1])).toEqual(everything)
    expect(range("log1mexp", [-1, 1])).toEqual(everything)
    expect(range("sqrt", [-1, 1])).toEqual(everything)
    expect(range("div", [1, 2], [-1, 1])).toEqual(everything)
    expect(range("exp", [0, 1000])![1]).toBe(Infinity)
  })

  it("says where a box reaches both sides of a kink", () => {
    const range = (op: Op, ...box: ReadonlyArray<Interval>) => {
      const { nodes, params, node } = programOf(op, box.length)
      return rangesOf({ nodes, params }, Object.fromEntries(box.map((x, k) => [`x${k}`, x])), [node])
    }
    for (const op of ["max", "min", "less", "atMost"] as const) {
      expect(range(op, [0, 2], [1, 3])).toBeUndefined()
      expect(range(op, [0, 1], [2, 3])).toBeDefined()
    }
    expect(range("abs", [-1, 1])).toBeUndefined()
    expect(range("abs", [-2, -1])).toEqual([[1, 2]])
    expect(range("where", [0, 1], [5, 6], [7, 8])).toBeUndefined()
    expect(range("where", [1, 1], [5, 6], [7, 8])).toEqual([[5, 6]])
    expect(range("where", [0, 0], [5, 6], [7, 8])).toEqual([[7, 8]])
  })

  it("holds the values of losses and their derivatives all over a box", () =>
    fc.assert(
      fc.property(
        fc.constantFrom("dpo", "ipo", "cpo_core", "orpo_seq", "uncpo", "l5", "slic", "simpo", "copg", "fdpo_js"),
        fc.array(fc.double({ min: -5, max: -0.1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.array(unit, { minLength: 4, maxLength: 4 }),
        (spec, corner, shares) => {
          const resolved = resolveLoss(spec)
          if (Result.isFailure(resolved)) throw resolved.failure
          const { program } = resolved.success
          const width = 0.05
          const fixed = { nw: 1, nl: 1, s_w: 0.3, s_l: -0.2 }
          const names = ["lw", "ll", "rw", "rl"]
          const box = Object.fromEntries([
            ...Object.entries(fixed).map(([name, value]) => [name, pointInterval(value)]),
            ...names.map((name, k) => [name, [corner[k]!, corner[k]! + width]])
          ])
          const point = { ...fixed, ...Object.fromEntries(names.map((n, k) => [n, corner[k]! + width * shares[k]!])) }
          const { loss, gradients } = program.outputs
          const ranges = rangesOf(program, box, [loss, gradients.lw ?? loss, gradients.ll ?? loss])
          if (ranges === undefined) return
          const at = interpret(program, point)
          const values = [
            at.loss,
            gradients.lw === undefined ? at.loss : at.dlw,
            gradients.ll === undefined ? at.loss : at.dll
          ]
          ranges.forEach(([low, high], k) => {
            const slack = 1e-12 * (1 + Math.abs(values[k]!))
            expect(values[k]).toBeGreaterThanOrEqual(low - slack)
            expect(values[k]).toBeLessThanOrEqual(high + slack)
          })
        }
      ),
      { numRuns: 300 }
    ))

  it("asks for an interval of every input", () => {
    const { nodes, params, node } = programOf("add", 2)
    expect(() => rangesOf({ nodes, params }, { x0: [0, 1] }, [node])).toThrow(/no interval for input "x1"/)
  })
})
