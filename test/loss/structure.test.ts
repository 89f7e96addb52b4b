import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NAMED } from "../../src/logic/lattice.ts"
import { rational } from "../../src/logic/rational.ts"
import { makeStructure, type Structure, type WeightedStructure, withReference } from "../../src/logic/structure.ts"
import { compileCoreRatio } from "../../src/loss/coreRatio.ts"
import { bestManager, DiagramManager } from "../../src/loss/diagram.ts"
import { interpret } from "../../src/loss/interpret.ts"
import { links } from "../../src/loss/links.ts"
import type { Program } from "../../src/loss/program.ts"
import type { WeightReading } from "../../src/loss/semantics.ts"
import { Graph } from "../../src/loss/simplify.ts"
import { lossFromStructure } from "../../src/loss/structureLoss.ts"
import { nonDegenerate, rowSet } from "../arbitraries/logic.ts"
import { type Point, point, rhoByEnumeration, slope, weightReading } from "../arbitraries/loss.ts"

const plain: WeightReading = { semantics: "absolute", oddsBeta: 1, lengthNormalised: false }
const cpo = NAMED.find(({ name }) => name === "CPO")!.structure

/** rho and its derivatives as a program of their own. */
const rhoProgram = (structure: Structure | WeightedStructure, reading: WeightReading): Program => {
  const graph = new Graph()
  const { rho, slopes } = compileCoreRatio(graph, structure, reading)
  const gradients = Object.fromEntries(Object.entries(slopes).map(([name, { node }]) => [name, node]))
  return graph.finish({ loss: rho, gradients })
}

const counts = (program: Program): Record<string, number> => {
  const found: Record<string, number> = {}
  for (const { op } of program.nodes) found[op] = (found[op] ?? 0) + 1
  return found
}

/** The program of rho alone, as rho's cost is asked for without that of its derivatives. */
const rhoAlone = (structure: Structure, reading: WeightReading): Program => {
  const graph = new Graph()
  return graph.finish({ loss: compileCoreRatio(graph, structure, reading).rho, gradients: {} })
}

/** Structures without reference propositions: those that both readings weigh. */
const policyOnly = (n: number): fc.Arbitrary<Structure> =>
  fc
    .tuple(rowSet(n), rowSet(n))
    .filter(([ticks, crosses]) => ticks !== 0n && crosses !== 0n)
    .map(([ticks, crosses]) => makeStructure(["M(w)", "M(l)", "M(y3)", "M2(w)"].slice(0, n), ticks, crosses))

const agrees = (structure: Structure, reading: WeightReading, at: Point): void => {
  const got = interpret(rhoProgram(structure, reading), at)
  const rho = (where: Point): number => rhoByEnumeration(structure, reading, where)
  expect(Math.abs(got.loss - rho(at))).toBeLessThan(1e-9 * (1 + Math.abs(rho(at))))
  for (const name of ["lw", "ll", "ly3"]) {
    const expected = slope(rho, at, name, 1e-6 * Math.abs(at[name]!))
    const error = Math.abs((got.gradients[name] ?? 0) - expected)
    expect(error, `d rho / d ${name}`).toBeLessThan(
      (1e-5 * (1 + Math.abs(expected))) / Math.min(1, Math.abs(at[name]!))
    )
  }
}

