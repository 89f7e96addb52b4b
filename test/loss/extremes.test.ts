import * as Result from "effect/Result"
import { all, type BigNumber, create } from "mathjs"
import { describe, expect, it } from "vitest"
import { NAMED } from "../../src/logic/lattice.ts"
import { rowsOf } from "../../src/logic/rows.ts"
import type { Structure } from "../../src/logic/structure.ts"
import { interpret } from "../../src/loss/interpret.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { outputs, type Point, tolerance } from "../arbitraries/loss.ts"

// 1 - e^-150 needs 92 digits, and derivatives subtract such numbers.
const math = create(all!, { number: "BigNumber", precision: 200 })
const big = (value: number | string): BigNumber => math.bignumber(value)
const one = big(1)

type BigPoint = Readonly<Record<string, BigNumber>>
type Triple = readonly [BigNumber, BigNumber, BigNumber]

/** A literal's weights (false, true) and their derivatives by the policy's log-probability. */
const literal = (semantics: "absolute" | "relative", at: BigPoint, x: "w" | "l") => {
  const p = math.exp(at[`l${x}`]!)
  return semantics === "absolute"
    ? { weights: [one.minus(p), p] as const, slopes: [p.neg(), p] as const }
    : { weights: [math.exp(at[`r${x}`]!), p] as const, slopes: [big(0), p] as const }
}

/** Logistic loss of a two-proposition structure and both derivatives, row by row in 200 digits. */
const exactLoss = (structure: Structure, semantics: "absolute" | "relative", at: BigPoint, beta: BigNumber): Triple => {
  const [w, l] = [literal(semantics, at, "w"), literal(semantics, at, "l")]
  const sum = (set: bigint, byW: readonly BigNumber[], byL: readonly BigNumber[]): BigNumber =>
    rowsOf(set).reduce((total, row) => total.plus(byW[row & 1]!.times(byL[row >> 1]!)), big(0))
  const { ticks, crosses } = structure
  const [top, bottom] = [sum(ticks, w.weights, l.weights), sum(crosses, w.weights, l.weights)]
  const odds = math.exp(math.log(bottom.div(top)).times(beta)) as BigNumber
  const slope = odds.div(one.plus(odds)).times(beta).neg()
  const derivative = (byW: readonly BigNumber[], byL: readonly BigNumber[]): BigNumber =>
    sum(ticks, byW, byL)
      .div(top)
      .minus(sum(crosses, byW, byL).div(bottom))
      .times(slope)
  return [math.log(one.plus(odds)) as BigNumber, derivative(w.slopes, l.weights), derivative(w.weights, l.slopes)]
}

/** `Σ |x dv/dx| / |v|` over inputs and beta, by differences at relative steps of 1e-40; null where v is 0. */
const conditions = (
  structure: Structure,
  semantics: "absolute" | "relative",
  at: BigPoint
): ReadonlyArray<number | null> => {
  const base = exactLoss(structure, semantics, at, one)
  const step = big("1e-40")
  const sums = [big(0), big(0), big(0)]
  for (const name of [...Object.keys(at), "beta"]) {
    const moved = name === "beta" ? at : { ...at, [name]: at[name]!.times(one.plus(step)) }
    const other = exactLoss(structure, semantics, moved, name === "beta" ? one.plus(step) : one)
    for (const [k, value] of other.entries()) sums[k] = sums[k]!.plus(value.minus(base[k]!).div(step).abs())
  }
  return base.map((value, k) => (value.isZero() ? null : sums[k]!.div(value.abs()).toNumber()))
}

const worst = (
  id: string,
  structure: Structure,
  semantics: "absolute" | "relative",
  point: Point
): ReadonlyArray<string> => {
  const at = Object.fromEntries(Object.entries(point).map(([name, value]) => [name, big(value)]))
  const exact = exactLoss(structure, semantics, at, one)
  const { program } = Result.getOrThrow(resolveLoss(`${id}?semantics=${semantics}`))
  const got = interpret(program, point)
  const errors = outputs.map((name, k) => big(got[name]).minus(exact[k]!).abs().toNumber())
  // The conditions are costly: asked for only where the floor and cond = 0 do not settle it.
  if (errors.every((error, k) => error <= tolerance(exact[k]!.toNumber(), 0))) return []
  const cond = conditions(structure, semantics, at)
  return outputs.flatMap((name, k) =>
    errors[k]! <= tolerance(exact[k]!.toNumber(), cond[k]!)
      ? []
      : [`${id} ${semantics} ${name} at ${JSON.stringify(point)}: ${got[name]}`]
  )
}

const absolute: ReadonlyArray<Point> = [
  { lw: -1e-12, ll: -1e-12 },
  { lw: -1e-12, ll: -150 },
  { lw: -150, ll: -1e-5 },
  { lw: -12.5, ll: -0.3 }
]
const relative: ReadonlyArray<Point> = [
  { lw: -100, rw: -190, ll: -190, rl: -100 },
  { lw: -190, rw: -100, ll: -3, rl: -90 },
  { lw: -10, rw: -10.001, ll: -12, rl: -12 }
]

describe("the sixteen lattice losses keep the golden tolerance at extreme probabilities", () => {
  it("in the absolute reading, from 1 - 1e-12 to e^-150", () => {
    expect(
      NAMED.flatMap(({ id, structure }) => absolute.flatMap((at) => worst(id, structure, "absolute", at)))
    ).toEqual([])
  })

  it("in the relative reading, up to 90 nats from the reference", () => {
    expect(
      NAMED.flatMap(({ id, structure }) => relative.flatMap((at) => worst(id, structure, "relative", at)))
    ).toEqual([])
  })

  it("and so does MaPO near p = 1, whose two quotients x/(e^x - 1) differ by far less than they are", () => {
    const { program } = Result.getOrThrow(resolveLoss("mapo"))
    const { loss, dlw, dll } = interpret(program, { lw: -4.5581944902738e-8, ll: -0.0007494806715894145 })
    // 80-digit arithmetic; the conditions are 6.2, 3.8 and 3.7.
    for (const [got, exact] of [
      [loss, 0.014301928202048089],
      [dlw, -34.31555962833435],
      [dll, 33.27394656229228]
    ] as const)
      expect(Math.abs(got - exact)).toBeLessThan(tolerance(exact, 3.7))
  })

  it("are finite, derivatives included, at -3500 and at -1e-12", () => {
    for (const { id } of NAMED) {
      const { program } = Result.getOrThrow(resolveLoss(id))
      for (const lw of [-3500, -1e-12]) {
        for (const ll of [-3500, -1e-12]) {
          const { loss, dlw, dll } = interpret(program, { lw, ll })
          expect([loss, dlw, dll].every(Number.isFinite), `${id} at ${lw}, ${ll}`).toBe(true)
        }
      }
    }
  })
})
