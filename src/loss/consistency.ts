/**
 * Whether a loss is what it says it is: its program against `f(beta·rho - margin)` built anew from its structure and link. A
 * loss file can be edited by hand, and what trains must be what is explained.
 */

import * as Result from "effect/Result"
import { parseLossExpression } from "./expression.ts"
import { programFromStructure } from "./fromStructure.ts"
import { interpret } from "./interpret.ts"
import { links } from "./links.ts"
import type { Link, Loss } from "./loss.ts"
import type { Program } from "./program.ts"

/** Log-probabilities (nats), token counts, and what any other input takes, at a few policies of no special symmetry. */
const probes = [
  { lw: -1.6, ll: -1.2, rw: -0.9, rl: -2.3, nw: 3, nl: 5, other: 0.7 },
  { lw: -0.5, ll: -2.3, rw: -1.4, rl: -0.7, nw: 4, nl: 2, other: 1.3 },
  { lw: -3, ll: -0.6, rw: -1.2, rl: -1.1, nw: 2, nl: 7, other: 0.4 },
  { lw: -4.6, ll: -3.9, rw: -1.6, rl: -3, nw: 6, nl: 3, other: 2.1 },
  { lw: -0.16, ll: -3, rw: -3.1, rl: -0.2, nw: 5, nl: 4, other: 0.9 }
] as const

/** The value of an input at a probe; further responses and scores differ from each other. */
const valueAt = (probe: (typeof probes)[number], name: string): number => {
  if (Object.hasOwn(probe, name)) return probe[name as keyof typeof probe]
  const own = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) / 1000
  return /^[lr]/.test(name) ? -probe.other - own : /^n/.test(name) ? 3 : probe.other + own
}

const evaluate = (program: Program, probe: (typeof probes)[number]) =>
  interpret(program, Object.fromEntries(program.inputs.map((name) => [name, valueAt(probe, name)])))

const parsed = (text: string) => Result.getOrUndefined(parseLossExpression(text))

const linkFormula = ({ kind, margin, formula }: Link): string =>
  kind === "custom" ? (formula ?? "") : links[kind].formula.replace("margin", `(${margin})`)

/** The program that structure and link describe; undefined when the link's texts are no expressions. */
const described = ({ structure, weighted, semantics, oddsBeta, lengthNormalised, link, params }: Loss) => {
  const [formula, scale, none] = [parsed(linkFormula(link)), parsed(`(${link.beta})`), parsed("0")]
  if (formula === undefined || scale === undefined || none === undefined) return undefined
  const source = { formula, scale, logFactor: none }
  return programFromStructure((structure ?? weighted)!, { semantics, oddsBeta, lengthNormalised }, source, params)
}

const close = (a: number, b: number): boolean =>
  !Number.isFinite(a) || !Number.isFinite(b) || Math.abs(a - b) <= 1e-8 * (1 + Math.abs(b))

/**
 * How the program differs from structure and link, at the first of a few points where it does; undefined when it does not, and
 * for a loss that has no structure or cannot be evaluated.
 */
export const inconsistency = (loss: Loss): string | undefined => {
  if ((loss.structure ?? loss.weighted) === undefined || loss.unevaluable !== undefined) return undefined
  const program = described(loss)
  if (program === undefined) return undefined
  for (const probe of probes) {
    const [found, wanted] = [evaluate(loss.program, probe), evaluate(program, probe)]
    const place = `at lw = ${probe.lw}, ll = ${probe.ll}`
    for (const [what, a, b] of [
      ["value", found.loss, wanted.loss],
      ["derivative by lw", found.dlw, wanted.dlw],
      ["derivative by ll", found.dll, wanted.dll]
    ] as const) {
      if (!close(a, b)) return `the program's ${what} is ${a} ${place}, its structure and link give ${b}`
    }
  }
  return undefined
}
