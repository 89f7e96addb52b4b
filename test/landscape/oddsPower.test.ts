/** The two beta families: which structures have one, and which verdicts hold at every power of the odds. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import "../seed.ts"
import { checkCertificate } from "../../src/landscape/checker.ts"
import { lossClasses, structureOf } from "../../src/landscape/classes.ts"
import { decideProperty, type exactPropertyNames } from "../../src/landscape/exactProperties.ts"
import { oddsCounts } from "../../src/landscape/odds.ts"
import { termsOf } from "../../src/landscape/oddsPolynomial.ts"
import { decideAtOddsBeta, oneBetaFamily, sameAtEveryOddsBeta } from "../../src/landscape/oddsPower.ts"
import { decideSteps } from "../../src/landscape/oddsPowerSteps.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { makeStructure, pairPropositions } from "../../src/logic/structure.ts"
import { makeRatio } from "../../src/properties/ratio.ts"

const classes = lossClasses(pairPropositions)

describe("one beta family", () => {
  const single = classes.filter(
    ({ members }) =>
      oneBetaFamily(oddsCounts(structureOf(pairPropositions, members[0]!)), "relative").verdict === "proved"
  )

  it("is proved for 9 of the 187 losses, 31 of the 225 structures: one tick and one cross in canonical form", () => {
    expect(single.length).toBe(9)
    expect(single.reduce((sum, { members }) => sum + members.length, 0)).toBe(31)
    for (const { members, counts } of classes) {
      const isMonomial = termsOf(counts.ticks).length === 1 && termsOf(counts.crosses).length === 1
      expect(single.some((entry) => entry.members[0] === members[0])).toBe(isMonomial)
    }
  })

  it("is proved for ORPO, CE and fUNL of the sixteen", () => {
    const names = NAMED.filter(({ structure }) => oneBetaFamily(oddsCounts(structure), "relative").verdict === "proved")
    expect(names.map(({ name }) => name)).toEqual(["ORPO", "CE", "fUNL"])
  })

  it("is what numbers say: rho at odds^b against b rho", () => {
    const point = { lw: -1.3, ll: -0.4, rw: -0.9, rl: -1.7 }
    for (const { members } of classes) {
      const structure = structureOf(pairPropositions, members[0]!)
      const one = single.some((entry) => entry.members[0] === members[0])
      const rho = (oddsBeta: number) => makeRatio(structure, { semantics: "relative", oddsBeta })(point).rho
      for (const b of [0.1, 0.5, 3]) expect(Math.abs(rho(b) - b * rho(1)) < 1e-12).toBe(one)
    }
  })
})

describe("verdicts at every power of the odds", () => {
  const semantics = ["absolute", "relative"] as const
  const cases = fc.record({
    structure: fc
      .tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 15 }))
      .map(([a, b]) => makeStructure(pairPropositions, BigInt(a), BigInt(b))),
    reading: fc.constantFrom(...semantics),
    oddsBeta: fc.constantFrom(0.1, 0.5, 2, 5),
    point: fc.record({
      lw: fc.double({ min: -6, max: -0.7, noNaN: true }),
      ll: fc.double({ min: -6, max: -0.7, noNaN: true }),
      rw: fc.double({ min: -6, max: -0.7, noNaN: true }),
      rl: fc.double({ min: -6, max: -0.7, noNaN: true })
    })
  })

  it("proved ones hold of the powered loss at random policies", () => {
    fc.assert(
      fc.property(cases, ({ structure, reading, oddsBeta, point }) => {
        const isProved = (name: (typeof exactPropertyNames)[number]): boolean =>
          sameAtEveryOddsBeta(name, reading, structure) && decideProperty(structure, reading, name).verdict === "proved"
        const ratio = makeRatio(structure, { semantics: reading, oddsBeta })
        const { rho, aw, al } = ratio(point)
        const tiny = 1e-9
        if (isProved("preference-monotone")) {
          expect(aw).toBeGreaterThanOrEqual(-tiny)
          expect(al).toBeLessThanOrEqual(tiny)
        }
        if (isProved("chosen-led")) expect(Math.abs(al)).toBeLessThanOrEqual(2 * aw + tiny)
        if (isProved("level-invariant")) expect(Math.abs(aw + al)).toBeLessThan(tiny)
        if (isProved("swap-antisymmetric")) {
          const swapped = ratio({ lw: point.ll, ll: point.lw, rw: point.rl, rl: point.rw }).rho
          expect(Math.abs(rho + swapped)).toBeLessThan(1e-7)
        }
        const [pw, pl] = [Math.exp(point.lw), Math.exp(point.ll)]
        if (pw + pl >= 1) return
        // One other arm and the rest spread over many: the ends between which the rate is linear.
        for (const rest of [0, (1 - pw - pl) ** 2]) {
          const S = pw * pw + pl * pl + rest
          if (isProved("chosen-safe")) expect(aw * (1 - 2 * pw + S) + al * (S - pw - pl)).toBeGreaterThanOrEqual(-tiny)
          if (isProved("rejected-safe")) expect(al * (1 - 2 * pl + S) + aw * (S - pw - pl)).toBeLessThanOrEqual(tiny)
        }
      }),
      { numRuns: 2000 }
    )
  })

  it("absolute, at a fraction: the steps of section 9 at power 1, and what numbers say at others", () => {
    const names = ["chosen-safe", "rejected-safe", "chosen-led", "level-invariant"] as const
    const verdictsAt = (b: number) =>
      NAMED.map(({ structure }) => names.map((name) => decideSteps(oddsCounts(structure), name, b)!.verdict))
    expect(verdictsAt(1)).toEqual(
      NAMED.map(({ structure }) => names.map((name) => decideProperty(structure, "absolute", name).verdict))
    )
    for (const b of [0.5, 2]) {
      for (const { structure, name: loss } of NAMED) {
        const ratio = makeRatio(structure, { semantics: "absolute", oddsBeta: b })
        for (const name of names.slice(0, 2)) {
          const found = decideSteps(oddsCounts(structure), name, b)!
          expect(found.verdict, `${loss} ${name} ${b}`).not.toBe("undecided")
          for (const certificate of found.certificate ?? []) expect(checkCertificate(certificate)).toBe(true)
          const [pw, pl] = [found.witness?.point.p_w ?? 0.2, found.witness?.point.p_l ?? 0.3]
          expect(pw + pl).toBeLessThan(1)
          const { aw, al } = ratio({ lw: Math.log(pw), ll: Math.log(pl) })
          const [own, other, p, sign] = name === "chosen-safe" ? [aw, al, pw, 1] : [al, aw, pl, -1]
          const rates = [0, (1 - pw - pl) ** 2].map((rest) => {
            const S = pw * pw + pl * pl + rest
            return sign * (own * (1 - 2 * p + S) + other * (S - pw - pl))
          })
          if (found.verdict === "refuted") expect(Math.min(...rates)).toBeLessThan(0)
          else expect(Math.min(...rates)).toBeGreaterThanOrEqual(-1e-12)
        }
      }
    }
  })

  it("absolute: powers leave the sixteen as safe as they are, and change who is chosen-led and level-invariant", () => {
    const having = (name: "chosen-safe" | "rejected-safe" | "chosen-led" | "level-invariant", b: number) =>
      NAMED.filter(({ structure }) => decideAtOddsBeta(structure, "absolute", name, b)?.verdict === "proved").map(
        (entry) => entry.name
      )
    for (const b of [0.2, 0.5, 2, 5]) {
      expect(having("chosen-safe", b)).toEqual(having("chosen-safe", 1))
      expect(having("rejected-safe", b)).toEqual(having("rejected-safe", 1))
      expect(having("level-invariant", b)).toEqual([])
    }
    expect([0.2, 0.5, 1, 2].map((b) => having("chosen-led", b))).toEqual([
      ["CE"],
      ["sCE", "CE"],
      ["sCE", "CPO", "CE", "cCPO"],
      ["sCE", "CE", "cCPO"]
    ])
    expect(having("level-invariant", 1)).toEqual(["CPO"])
  })

  it("absolute: says nothing at other powers, of other responses, and of limits", () => {
    const [cpo, three] = [NAMED[5]!.structure, makeStructure(["M(w)", "M(l)", "M(y3)"], 0b1010n, 0b0100n)]
    expect(decideAtOddsBeta(cpo, "absolute", "chosen-safe", Math.SQRT2)).toBeUndefined()
    expect(decideAtOddsBeta(three, "absolute", "chosen-safe", 2)).toBeUndefined()
    expect(decideAtOddsBeta(cpo, "absolute", "vanishing-class", 2)).toBeUndefined()
    expect(decideAtOddsBeta(cpo, "absolute", "margin-range", Math.SQRT2)?.explanation).toContain("at every power")
  })

  it("does not say that safety carries over in the absolute reading, nor for what is not monotone", () => {
    const cpo = NAMED.find(({ name }) => name === "CPO")!.structure
    expect(sameAtEveryOddsBeta("chosen-safe", "absolute", cpo)).toBe(false)
    expect(sameAtEveryOddsBeta("chosen-safe", "relative", cpo)).toBe(true)
    expect(sameAtEveryOddsBeta("vanishing-class", "relative", cpo)).toBe(false)
    const three = makeStructure(["M(w)", "M(l)", "M(y3)"], 0b1010n, 0b0100n)
    expect(sameAtEveryOddsBeta("chosen-safe", "relative", three)).toBe(false)
    const rises = makeStructure(pairPropositions, 0b1000n, 0b0001n)
    expect(sameAtEveryOddsBeta("chosen-safe", "relative", rises)).toBe(false)
  })
})
