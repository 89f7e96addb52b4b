/** Scalar functions that keep their relative precision over the whole double range, and the meaning of every operation. */
import type { Op } from "./program.ts"

/** `log(1 + e^x)`: `e^x` far left, x far right. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** `1 / (1 + e^-x)`, relatively precise on both sides. */
export const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x))
  return x >= 0 ? 1 / (1 + e) : e / (1 + e)
}

/** `log(1 / (1 + e^-x))`, at most 0. */
export const logsigmoid = (x: number): number => -softplus(-x)

/** `log(1 - e^x)` for x ≤ 0 (-Infinity at 0), by the branch that loses nothing (Mächler 2012); NaN for x > 0. */
export const log1mexp = (x: number): number => (x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x)))

/** `log(e^a + e^b)`; -Infinity stands for an absent term. */
export const logaddexp = (a: number, b: number): number => {
  if (a === -Infinity) return b
  if (b === -Infinity) return a
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))
}

/** `a·e^x`, where `e^x` may overflow although the product does not; 0 for a = 0. */
export const scaleExp = (a: number, x: number): number => {
  if (a === 0) return 0
  const factor = Math.exp(x)
  if (factor < Number.POSITIVE_INFINITY) return a * factor
  return Math.sign(a) * Math.exp(x + Math.log(Math.abs(a)))
}

/** What every operation computes: the single definition that constant folding and the interpreter share. */
export const operations = {
  neg: (x: number) => -x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log1mexp,
  sigmoid,
  logsigmoid,
  softplus,
  abs: Math.abs,
  sqrt: Math.sqrt,
  stopGradient: (x: number) => x,
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  pow: (a: number, b: number) => a ** b,
  max: (a: number, b: number) => Math.max(a, b),
  min: (a: number, b: number) => Math.min(a, b),
  logaddexp,
  scaleExp,
  less: (a: number, b: number) => (a < b ? 1 : 0),
  atMost: (a: number, b: number) => (a <= b ? 1 : 0),
  where: (condition: number, a: number, b: number) => (condition !== 0 ? a : b)
} satisfies Record<Op, (...args: Array<number>) => number>

/** The value of an operation. @throws RangeError when the number of arguments is wrong */
export const applyOperation = (op: Op, args: ReadonlyArray<number>): number => {
  const apply = operations[op] as (...args: ReadonlyArray<number>) => number
  if (apply === undefined) throw new RangeError(`applyOperation: unknown operation "${op}"`)
  return apply(...args)
}