describe("core ratios", () => {
  it("DPO is three additions or subtractions and no exponential, in either reading", () => {
    expect(counts(rhoAlone(withReference(cpo), plain))).toEqual({ input: 4, sub: 3 })
    const orpo = NAMED.find(({ name }) => name === "ORPO")!.structure
    expect(counts(rhoAlone(orpo, { ...plain, semantics: "relative" }))).toEqual({ input: 4, sub: 3 })
    // Its derivatives are the constants 1 and -1.
    const { nodes, outputs } = rhoProgram(withReference(cpo), plain)
    expect([outputs.gradients.lw, outputs.gradients.ll].map((id) => nodes[id!])).toEqual([
      { op: "const", value: 1 },
      { op: "const", value: -1 }
    ])
  })

  it("a count 1 - p_l (1 - p_w) is computed once for rho and both derivatives", () => {
    const uncpo = NAMED.find(({ name }) => name === "unCPO")!.structure
    const { add, sub, ...others } = counts(rhoProgram(uncpo, plain))
    expect(others).toEqual({ input: 2, log1mexp: 2, exp: 2, neg: 2 })
  })

  it("agree with enumeration and finite differences: up to four policy propositions with copies, every reading", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }).chain(policyOnly), weightReading, point, (structure, reading, at) =>
        agrees(structure, reading, at)
      ),
      { numRuns: 150 }
    )
  })

  it("agree with enumeration and finite differences: up to six propositions with references, absolute", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 6 }).chain(nonDegenerate),
        fc.boolean(),
        point,
        (structure, normalised, at) => agrees(structure, { ...plain, lengthNormalised: normalised }, at)
      ),
      { numRuns: 60 }
    )
  })

  it("do not depend on a proposition that is free on both sides", () => {
    const wide = makeStructure(
      ["M(w)", "M(l)", "M(y3)"],
      cpo.ticks | (cpo.ticks << 4n),
      cpo.crosses | (cpo.crosses << 4n)
    )
    expect(rhoProgram(wide, plain)).toEqual(rhoProgram(cpo, plain))
  })

  it("with weighted rows are the logs of weighted sums", () => {
    const weighted = {
      propositions: ["M(w)", "M(l)"],
      ticks: new Map([
        [1, rational(1, 2)],
        [3, rational(3)]
      ]),
      crosses: new Map([[2, rational(2, 3)]])
    }
    const program = rhoProgram(weighted, plain)
    const [pw, pl] = [0.3, 0.2]
    const value = (w: number, l: number): number =>
      Math.log((w * (1 - l)) / 2 + 3 * w * l) - Math.log(((1 - w) * l * 2) / 3)
    const got = interpret(program, { lw: Math.log(pw), ll: Math.log(pl) })
    expect(got.loss).toBeCloseTo(value(pw, pl), 12)
    expect(got.dlw).toBeCloseTo((pw * (value(pw + 1e-6, pl) - value(pw - 1e-6, pl))) / 2e-6, 6)
    expect(got.dll).toBeCloseTo((pl * (value(pw, pl + 1e-6) - value(pw, pl - 1e-6))) / 2e-6, 6)
  })

  it("are refused where a side is empty or a proposition has no weight", () => {
    const empty = makeStructure(["M(w)", "M(l)"], 0n, 4n)
    expect(() => compileCoreRatio(new Graph(), empty, plain)).toThrow(/no rows/)
    expect(() => compileCoreRatio(new Graph(), withReference(cpo), { ...plain, semantics: "relative" })).toThrow(
      /Ref\(/
    )
    expect(() => compileCoreRatio(new Graph(), cpo, { ...plain, oddsBeta: 0 })).toThrow(/oddsBeta/)
  })
})

