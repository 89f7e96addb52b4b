/** Whole documents checked again: what compare, validate and explain write holds, and single changes of it are noticed. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { resolve } from "../../src/cli/losses.ts"
import { jsonText } from "../../src/cli/output.ts"
import { verifyDocument } from "../../src/cli/verification.ts"
import { compareLosses } from "../../src/explain/comparison.ts"
import { explainLoss } from "../../src/explain/explanation.ts"
import { structureDocument } from "../../src/explain/structureDocument.ts"
import { catalogueStructures } from "../../src/loss/catalogueLoss.ts"
import { listedPropertyIds } from "../../src/properties/ids.ts"
import { validateLoss } from "../../src/properties/validate.ts"
import { singleChanges } from "../landscape/certificates.ts"

const lossOf = (spec: string) => Result.getOrThrow(resolve(spec))
const printed = (value: unknown): unknown => JSON.parse(jsonText(value))
const comparison = (a: string, b: string) => printed(Result.getOrThrow(compareLosses(lossOf(a), lossOf(b))))
const verified = (document: unknown) => Result.getOrThrow(verifyDocument(document, resolve))

/** Whether the document is found to hold; a malformed one is not. */
const holds = (document: unknown): boolean => {
  const found = verifyDocument(document, resolve)
  return Result.isSuccess(found) && found.success.holds
}

const explanation = (spec: string) => {
  const known = catalogueStructures()
  return printed(explainLoss(lossOf(spec), known, listedPropertyIds, { certificates: true }))
}

const validation = (spec: string) => {
  const loss = lossOf(spec)
  const structure = structureDocument((loss.structure ?? loss.weighted)!)
  const found = Result.getOrThrow(validateLoss(loss, { runs: 5, properties: ["P6", "P8", "P9", "P10", "P15"] }))
  return printed({ ...found, semantics: loss.semantics, structure })
}

const pairs = [
  ["cpo_core", "uncpo"],
  ["ccpo", "qfunl"],
  ["ce_odds", "cpo_core"],
  ["dpo", "fdpo_js"],
  ["orpo_seq", "rows:TF/FT"],
  ["uncpo?oddsBeta=2", "cpo_core?oddsBeta=2"],
  ["ce_odds", "rows:0b01101111/0b11010111@M(w),M(l),M2(w)"]
] as const

describe("verifying documents", () => {
  it.each(pairs)("what compare writes of %s and %s holds", (a, b) => {
    const { holds, checked, document } = verified(comparison(a, b))
    expect([holds, document]).toEqual([true, "compare"])
    expect(checked.certificates + checked.witnesses).toBeGreaterThan(1)
  })

  it.each(["dpo", "uncpo", "ccpo", "fdpo_js", "cfunl"])("what explain and validate write of %s holds", (spec) => {
    const explained = verified(explanation(spec))
    expect(explained).toMatchObject({ holds: true, document: "explain" })
    expect(explained.checked.certificates).toBeGreaterThan(2)
    expect(verified(validation(spec))).toMatchObject({ holds: true, document: "validate" })
  })

  it.each(pairs.slice(0, 5))("a single change of what compare wrote of %s and %s is noticed", (a, b) => {
    const document = comparison(a, b) as Readonly<Record<string, unknown>>
    let noticed = 0
    for (const { at, value } of singleChanges(document)) {
      // Sentences and whole numbers' neighbours in proofs are for people, or judged in tampering.test.ts.
      if (/^\.-?(entails|meet|join|sameLink|sameProbabilities)|certificate($|[^s])|\.proof|\.polynomial|claim/.test(at))
        continue
      if (/^\.dominance\.(-onSimplex|-certificate$|witnesses\[\d\]\.(-p_|-r_))/.test(at)) continue
      expect([at, holds(value)]).toEqual([at, false])
      noticed++
    }
    expect(noticed).toBeGreaterThan(20)
  })

  it("another verdict, loss, structure or reading is noticed", () => {
    const document = comparison("cpo_core", "uncpo") as {
      readonly dominance: Readonly<Record<string, unknown>>
      readonly losses: { readonly A: unknown; readonly B: unknown }
    }
    const { dominance, losses } = document
    for (const verdict of ["B<=A", "equal", "incomparable", "A<B", ""])
      expect(holds({ ...document, sameLoss: verdict === "equal", dominance: { ...dominance, verdict } })).toBe(false)
    for (const onSimplex of ["B<=A", "equal", "incomparable"])
      expect(holds({ ...document, dominance: { ...dominance, onSimplex } })).toBe(false)
    expect(holds({ ...document, sameLoss: true })).toBe(false)
    expect(holds({ ...document, losses: { A: losses.B, B: losses.A } })).toBe(false)
    expect(holds({ ...document, losses: { ...losses, A: { ...(losses.A as object), loss: "ccpo" } } })).toBe(false)
    expect(holds({ ...document, semantics: "relative" })).toBe(false)
    expect(holds({ ...document, dominance: { ...dominance, certificates: [] } })).toBe(false)
    expect(holds({ ...document, dominance: { ...dominance, witnesses: [] } })).toBe(false)
  })

  it("a verdict on a property without its evidence, or turned round, is noticed", () => {
    const document = explanation("uncpo") as {
      readonly properties: Readonly<Record<string, string>>
      readonly evidence: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
    let turned = 0
    for (const [name, evidence] of Object.entries(document.evidence)) {
      const verdict = document.properties[name]!
      const covered = evidence.certificates !== undefined || evidence.witness !== undefined
      if (!covered || !["proved", "refuted"].includes(verdict)) continue
      const other = verdict === "proved" ? "refuted" : "proved"
      expect([name, holds({ ...document, properties: { ...document.properties, [name]: other } })]).toEqual([
        name,
        false
      ])
      turned++
    }
    expect(turned).toBeGreaterThan(5)
    for (const name of ["preference-monotone", "chosen-safe"]) {
      expect(holds({ ...document, evidence: { ...document.evidence, [name]: {} } })).toBe(false)
    }
  })

  it.each([
    [{}, /no dominance, results or evidence/],
    [[], /expected an object, found \[\]/],
    [{ dominance: {}, semantics: "absolute" }, /losses: expected an object, found nothing/],
    [{ results: [], loss: 3 }, /loss: expected a text, found 3/],
    [
      { results: [], loss: "dpo", structure: { propositions: ["M(w)"], ticks: {}, crosses: {} } },
      /structure: expected/
    ],
    [{ evidence: {}, spec: "nosuch", properties: {} }, /structure: expected/]
  ])("%j is malformed", (document, message) => {
    const found = verifyDocument(document, resolve)
    expect(Result.isFailure(found) && found.failure.message).toMatch(message)
  })
})
