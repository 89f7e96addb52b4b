import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type Certificate,
  certificatePolynomial,
  certificateText,
  type SignProof
} from "../../src/landscape/certificate.ts"
import { checkCertificate } from "../../src/landscape/checker.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { exactProperties } from "../../src/landscape/exactProperties.ts"
import {
  add,
  constant,
  isZero,
  multiply,
  type OddsPolynomial,
  scale,
  subtract,
  toPolynomial,
  variable
} from "../../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../../src/landscape/sign.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { polynomialArbitrary, structureArbitrary } from "./polynomials.ts"

const names = ["p_w", "p_l"]
const [x, y, one] = [variable(names, 0), variable(names, 1), constant(names, 1n)]
const square = (a: OddsPolynomial) => multiply(a, a)
const json = (a: OddsPolynomial) => certificatePolynomial(toPolynomial(a))

const certificateFor = (a: OddsPolynomial): Certificate => {
  const sign = decideSign(a)
  if (sign.verdict !== "holds") throw new RangeError(`expected a proof, got ${sign.verdict}`)
  return { claim: "Q >= 0", polynomial: json(a), proof: sign.proof }
}

/** One polynomial per kind of proof. */
const proved: Readonly<Record<Exclude<SignProof["kind"], "sum">, OddsPolynomial>> = {
  coefficients: add(multiply(x, y), one),
  polya: add(multiply(x, add(subtract(one, y), square(y))), y),
  squares: multiply(x, square(subtract(one, y))),
  split: add(square(subtract(square(x), one)), square(subtract(square(y), one))),
  quadratic: add(square(subtract(add(one, scale(x, 3n)), y)), square(subtract(one, multiply(x, y)))),
  monomials: add(subtract(one, multiply(x, y)), scale(square(multiply(x, y)), 3n))
}

const kindsIn = (proof: SignProof): ReadonlyArray<string> => {
  switch (proof.kind) {
    case "squares":
      return [proof.kind, ...kindsIn(proof.proof)]
    case "split":
      return [proof.kind, ...kindsIn(proof.below), ...kindsIn(proof.above)]
    case "quadratic":
      return [proof.kind, ...kindsIn(proof.leading), ...kindsIn(proof.free), ...kindsIn(proof.discriminant)]
    case "monomials":
      return [proof.kind, ...kindsIn(proof.proof)]
    default:
      return [proof.kind]
  }
}

describe("the certificate checker", () => {
  it.each(Object.entries(proved))("accepts a proof that uses %s", (kind, a) => {
    const certificate = certificateFor(a)
    expect(kindsIn(certificate.proof)).toContain(kind)
    expect(checkCertificate(certificate)).toBe(true)
    expect(certificateText(certificate)).toMatch(/^Q >= 0: in odds, /)
  })

  it("survives JSON", () => {
    for (const a of Object.values(proved)) {
      expect(checkCertificate(JSON.parse(JSON.stringify(certificateFor(a))) as Certificate)).toBe(true)
    }
  })

  it("rejects every proof for a polynomial that is negative somewhere", () => {
    const certificates = Object.values(proved).map(certificateFor)
    fc.assert(
      fc.property(polynomialArbitrary(2, 2, 5, 3), (a) => {
        fc.pre(!isZero(a) && decideSign(a).verdict === "fails")
        for (const other of certificates) {
          expect(checkCertificate({ ...other, polynomial: json(a) })).toBe(false)
        }
      })
    )
  })

  it("rejects 100 and more tampered certificates of dominance", () => {
    let tampered = 0
    const pairs = fc.sample(fc.tuple(structureArbitrary(2), structureArbitrary(2)), { numRuns: 400, seed: 7 })
    for (const [a, b] of pairs) {
      for (const certificate of dominance(a, b).certificates) {
        expect(checkCertificate(certificate)).toBe(true)
        certificate.polynomial.forEach((term, i) => {
          // A positive coefficient made hugely negative leaves a polynomial that is negative somewhere.
          const polynomial = certificate.polynomial.with(i, {
            ...term,
            coefficient: `-${term.coefficient.replace("-", "")}000`
          })
          expect(checkCertificate({ ...certificate, polynomial })).toBe(false)
          tampered++
        })
      }
    }
    expect(tampered).toBeGreaterThan(100)
  })

  it("rejects tampering with each part of a proof", () => {
    const check = (kind: keyof typeof proved, proof: SignProof): boolean =>
      checkCertificate({ claim: "", polynomial: json(proved[kind]), proof })
    const polya = certificateFor(proved.polya).proof
    expect(check("polya", { kind: "coefficients" })).toBe(false)
    if (polya.kind === "polya") {
      expect(check("polya", { ...polya, k: 0 })).toBe(false)
      expect(check("polya", { ...polya, multiplier: "sum" })).toBe(false)
      expect(check("polya", { ...polya, k: 1.5 })).toBe(false)
      expect(check("polya", { ...polya, k: 1000 })).toBe(false)
    }
    const squares = certificateFor(proved.squares).proof
    if (squares.kind === "squares") {
      expect(check("squares", { ...squares, squares: [json(subtract(x, one))] })).toBe(false)
      expect(check("squares", { ...squares, rest: json(scale(one, -1n)) })).toBe(false)
      expect(check("squares", { ...squares, squares: [] })).toBe(false)
    }
    const split = certificateFor(proved.split).proof
    if (split.kind === "split") {
      expect(check("split", { ...split, below: { kind: "coefficients" } })).toBe(false)
      expect(check("split", { ...split, variable: "r_w" })).toBe(false)
    }
    const monomials = certificateFor(proved.monomials).proof
    if (monomials.kind === "monomials") {
      expect(check("monomials", { ...monomials, factor: monomials.variable })).toBe(false)
      expect(check("monomials", { ...monomials, proof: { kind: "coefficients" } })).toBe(false)
    }
    const quadratic = certificateFor(proved.quadratic).proof
    if (quadratic.kind === "quadratic") {
      expect(check("quadratic", { ...quadratic, discriminant: { kind: "coefficients" } })).toBe(false)
      expect(checkCertificate({ claim: "", polynomial: json(subtract(proved.quadratic, one)), proof: quadratic })).toBe(
        false
      )
      // A monomial factor does not matter, a higher degree does.
      const withFactor = (factor: OddsPolynomial) => json(multiply(proved.quadratic, factor))
      expect(checkCertificate({ claim: "", polynomial: withFactor(x), proof: quadratic })).toBe(true)
      expect(checkCertificate({ claim: "", polynomial: withFactor(subtract(x, one)), proof: quadratic })).toBe(false)
    }
  })

  it("rejects coefficients and exponents that are no integers", () => {
    const proof: SignProof = { kind: "coefficients" }
    expect(checkCertificate({ claim: "", polynomial: [{ coefficient: "0.5", powers: {} }], proof })).toBe(false)
    expect(checkCertificate({ claim: "", polynomial: [{ coefficient: "1", powers: { p_w: -1 } }], proof })).toBe(false)
    expect(checkCertificate({ claim: "", polynomial: [{ coefficient: "1", powers: { p_w: 0.5 } }], proof })).toBe(false)
  })

  it("accepts every certificate of the exact properties of the sixteen, in both readings", () => {
    let checked = 0
    for (const { structure } of NAMED) {
      for (const semantics of ["absolute", "relative"] as const) {
        for (const verdict of Object.values(exactProperties(structure, semantics))) {
          for (const certificate of verdict.certificate ?? []) {
            expect(checkCertificate(certificate)).toBe(true)
            checked++
          }
        }
      }
    }
    expect(checked).toBeGreaterThan(100)
  })
})
