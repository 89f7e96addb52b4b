import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { certificateText, type SignProof } from "../../src/landscape/certificate.ts"
import { checkCertificate, readPolynomial } from "../../src/landscape/checker.ts"
import { exactProperties } from "../../src/landscape/exactProperties.ts"
import {
  constant,
  fromPolynomial,
  isZero,
  multiply,
  type OddsPolynomial,
  scale,
  subtract,
  variable
} from "../../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../../src/landscape/sign.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { examples, json, kindsIn } from "./certificates.ts"
import { polynomialArbitrary } from "./polynomials.ts"

const names = ["p_w", "p_l"]
const [x, one] = [variable(names, 0), constant(names, 1n)]
const polynomialOf = (kind: keyof typeof examples): OddsPolynomial =>
  fromPolynomial(readPolynomial(examples[kind].polynomial)!, names)

describe("the certificate checker", () => {
  it.each(Object.entries(examples))("accepts a proof that uses %s", (kind, certificate) => {
    expect(kindsIn(certificate.proof)).toContain(kind)
    expect(checkCertificate(certificate)).toBe(true)
    expect(certificateText(certificate)).toMatch(/^Q >= 0: in odds, /)
  })

  it("survives JSON", () => {
    for (const certificate of Object.values(examples)) {
      expect(checkCertificate(JSON.parse(JSON.stringify(certificate)))).toBe(true)
    }
  })

  it("rejects every proof for a polynomial that is negative somewhere", () => {
    const certificates = Object.values(examples)
    fc.assert(
      fc.property(polynomialArbitrary(2, 2, 5, 3), (a) => {
        fc.pre(!isZero(a) && decideSign(a).verdict === "fails")
        for (const other of certificates) {
          expect(checkCertificate({ ...other, polynomial: json(a) })).toBe(false)
        }
      })
    )
  })

  it("rejects tampering with each part of a proof", () => {
    const check = (kind: keyof typeof examples, proof: SignProof): boolean =>
      checkCertificate({ ...examples[kind], proof })
    const polya = examples.polya.proof
    expect(check("polya", { kind: "coefficients" })).toBe(false)
    if (polya.kind === "polya") {
      expect(check("polya", { ...polya, k: 0 })).toBe(false)
      expect(check("polya", { ...polya, multiplier: "sum" })).toBe(false)
      expect(check("polya", { ...polya, k: 1.5 })).toBe(false)
      expect(check("polya", { ...polya, k: 1000 })).toBe(false)
    }
    const squares = examples.squares.proof
    if (squares.kind === "squares") {
      expect(check("squares", { ...squares, squares: [json(subtract(x, one))] })).toBe(false)
      expect(check("squares", { ...squares, rest: json(scale(one, -1n)) })).toBe(false)
      expect(check("squares", { ...squares, squares: [] })).toBe(false)
    }
    const split = examples.split.proof
    if (split.kind === "split") {
      expect(check("split", { ...split, below: { kind: "polya", multiplier: "sum", k: -1 } })).toBe(false)
      expect(check("split", { ...split, variable: "r_w" })).toBe(false)
    }
    const monomials = examples.monomials.proof
    if (monomials.kind === "monomials") {
      expect(check("monomials", { ...monomials, factor: monomials.variable })).toBe(false)
      expect(check("monomials", { ...monomials, proof: { kind: "coefficients" } })).toBe(false)
    }
    const quadratic = examples.quadratic.proof
    if (quadratic.kind === "quadratic") {
      expect(check("quadratic", { ...quadratic, discriminant: { kind: "coefficients" } })).toBe(false)
      expect(
        checkCertificate({ claim: "", polynomial: json(subtract(polynomialOf("quadratic"), one)), proof: quadratic })
      ).toBe(false)
      // A monomial factor does not matter, a higher degree does.
      const withFactor = (factor: OddsPolynomial) => json(multiply(polynomialOf("quadratic"), factor))
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