describe("losses of structures", () => {
  it("have the links' values and slopes at beta rho - margin", () => {
    const f = {
      logistic: (t: number) => Math.log1p(Math.exp(-t)),
      hinge: (t: number) => Math.max(0, 1 - t),
      squared: (t: number) => t * t,
      exponential: (t: number) => Math.exp(-t)
    }
    fc.assert(
      fc.property(
        policyOnly(2),
        fc.constantFrom(...(Object.keys(links) as ReadonlyArray<keyof typeof links>)),
        weightReading,
        point,
        (structure, link, reading, at) => {
          const loss = lossFromStructure(structure, { link, beta: 0.3, margin: 0.45, ...reading })
          const value = (where: Point): number => f[link](0.3 * rhoByEnumeration(structure, reading, where) - 0.45)
          const got = interpret(loss.program, at)
          const expected = value(at)
          // Away from the hinge's kink.
          fc.pre(link !== "hinge" || Math.abs(expected) > 1e-3 || expected === 0)
          expect(Math.abs(got.loss - expected)).toBeLessThan(1e-9 * (1 + expected))
          const differences = slope(value, at, "lw", 1e-6 * Math.abs(at.lw!))
          const scale = (1 + Math.abs(differences) + Math.abs(expected)) / Math.min(1, Math.abs(at.lw!))
          expect(Math.abs(got.dlw - differences)).toBeLessThan(1e-5 * scale)
        }
      ),
      { numRuns: 150 }
    )
  })

  it("keep derivatives where the exponential link overflows and rho's slope vanishes", () => {
    // CEUnl at p = e^-2000: rho = -2000, d rho / d log p_l = -e^-2000, so d loss / d log p_l = e^2000 e^-2000.
    const ceunl = NAMED.find(({ name }) => name === "CEUnl")!.structure
    const { program } = lossFromStructure(ceunl, { link: "exponential" })
    const { loss, dlw, dll } = interpret(program, { lw: -2000, ll: -2000 })
    expect([loss, dlw, dll]).toEqual([Infinity, -Infinity, 1])
    for (const { structure } of NAMED) {
      const { program } = lossFromStructure(structure, { link: "exponential", oddsBeta: 2, semantics: "relative" })
      for (const [lw, ll] of [
        [-5, -1000],
        [-1000, -5],
        [-1000, -1000],
        [-5, -5]
      ] as const) {
        const { dlw, dll } = interpret(program, { lw, ll, rw: -500, rl: -500 })
        expect([dlw, dll].some(Number.isNaN)).toBe(false)
      }
    }
  })

  it("that are degenerate can be named, not evaluated", () => {
    const loss = lossFromStructure(makeStructure(["M(w)", "M(l)"], 0n, 4n))
    expect(loss.unevaluable).toMatch(/degenerate/)
    expect(interpret(loss.program, { lw: -1, ll: -2 }).loss).toBe(Infinity)
  })
})

describe("decision diagrams", () => {
  const table = (set: bigint, n: number) => Array.from({ length: 2 ** n }, (_, row) => (set >> BigInt(row)) & 1n)
  const value = (manager: DiagramManager, ref: number, row: number): bigint => {
    const node = manager.node(ref)
    return node._tag === "Leaf" ? node.value : value(manager, (row >> node.variable) & 1 ? node.high : node.low, row)
  }

  it("are the function, reduced, and one node per function", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), { minLength: 1, maxLength: 4 }),
        (n, sets) => {
          const tables = sets.map((set) => table(set, n))
          const manager = bestManager(n, tables)
          const roots = tables.map((t) => manager.make(t))
          for (const [k, t] of tables.entries()) {
            for (const [row, weight] of t.entries()) expect(value(manager, roots[k]!, row)).toBe(weight)
          }
          const seen = new Set<string>()
          for (const [ref, node] of manager.nodes.entries()) {
            if (node._tag === "Branch") expect(node.high).not.toBe(node.low)
            // No two nodes are the same function.
            const signature = Array.from({ length: 2 ** n }, (_, row) => value(manager, ref, row)).join()
            expect(seen.has(signature)).toBe(false)
            seen.add(signature)
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it("are of the least size over all orders, up to four propositions", () => {
    const orders = (items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
      items.length === 0
        ? [[]]
        : items.flatMap((item) => orders(items.filter((i) => i !== item)).map((rest) => [item, ...rest]))
    fc.assert(
      fc.property(rowSet(3), rowSet(3), (a, b) => {
        const tables = [table(a, 3), table(b, 3)]
        const size = (manager: DiagramManager) => manager.size(tables.map((t) => manager.make(t)))
        const best = size(bestManager(3, tables))
        const sizes = orders([0, 1, 2]).map((order) => size(new DiagramManager(order)))
        const leastSums = Math.min(...sizes.map(({ sums }) => sums))
        expect(best.sums).toBe(leastSums)
        expect(best.branches).toBe(
          Math.min(...sizes.filter(({ sums }) => sums === leastSums).map(({ branches }) => branches))
        )
      }),
      { numRuns: 40 }
    )
  })

  it("refuse lists that are no order, tables of the wrong length", () => {
    expect(() => new DiagramManager([0, 2])).toThrow(RangeError)
    expect(() => new DiagramManager([0, 1]).make([1n, 0n])).toThrow(RangeError)
  })
})
