import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { getCatalogueEntry } from "../../src/loss/catalogue/index.ts"
import { parseKnownExpression } from "../../src/loss/expression.ts"
import { programFromExpression } from "../../src/loss/fromExpression.ts"
import { interpret } from "../../src/loss/interpret.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import type { Loss } from "../../src/loss/loss.ts"
import type { Program } from "../../src/loss/program.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { columnsOf, type Golden, goldens, outputs, type Point, specOf, tolerance } from "../arbitraries/loss.ts"

/** The outputs of a golden that are further from it than allowed, in words. */
const misses = (golden: Golden, got: Readonly<Record<(typeof outputs)[number], number>>): ReadonlyArray<string> =>
  outputs.flatMap((name, k) => {
    const allowed = tolerance(golden[name], golden.cond[k]!)
    return Math.abs(got[name] - golden[name]) <= allowed
      ? []
      : [`${specOf(golden)} ${name} at ${JSON.stringify(golden.inputs)}: ${got[name]}, golden ${golden[name]}`]
  })

const throughKernel = (program: Program, at: Point) => {
  const out = { loss: new Float64Array(1), dlw: new Float64Array(1), dll: new Float64Array(1) }
  compileKernel(program).run(columnsOf(program, at), out, 1)
  return { loss: out.loss[0]!, dlw: out.dlw[0]!, dll: out.dll[0]! }
}

const losses = new Map<string, Loss>()

const resolved = (golden: Golden): Loss => {
  const spec = specOf(golden)
  const loss = losses.get(spec) ?? Result.getOrThrow(resolveLoss(spec))
  losses.set(spec, loss)
  return loss
}

describe("every golden", () => {
  it("is there: five rows for each of the 94 losses", () => {
    expect(goldens.length).toBe(470)
    expect(new Set(goldens.map(({ id }) => id)).size).toBe(94)
  })

  it("is met by the interpreted program, structure losses by their structure's ratio and derivatives", () => {
    expect(goldens.flatMap((golden) => misses(golden, interpret(resolved(golden).program, golden.inputs)))).toEqual([])
    // 56 losses are one ratio at any parameters; bco_pair is one where beta = 1, unlikelihood where alpha = 1.
    expect(new Set(goldens.filter((golden) => resolved(golden).structure !== undefined).map(({ id }) => id)).size).toBe(
      58
    )
  })

  it("is met by the generated kernel", () => {
    expect(goldens.flatMap((golden) => misses(golden, throughKernel(resolved(golden).program, golden.inputs)))).toEqual(
      []
    )
  })

  it("is met by the published expression and its symbolic derivatives", () => {
    const found = goldens.flatMap((golden) => {
      const entry = getCatalogueEntry(golden.id)!
      const program = programFromExpression(parseKnownExpression(entry.loss), golden.params, entry.inputs)
      return misses(golden, throughKernel(program, golden.inputs))
    })
    expect(found).toEqual([])
  })
})
