/** Values and derivatives of the sixteen twins, and of powers of their odds, against exact fractions. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { NAMED } from "../../src/logic/lattice.ts"
import {
  addRational,
  divideRational,
  logRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  rationalToNumber,
  subtractRational,
  zero
} from "../../src/logic/rational.ts"
import type { Structure } from "../../src/logic/structure.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

/** Probabilities 3/7 e-k and the like, down to a whole answer's. */
const cases: ReadonlyArray<Readonly<Record<"w" | "l" | "rw" | "rl", Rational>>> = [1n, 10n ** 12n, 10n ** 150n].flatMap(
  (level) =>
    [
      [3, 2, 1, 4],
      [1, 1, 1, 1],
      [1, 50, 40, 2],
      [99, 1, 2, 3]
    ].map(([w, l, rw, rl]) => ({
      w: rational(BigInt(w!), 101n * level),
      l: rational(BigInt(l!), 101n * level),
      rw: rational(BigInt(rw!), 101n * level),
      rl: rational(BigInt(rl!), 101n * level)
    }))
)

const power = (base: Rational, exponent: number): Rational =>
  Array.from({ length: exponent }).reduce<Rational>((product) => multiplyRational(product, base), one)

/** The sum of the rows of a set, and of those with proposition k true: N and `o_k dN/do_k`. */
const sums = (set: bigint, odds: readonly [Rational, Rational]) => {
  const rows = [0, 1, 2, 3].filter((row) => (set >> BigInt(row)) & 1n)
  const weight = (row: number) => multiplyRational(row & 1 ? odds[0] : one, row & 2 ? odds[1] : one)
  const total = (chosen: ReadonlyArray<number>) => chosen.map(weight).reduce(addRational, zero)
  return { all: total(rows), w: total(rows.filter((row) => row & 1)), l: total(rows.filter((row) => row & 2)) }
}

/** exp(rho) and its derivatives by log p_w, log p_l, odds to the power b. */
const exact = ({ ticks, crosses }: Structure, odds: readonly [Rational, Rational], b: number) => {
  const [n, d] = [sums(ticks, odds), sums(crosses, odds)]
  const slope = (k: "w" | "l") =>
    b * rationalToNumber(subtractRational(divideRational(n[k], n.all), divideRational(d[k], d.all)))
  return { rho: logRational(n.all) - logRational(d.all), aw: slope("w"), al: slope("l") }
}

const near = (value: number, expected: number, tolerance: number): void => {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(expected)))
}

describe("values of the relative twins", () => {
  it.each(NAMED.map(({ id, structure }) => [id, structure] as const))("%s", (id, structure) => {
    for (const b of [1, 2, 3]) {
      const text = `${id}?semantics=relative&beta=0.5${b === 1 ? "" : `&oddsBeta=${b}`}`
      const { evaluate } = compileKernel(Result.getOrThrow(resolveLoss(text)).program)
      for (const { w, l, rw, rl } of cases) {
        const odds = [power(divideRational(w, rw), b), power(divideRational(l, rl), b)] as const
        const { rho, aw, al } = exact(structure, odds, b)
        const found = evaluate({ lw: logRational(w), ll: logRational(l), rw: logRational(rw), rl: logRational(rl) })
        const pull = -0.5 / (1 + Math.exp(0.5 * rho))
        // Inputs are rounded: 1e-13 of a log-probability near -350.
        near(found.loss, Math.log1p(Math.exp(-0.5 * rho)), 1e-12)
        near(found.gradients.lw!, pull * aw, 1e-12)
        near(found.gradients.ll!, pull * al, 1e-12)
      }
    }
  })
})
