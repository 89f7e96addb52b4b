/** What the query language can ask, each answer against brute force over all structures of a pair. */
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { sentenceOf } from "../../src/derive/explain.ts"
import { type Derived, decodeDeriveQuery, deriveLosses } from "../../src/derive/index.ts"
import { markOf, systematicName } from "../../src/derive/name.ts"
import { isMarginOfPlain, reducedKey, supportOf, weightedStructures } from "../../src/derive/weighted.ts"
import { lossClasses, structureOf } from "../../src/landscape/classes.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { sameLoss } from "../../src/landscape/equality.ts"
import { decideProperty } from "../../src/landscape/exactProperties.ts"
import { isDegenerate, makeStructure, NAMED, pairPropositions, type Structure } from "../../src/logic/index.ts"
import type { AnyStructure } from "../../src/logic/structure.ts"
import { catalogueIds } from "../../src/loss/catalogue/index.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

const derived = (input: unknown): Derived => {
  const query = decodeDeriveQuery(input)
  if (Result.isFailure(query)) throw query.failure
  const found = deriveLosses(query.success)
  if (Result.isFailure(found)) throw found.failure
  return found.success
}

const resolved = (loss: string): AnyStructure => {
  const found = resolveLoss(loss)
  if (Result.isFailure(found)) throw found.failure
  return (found.success.structure ?? found.success.weighted)!
}

const everyPair: ReadonlyArray<Structure> = Array.from({ length: 256 }, (_, code) =>
  makeStructure(pairPropositions, BigInt(code & 15), BigInt(code >> 4))
).filter((structure) => !isDegenerate(structure))
const classes = lossClasses(pairPropositions).map(({ members }) => structureOf(pairPropositions, members[0]!))
const named = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

/** Every structure is the same loss as exactly one of the candidates, and the other way round. */
const expectSameLosses = (found: Derived, wanted: ReadonlyArray<AnyStructure>): void => {
  const losses = found.candidates.map(({ loss }) => resolved(loss))
  for (const structure of wanted) expect(losses.filter((one) => sameLoss(one, structure))).toHaveLength(1)
  for (const loss of losses) expect(wanted.some((one) => sameLoss(one, loss))).toBe(true)
}

describe("strictly monotone, antisymmetric, not published", () => {
  const published = [
    ...NAMED.map(({ structure }) => structure),
    ...catalogueIds.flatMap((id) => {
      const loss = resolveLoss(id)
      return Result.isSuccess(loss) && loss.success.structure && loss.success.semantics === "absolute"
        ? [loss.success.structure]
        : []
    })
  ]
  const wanted = classes.filter(
    (structure) =>
      decideProperty(structure, "absolute", "strictly-monotone").verdict === "proved" &&
      decideProperty(structure, "absolute", "swap-antisymmetric").verdict === "proved"
  )
  const query = { require: ["strictly-monotone", "swap-antisymmetric"], exclude: ["published"] }

  it("is no loss over two propositions: the four that there are all have a name", () => {
    expect(wanted).toHaveLength(4)
    const found = derived(query)
    expect(found.candidates).toEqual([])
    expect(found.report.undecided).toBe(0)
    expect(found.report.known.map(({ loss }) => loss).sort()).toEqual(["cpo_core", "l5", "orpo_seq", "qfunl"])
    for (const structure of wanted) expect(published.some((known) => sameLoss(known, structure))).toBe(true)
  })

  it("are exactly those four without the exclusion", () => expectSameLosses(derived({ ...query, exclude: [] }), wanted))

  it("are many with a reference, each of them what it says", () => {
    const { candidates, report } = derived({
      ...query,
      propositions: ["M(w)", "M(l)", "Ref(w)", "Ref(l)"],
      start: ["dpo"],
      maxDistance: 4
    })
    expect(candidates.length).toBeGreaterThan(10)
    expect(report.undecided).toBe(0)
    for (const { loss, properties } of candidates) {
      expect(properties).toMatchObject({ "strictly-monotone": "proved", "swap-antisymmetric": "proved" })
      expect(published.some((known) => sameLoss(known, resolved(loss)))).toBe(false)
    }
  })
})

describe("novelty in the relative reading", () => {
  it("twins that nobody has published are new; DPO, f-DPO's Jensen-Shannon ratio, NPO and A2PO are not", () => {
    const { candidates, report } = derived({ admissible: true, semantics: "relative", exclude: ["published"] })
    expect(candidates.map(({ name }) => name)).toContain("cCPO+rel")
    const known = report.known.map(({ sameAs }) => sameAs[0])
    expect(known.sort()).toEqual(["a2po", "dpo", "fdpo_js", "npo"])
    expect(candidates.length + known.length).toBe(16)
  })
})

describe("row constraints", () => {
  const bits = fc.array(fc.subarray(["tick", "cross", "both", "none"] as const, { minLength: 1 }), {
    minLength: 4,
    maxLength: 4
  })
  const formulas = ["not M(w) and not M(l)", "M(w) & !M(l)", "!M(w) & M(l)", "M(w) and M(l)"]

  it("let through exactly the losses with a structure whose marks they allow", () =>
    fc.assert(
      fc.property(bits, (allowed) => {
        const rows = formulas.map((text, row) => ({ rows: text, are: allowed[row]! }))
        const found = derived({ rows })
        const wanted = everyPair.filter((structure) =>
          allowed.every((marks, row) => (marks as ReadonlyArray<string>).includes(markOf(structure, row)))
        )
        expectSameLosses(
          found,
          wanted.filter((one, i) => wanted.findIndex((other) => sameLoss(one, other)) === i)
        )
      }),
      { numRuns: 20 }
    ))

  it("read as sentences, in words or signs", () => {
    const admissible = derived({ rows: ["row M(w) & !M(l) is only a tick", "rows M(l) and not M(w) are only crosses"] })
    expectSameLosses(
      admissible,
      NAMED.map(({ structure }) => structure)
    )
    expect(derived({ rows: ["row M(w) is only a tick", "row M(w) & M(l) is neither"] }).report.found).toBe(0)
  })
})

