import * as Result from "effect/Result"
import fc from "fast-check"
import { evaluate } from "mathjs"
import { describe, expect, it } from "vitest"
import { compileExpression } from "../../src/loss/compileExpression.ts"
import { type Expression, parseKnownExpression, parseLossExpression } from "../../src/loss/expression.ts"
import { graphText } from "../../src/loss/graphText.ts"
import { interpret } from "../../src/loss/interpret.ts"
import { editDistance, nearestNames } from "../../src/loss/nearest.ts"
import { Graph } from "../../src/loss/simplify.ts"
import { smoothGraph } from "../arbitraries/loss.ts"

const scope = { lw: -1.25, ll: -0.5, rw: -2, beta: 0.7 }

const evaluated = (expression: Expression): number => {
  const graph = new Graph()
  const loss = compileExpression(graph, expression, (name) => graph.input(name))
  return interpret(graph.finish({ loss, gradients: {} }), scope).loss
}

/** Random texts in the part of the grammar that mathjs shares. */
const text: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    fc.constantFrom("lw", "ll", "rw", "beta", "2", "0.5", "1e-1", ".25"),
    fc.tuple(tie("node"), fc.constantFrom("+", "-", "*", " / "), tie("node")).map((parts) => parts.join("")),
    fc.tuple(tie("node"), fc.constantFrom("2", "-1", "3")).map(([a, b]) => `(${a})^${b}`),
    tie("node").map((a) => `-${a}`),
    tie("node").map((a) => `(${a})`),
    fc.tuple(fc.constantFrom("exp", "expm1", "abs"), tie("node")).map(([f, a]) => `${f}(${a})`),
    fc.tuple(fc.constantFrom("max", "min"), tie("node"), tie("node")).map(([f, a, b]) => `${f}(${a}, ${b})`)
  )
})).node

describe("expressions", () => {
  it("mean what mathjs reads in them", () => {
    fc.assert(
      fc.property(text, (source) => {
        const [ours, theirs] = [evaluated(parseKnownExpression(source)), evaluate(source, { ...scope }) as number]
        fc.pre(Number.isFinite(theirs))
        return Math.abs(ours - theirs) <= 1e-9 * (1 + Math.abs(theirs))
      }),
      { numRuns: 300 }
    )
  })

  it("bind powers before signs, to the right, and compare last", () => {
    expect(evaluated(parseKnownExpression("-2^2"))).toBe(-4)
    expect(evaluated(parseKnownExpression("2^3^2"))).toBe(512)
    expect(evaluated(parseKnownExpression("2^-1"))).toBe(0.5)
    expect(evaluated(parseKnownExpression("8/4/2"))).toBe(1)
    expect(evaluated(parseKnownExpression("1 + 1 == 2"))).toBe(1)
    expect(evaluated(parseKnownExpression("where(lw < ll, 3, 4) + where(lw >= ll, 10, 20)"))).toBe(23)
  })

  it("print as texts that mean the same", () => {
    fc.assert(
      fc.property(smoothGraph, (build) => {
        const graph = new Graph()
        const loss = build(graph)
        const value = interpret(graph.finish({ loss, gradients: {} }, { beta: 0.7 }), scope).loss
        fc.pre(Number.isFinite(value))
        return Math.abs(evaluated(parseKnownExpression(graphText(graph, loss))) - value) <= 1e-9 * (1 + Math.abs(value))
      })
    )
  })

  const faults: ReadonlyArray<readonly [string, number, RegExp]> = [
    ["", 0, /found the end/],
    ["lw + ", 4, /found the end/],
    ["lw $ ll", 3, /unexpected character "\$"/],
    ["(lw", 3, /expected "\)"/],
    ["lw ll", 3, /write \*/],
    ["log(lw, ll)", 0, /log takes 1 argument/],
    ["lgo(lw)", 0, /unknown function "lgo"; nearest: log/],
    ["1e999", 0, /too large/],
    [`${"(".repeat(300)}lw`, 200, /nested deeper/]
  ]
  it.each(faults)("%s is refused with its position", (source, position, reason) => {
    const result = parseLossExpression(source)
    expect(Result.isFailure(result)).toBe(true)
    if (Result.isFailure(result)) {
      expect(result.failure.position).toBe(position)
      expect(result.failure.reason).toMatch(reason)
    }
  })
})

describe("nearest names", () => {
  it("count edits, swaps of neighbours as one", () => {
    expect(editDistance("dpo", "dpo")).toBe(0)
    expect(editDistance("", "abc")).toBe(3)
    expect(editDistance("beat", "beta")).toBe(1)
    expect(editDistance("kitten", "sitting")).toBe(3)
  })

  it("satisfy the axioms of a distance on random texts", () => {
    const word = fc.string({ maxLength: 8 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      })
    )
  })

  it("are the closest first, none when nothing is near", () => {
    expect(nearestNames("bta", ["alpha", "beta", "tau"])[0]).toBe("beta")
    expect(nearestNames("zzzzzz", ["alpha", "beta"])).toEqual([])
  })
})
