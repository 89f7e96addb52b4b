import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { checkSign } from "../../src/landscape/checker.ts"
import { difference, oddsCounts, oddsVariables, slope } from "../../src/landscape/odds.ts"
import {
  add,
  constant,
  monomial,
  multiply,
  type OddsPolynomial,
  power,
  scale,
  signAt,
  subtract,
  toPolynomial,
  variable
} from "../../src/landscape/oddsPolynomial.ts"
import { decideSign, type SignVerdict } from "../../src/landscape/sign.ts"
import { rational } from "../../src/logic/rational.ts"
import { pointArbitrary, polynomialArbitrary, structureArbitrary } from "./polynomials.ts"
import { z3Oracle } from "./z3.ts"

const names = ["p_w", "p_l"]
const [x, y] = [variable(names, 0), variable(names, 1)]
const one = constant(names, 1n)
const times = (factor: number, a: OddsPolynomial) => scale(a, BigInt(factor))
const square = (a: OddsPolynomial) => multiply(a, a)
const sum = (...parts: ReadonlyArray<OddsPolynomial>) => parts.reduce(add)

/** Whatever the verdict, its evidence must stand: the certificate by the checker, the witness by exact evaluation. */
const expectEvidence = (a: OddsPolynomial, verdict: SignVerdict): void => {
  if (verdict.verdict === "holds") expect(checkSign(toPolynomial(a), verdict.proof)).toBe(true)
  if (verdict.verdict === "fails") {
    expect(verdict.witness.every((value) => value.num > 0n)).toBe(true)
    expect(signAt(a, verdict.witness)).toBe(-1)
  }
}

const decided = (a: OddsPolynomial): string => {
  const verdict = decideSign(a)
  expectEvidence(a, verdict)
  return verdict.verdict === "holds" ? verdict.proof.kind : verdict.verdict
}