describe("the true order", () => {
  it.each(NAMED.map(({ name }) => name))("dominates %s finds every loss above it", (name) => {
    const found = derived({ order: { dominates: name } })
    const wanted = classes.filter((structure) => ["A<=B", "equal"].includes(dominance(named(name), structure).verdict))
    expectSameLosses(found, wanted)
  })

  it("finds more between CPO and unCPO than entailment does", () => {
    const both = { require: ["strictly-monotone"] }
    const byEntailment = derived({ ...both, order: { between: ["CPO", "unCPO"] } }).candidates.length
    const byDominance = derived({ ...both, order: { dominates: "CPO", dominatedBy: "unCPO" } }).candidates.length
    expect([byEntailment, byDominance]).toEqual([4, 5])
  })
})

describe("behaviour, reference, links", () => {
  it("vanishing picks the class of the row where both answers are rejected", () => {
    const found = derived({ admissible: true, vanishing: ["cross only", "both"] }).candidates
    expect(found.map(({ name }) => name).sort()).toEqual(["CE", "CEUnl", "bCPO", "l20", "l3", "l5", "qfUNL", "sCE"])
  })

  it("reference: either gives each loss with and without one", () => {
    const { candidates } = derived({ admissible: true, reference: "either" })
    expect(candidates).toHaveLength(32)
    expect(candidates.filter(({ name }) => name.endsWith("+ref"))).toHaveLength(16)
  })

  it("several links give further texts, each of which resolves", () => {
    const [first] = derived({ admissible: true, link: ["logistic", "squared", "hinge"], margin: 1 }).candidates
    const kinds = [first!.loss, ...first!.otherLinks!].map((text) => {
      const loss = resolveLoss(text)
      return Result.isSuccess(loss) ? loss.success.link.kind : "none"
    })
    expect(kinds).toEqual(["logistic", "squared", "hinge"])
  })

  it("prefer puts what proves more of them first", () => {
    const names = ["chosen-safe", "rejected-safe"] as const
    const { candidates } = derived({ admissible: true, prefer: names })
    const proved = candidates.map(({ properties }) => names.filter((name) => properties[name] === "proved").length)
    expect(proved).toEqual([...proved].sort((a, b) => b - a))
    expect(
      candidates
        .slice(0, 4)
        .map(({ name }) => name)
        .sort()
    ).toEqual(["CPO", "ORPO", "cCPO", "cUNL"])
  })
})

describe("weighted rows", () => {
  it("are all listed, each loss once, plain where it can be", () => {
    const { candidates, report } = derived({ propositions: ["M(w)", "M(l)"], weights: [1, 2], admissible: true })
    const keys = candidates.map(({ loss }) => reducedKey(resolved(loss)))
    expect(new Set(keys).size).toBe(keys.length)
    expect(report.losses).toBe(candidates.length)
    const wanted = [...weightedStructures(pairPropositions, [1, 2])].filter((structure) => {
      const support = supportOf(structure)
      if (isMarginOfPlain(structure)) return false
      return NAMED.some(
        (entry) => entry.structure.ticks === support.ticks && entry.structure.crosses === support.crosses
      )
    })
    expect(new Set(wanted.map(reducedKey)).size).toBe(keys.length)
    for (const { structure } of NAMED) expect(keys).toContain(reducedKey(structure))
  })

  it("keys agree with exact equality", () => {
    const all = [...weightedStructures(pairPropositions, [1, 2])]
    const one = fc.integer({ min: 0, max: all.length - 1 }).map((i) => all[i]!)
    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(reducedKey(a) === reducedKey(b)).toBe(sameLoss(a, b))
      }),
      { numRuns: 200 }
    )
  })
})

describe("names and sentences", () => {
  it("a sentence says what the rows of the nearest loss do not", () => {
    const sentence = (text: string) => {
      const found = resolveLoss(text)
      if (Result.isFailure(found)) throw found.failure
      return sentenceOf(found.success.structure!, "absolute", { reference: false })
    }
    expect(sentence("rows:FF,TF,FT,TT/FT")).toBe(
      "Like unCPO, but counts the case where only the rejected answer is accepted as a win too."
    )
    expect(sentence("rows:TF/FF,TT")).toBe(
      "Like CEUnl, but no longer counts the case where only the rejected answer is accepted."
    )
  })

  it("all 187 losses have sentences and names of their own, in both readings", () => {
    for (const semantics of ["absolute", "relative"] as const) {
      const sentences = classes.map((one) => sentenceOf(one, semantics, { reference: false }))
      expect(new Set(sentences).size).toBe(classes.length)
      const names = classes.map((one) => systematicName(one, { reference: false, relative: semantics === "relative" }))
      expect(new Set(names).size).toBe(classes.length)
    }
  })
})
