import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NAMED } from "../../src/logic/lattice.ts"
import { makeStructure, withReference } from "../../src/logic/structure.ts"
import { makeRatio } from "../../src/properties/ratio.ts"

const log = (p: number): number => Math.log(p)
const probability = fc.double({ min: 0.01, max: 0.99, noNaN: true })

// Numerator and denominator as they are published, evaluated as they stand.
const published: Readonly<Record<string, (w: number, l: number) => number>> = {
  CEUnl: (w, l) => (w * (1 - l)) / (1 - w * (1 - l)),
  cUNL: (w, l) => (w * (1 - l)) / l,
  l3: (w, l) => (w * (1 - l)) / (1 - w),
  ORPO: (w, l) => (w * (1 - l)) / (l * (1 - w)),
  sCE: (w, l) => w / (1 - w * (1 - l)),
  CPO: (w, l) => w / l,
  CE: (w) => w / (1 - w),
  cCPO: (w, l) => w / (l * (1 - w)),
  l20: (w, l) => (1 - l) / (1 - w * (1 - l)),
  fUNL: (_, l) => (1 - l) / l,
  qfUNL: (w, l) => (1 - l) / (1 - w),
  cfUNL: (w, l) => (1 - l) / (l * (1 - w)),
  l5: (w, l) => (1 - l * (1 - w)) / (1 - w * (1 - l)),
  l14: (w, l) => (1 - l * (1 - w)) / l,
  bCPO: (w, l) => (1 - l * (1 - w)) / (1 - w),
  unCPO: (w, l) => (1 - l * (1 - w)) / (l * (1 - w))
}

const absolute = { semantics: "absolute", oddsBeta: 1 } as const

describe("the ratio of a structure, row by row", () => {
  it.each(NAMED.map(({ name, structure }) => [name, structure] as const))(
    "%s is the published ratio",
    (name, structure) =>
      fc.assert(
        fc.property(probability, probability, (w, l) => {
          const { rho } = makeRatio(structure, absolute)({ lw: log(w), ll: log(l) })
          expect(rho).toBeCloseTo(Math.log(published[name]!(w, l)), 9)
        })
      )
  )

  it("a reference subtracts its own log-ratio", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMED),
        probability,
        probability,
        probability,
        probability,
        (entry, w, l, rw, rl) => {
          const point = { lw: log(w), ll: log(l), rw: log(rw), rl: log(rl) }
          const plain = makeRatio(entry.structure, absolute)(point).rho
          const withRef = makeRatio(withReference(entry.structure), absolute)(point).rho
          expect(withRef).toBeCloseTo(plain - (point.rw - point.rl), 9)
        }
      )
    ))

  it("relative weights put p/r in the place of the odds", () =>
    fc.assert(
      fc.property(probability, probability, probability, probability, (w, l, rw, rl) => {
        const orpo = makeStructure(["M(w)", "M(l)"], 0b0010n, 0b0100n)
        const ratio = makeRatio(orpo, { semantics: "relative", oddsBeta: 1 })
        const point = { lw: log(w), ll: log(l), rw: log(rw), rl: log(rl) }
        expect(ratio(point).rho).toBeCloseTo(point.lw - point.rw - (point.ll - point.rl), 9)
      })
    ))

  it("derivatives are those of finite differences, with powers of the odds too", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMED),
        fc.constantFrom("absolute" as const, "relative" as const),
        fc.constantFrom(1, 0.5, 2),
        probability,
        probability,
        (entry, semantics, oddsBeta, w, l) => {
          const ratio = makeRatio(entry.structure, { semantics, oddsBeta })
          const at = (lw: number, ll: number) => ratio({ lw, ll, rw: -1, rl: -2 })
          const h = 1e-6
          const { aw, al } = at(log(w), log(l))
          const slope = (up: number, down: number) => (up - down) / (2 * h)
          const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-3 * (1 + Math.abs(b)))
          near(aw, slope(at(log(w) + h, log(l)).rho, at(log(w) - h, log(l)).rho))
          near(al, slope(at(log(w), log(l) + h).rho, at(log(w), log(l) - h).rho))
        }
      )
    ))

  it("rows of a weighted structure count with their weights", () => {
    const two = { num: 2n, den: 1n }
    const one = { num: 1n, den: 1n }
    const weighted = { propositions: ["M(w)", "M(l)"], ticks: new Map([[1, two]]), crosses: new Map([[2, one]]) }
    const { rho } = makeRatio(weighted, absolute)({ lw: log(0.5), ll: log(0.5) })
    expect(rho).toBeCloseTo(Math.log(2), 12)
  })

  it("a missing input is an error that names it", () => {
    const ratio = makeRatio(NAMED[0]!.structure, absolute)
    expect(() => ratio({ lw: -1 })).toThrow(/ll/)
  })
})