describe("the sign of a polynomial on the positive orthant", () => {
  it("is seen at sight without negative coefficients, for the zero polynomial too", () => {
    expect(decided(sum(multiply(x, y), one))).toBe("coefficients")
    expect(decided(constant(names, 0n))).toBe("coefficients")
    expect(decided(constant(names, -1n))).toBe("fails")
  })

  it("o_w (1 - o_l + o_l²) + o_l fails Pólya's sum for every k tried and passes the product at k = 1", () => {
    const a = add(multiply(x, sum(one, times(-1, y), square(y))), y)
    expect(decideSign(a)).toEqual({ verdict: "holds", proof: { kind: "polya", multiplier: "product", k: 1 } })
    expectEvidence(a, decideSign(a))
    for (let k = 1; k <= 12; k++) {
      expect(checkSign(toPolynomial(a), { kind: "polya", multiplier: "sum", k })).toBe(false)
    }
  })

  it.each([
    ["(1 - o_l)² o_w", multiply(x, square(subtract(one, y))), "squares"],
    [
      "(o_w - o_l)² + o_w o_l (o_w o_l - 1)²",
      add(square(subtract(x, y)), multiply(multiply(x, y), square(subtract(multiply(x, y), one)))),
      undefined
    ],
    ["(o_w² - 2 o_l)²", square(subtract(square(x), times(2, y))), "squares"],
    ["(o_w - 1)² + (o_l - 1)²", add(square(subtract(x, one)), square(subtract(y, one))), undefined],
    [
      "(3 o_w - o_l)² + (o_w - 2)²·o_l",
      add(square(subtract(times(3, x), y)), multiply(y, square(subtract(x, times(2, one))))),
      undefined
    ],
    ["o_w⁴ - o_w³ - o_w + 1 (touches 0 at 1)", sum(power(x, 4), times(-1, power(x, 3)), times(-1, x), one), "squares"]
  ])("%s ≥ 0 although it touches zero inside", (_, a, kind) => {
    const found = decided(a)
    expect(["squares", "sum", "slices", "split", "monomials", "quadratic"]).toContain(found)
    if (kind !== undefined) expect(found).toBe(kind)
  })

  it.each([
    ["(o_w - o_l)² - o_w o_l / 1000", subtract(times(1000, square(subtract(x, y))), multiply(x, y))],
    [
      "(o_w - 1)² + (o_l - 1)² - 1/10^4",
      subtract(times(10_000, add(square(subtract(x, one)), square(subtract(y, one)))), one)
    ],
    ["o_w - 5000 (negative only near 0 and far from the grid's middle)", subtract(x, times(5000, one))],
    ["5000 - o_l", subtract(times(5000, one), y)],
    [
      "(7 o_w - 11)² - o_l / 10^6 with o_l small",
      subtract(times(1_000_000, square(subtract(times(7, x), times(11, one)))), add(y, monomial(names, [0, 0])))
    ]
  ])("%s is negative somewhere, and the witness shows it", (_, a) => {
    expect(decided(a)).toBe("fails")
  })

  it("agrees with dense sampling: what holds is nowhere negative", () =>
    fc.assert(
      fc.property(
        polynomialArbitrary(2, 2, 6, 4),
        fc.array(pointArbitrary(2), { minLength: 30, maxLength: 30 }),
        (a, points) => {
          const verdict = decideSign(a)
          expectEvidence(a, verdict)
          if (verdict.verdict === "holds")
            for (const point of points) expect(signAt(a, point)).toBeGreaterThanOrEqual(0)
        }
      ),
      { numRuns: 150 }
    ))

  it("never refutes a sum of squares, and decides nearly all small ones", () => {
    const term = polynomialArbitrary(2, 1, 4, 3)
    const samples = fc.sample(fc.tuple(term, term, term), { numRuns: 80, seed: 3 })
    const verdicts = samples.map((parts) => decided(parts.map(square).reduce(add)))
    expect(verdicts).not.toContain("fails")
    expect(verdicts.filter((verdict) => verdict === "undecided").length).toBeLessThan(4)
  })

  it("decides differences and slopes of random structures over three and four propositions", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(3, 4).chain((n) => fc.tuple(structureArbitrary(n), structureArbitrary(n))),
        ([a, b]) => {
          const variables = oddsVariables(a.propositions)
          const [first, second] = [oddsCounts(a, variables), oddsCounts(b, variables)]
          for (const question of [difference(first, second), slope(first, 0), scale(slope(first, 1), -1n)]) {
            const verdict = decideSign(question)
            expectEvidence(question, verdict)
            expect(verdict.verdict).not.toBe("undecided")
          }
        }
      ),
      { numRuns: 150 }
    ))

  it("prefers the witnesses that it is asked to prefer", () => {
    const a = subtract(one, multiply(x, y))
    const verdict = decideSign(scale(a, -1n), { prefer: (odds) => odds[0]! < 0.2 })
    expect(verdict.verdict).toBe("fails")
    if (verdict.verdict === "fails") expect(verdict.witness[0]).toEqual(rational(1, 9))
  })

  it("says undecided when the budget is too small, never a guess", () => {
    const a = add(square(subtract(times(3, x), times(5, y))), square(subtract(multiply(times(7, x), y), times(2, one))))
    expect(decideSign(a, { work: 0 }).verdict).toBe("undecided")
  })
})

describe("z3 as an oracle", () => {
  let ask: Awaited<ReturnType<typeof z3Oracle>>
  beforeAll(async () => {
    ask = await z3Oracle()
  })

  it("agrees wherever it decides", async () => {
    const samples = [
      ...fc.sample(polynomialArbitrary(2, 2, 5, 3), { numRuns: 40, seed: 1 }),
      ...fc.sample(polynomialArbitrary(3, 1, 6, 3), { numRuns: 20, seed: 2 }),
      multiply(x, square(subtract(one, y))),
      sum(square(subtract(x, y)), multiply(x, y), times(-1, x), one)
    ]
    let answered = 0
    for (const a of samples) {
      const answer = await ask(a)
      if (answer === "unknown") continue
      answered++
      expect(decideSign(a).verdict).toBe(answer)
    }
    expect(answered).toBeGreaterThan(50)
  })

  it("agrees on random pairs of structures over two and three propositions", async () => {
    const pairs = [2, 3].flatMap((n) =>
      fc.sample(fc.tuple(structureArbitrary(n), structureArbitrary(n)), { numRuns: 15, seed: n })
    )
    for (const [a, b] of pairs) {
      const variables = oddsVariables(a.propositions)
      const question = difference(oddsCounts(a, variables), oddsCounts(b, variables))
      const answer = await ask(question)
      if (answer !== "unknown") expect(decideSign(question).verdict).toBe(answer)
    }
  })
})
