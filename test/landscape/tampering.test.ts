/**
 * Certificates against whoever edits them. Every single change of a certificate is judged a second time by other code
 * (certificates.ts): the checker must say the same, and what it still accepts for a claim must be about that claim.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Certificate } from "../../src/landscape/certificate.ts"
import { checkSign, readPolynomial } from "../../src/landscape/checker.ts"
import { certifies, countsOf, riseOf } from "../../src/landscape/claims.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { fromPolynomial, signAt, toPolynomial } from "../../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../../src/landscape/sign.ts"
import { negate, type Polynomial, variablesOf } from "../../src/logic/polynomial.ts"
import { rational } from "../../src/logic/rational.ts"
import type { AnyStructure } from "../../src/logic/structure.ts"
import { examples, furtherExamples, json, judge, singleChanges } from "./certificates.ts"
import { squaresArbitrary, structureArbitrary, weightedArbitrary } from "./polynomials.ts"

const points = [1, 2, 3, 5, 7, 11].flatMap((a, i) =>
  [1, 3, 8, 20].map((b, j) => [rational(a, b), rational(b, a + i), rational(j + 1, 4), rational(a + b, 9)])
)

/** What the polynomials' signs at many points say of one being a positive multiple of the other: false is certain. */
const signsAgree = (a: Polynomial, b: Polynomial): boolean => {
  const variables = [...new Set([...variablesOf(a), ...variablesOf(b)])]
  const [first, second] = [fromPolynomial(a, variables), fromPolynomial(b, variables)]
  return points.every((point) => signAt(first, point) === signAt(second, point))
}

/** Names of a polynomial and of a proof: those a judge has to know. */
const namesIn = (certificate: unknown): ReadonlyArray<string> => [
  ...new Set(JSON.stringify(certificate).match(/p_w|p_l|p_x|r_w|r_l/g) ?? [])
]

/**
 * Tries every single change of a certificate against a claim. Changes of the polynomial must be refused unless the claim is
 * a positive multiple of what it became; changes of the proof unless the judge finds that they still prove the polynomial.
 * @returns how many changes were rejected, by the kind of proof they were in
 */
const tamper = (certificate: Certificate, claim: Polynomial): number => {
  let rejected = 0
  for (const { at, value } of singleChanges({ polynomial: certificate.polynomial, proof: certificate.proof })) {
    const changed = value as { readonly polynomial?: unknown; readonly proof?: unknown }
    const accepted = certifies(changed, [claim])
    if (!accepted) rejected++
    const polynomial = readPolynomial(changed.polynomial)
    if (at.startsWith(".polynomial")) {
      // The claim itself is true: what may pass is a certificate about a polynomial of the same sign.
      if (accepted) expect(signsAgree(polynomial!, claim), at).toBe(true)
    } else if (polynomial === undefined) {
      expect(accepted, at).toBe(false)
    } else {
      const proved = judge(fromPolynomial(polynomial, namesIn(changed)), changed.proof)
      expect(checkSign(polynomial, changed.proof), at).toBe(proved)
      expect(accepted, at).toBe(proved)
    }
  }
  return rejected
}

describe("tampered certificates", () => {
  it.each(Object.entries(examples))("%s: every single change is refused or still a proof", (_, certificate) => {
    const claim = readPolynomial(certificate.polynomial)!
    expect(certifies(certificate, [claim])).toBe(true)
    expect(tamper(certificate, claim)).toBeGreaterThan(25)
  })

  it("of every kind, 100 and more are rejected", () => {
    const rejected = new Map<string, number>()
    const count = (certificate: Certificate, claim: Polynomial): void => {
      const { kind } = certificate.proof
      if ((rejected.get(kind) ?? 0) < 150) rejected.set(kind, (rejected.get(kind) ?? 0) + tamper(certificate, claim))
    }
    for (const certificate of [...Object.values(examples), ...furtherExamples])
      count(certificate, readPolynomial(certificate.polynomial)!)
    for (const claim of fc.sample(squaresArbitrary, { numRuns: 60, seed: 5 })) {
      const sign = decideSign(claim)
      if (sign.verdict !== "holds") continue
      const certificate = { claim: "", polynomial: json(claim), proof: sign.proof }
      count(certificate, toPolynomial(claim))
    }
    for (const kind of Object.keys(examples)) expect(rejected.get(kind), kind).toBeGreaterThanOrEqual(100)
  })

  it("about another claim are rejected: those of other pairs, and of the other direction", () => {
    let refused = 0
    const pair = fc.oneof(
      fc.tuple(structureArbitrary(2), structureArbitrary(2)),
      fc.tuple(weightedArbitrary(2), weightedArbitrary(2))
    )
    const samples: ReadonlyArray<readonly [AnyStructure, AnyStructure]> = fc.sample(pair, { numRuns: 300, seed: 7 })
    const all = samples.map(([a, b]) => ({ rise: riseOf(countsOf(a), countsOf(b)), found: dominance(a, b) }))
    all.forEach(({ rise, found }, i) => {
      for (const certificate of found.certificates) {
        if (certificate.claim.endsWith("on the simplex")) continue
        const own = certificate.claim.startsWith("N_B") ? rise : negate(rise)
        expect(certifies(certificate, [own])).toBe(true)
        if (found.verdict !== "equal") expect(certifies(certificate, [negate(own)])).toBe(false)
        const other = all[(i + 1) % all.length]!
        for (const claim of [other.rise, negate(other.rise)]) {
          const accepted = certifies(certificate, [claim])
          if (accepted) expect(signsAgree(claim, own)).toBe(true)
          else refused++
        }
      }
    })
    expect(refused).toBeGreaterThan(100)
  })

  it("are rejected, not thrown at, when malformed or too large", () => {
    const claim = readPolynomial(examples.polya.polynomial)!
    const { polynomial } = examples.polya
    const nested = Array.from({ length: 200 }).reduce<unknown>(
      (proof) => ({ kind: "split", variable: "p_w", below: proof, above: { kind: "coefficients" } }),
      { kind: "coefficients" }
    )
    const many = Array.from({ length: 40 }, (_, i) => ({ coefficient: "1", powers: { [`p_a${i}`]: 1 } }))
    for (const proof of [undefined, null, 1, "coefficients", [], {}, { kind: "toString" }, nested]) {
      expect(certifies({ polynomial, proof }, [claim])).toBe(false)
    }
    for (const terms of [undefined, null, {}, "x", [1], [null], [{}], [{ coefficient: 1, powers: {} }]]) {
      expect(certifies({ polynomial: terms, proof: { kind: "coefficients" } }, [claim])).toBe(false)
    }
    const wide = readPolynomial(many)!
    expect(checkSign(negate(wide), { kind: "polya", multiplier: "product", k: 64 })).toBe(false)
    for (const certificate of [undefined, null, 3, "x", []]) expect(certifies(certificate, [claim])).toBe(false)
  })

  it("cannot pass one monomial for another by a variable's name", () => {
    // (1 - x)^2 with a variable called as the product p_l p_w would read 1 - 2 p_l p_w + ..., which is negative somewhere.
    const name = "p_l^1*p_w"
    expect(readPolynomial([{ coefficient: "1", powers: { [name]: 1 } }])).toBeUndefined()
    expect(readPolynomial([{ coefficient: "1", powers: { "": 1 } }])).toBeUndefined()
  })
})
