import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { expressionNames } from "../../src/logic/decompile/index.ts"
import { parseExpression } from "../../src/logic/decompile/mathjs.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { equalStructures } from "../../src/logic/structure.ts"
import { decompileEntry, levelOfRatio, structureOf } from "../../src/loss/catalogue/decompile.ts"
import { decompiled } from "../../src/loss/catalogue/decompiled.ts"
import { catalogue, catalogueIds, getCatalogueEntry } from "../../src/loss/catalogue/index.ts"
import type { CatalogueEntry, RatioSpec } from "../../src/loss/catalogue/schema.ts"
import { catalogueStructures } from "../../src/loss/catalogueLoss.ts"
import { namesIn, parseKnownExpression } from "../../src/loss/expression.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { inRange } from "../../src/loss/settings.ts"
import { goldens, survey } from "../arbitraries/loss.ts"

const ratioAsPublished = ({ numerator, denominator, scale, link, when }: RatioSpec) => ({
  n: numerator,
  d: denominator,
  scale,
  link,
  ...(when === undefined ? {} : { when })
})

/** An entry in the keys and shapes of the survey. */
const asPublished = (entry: CatalogueEntry) => ({
  id: entry.id,
  title: entry.title,
  arxiv: entry.arxiv,
  year: entry.year,
  kind: entry.kind,
  reference: entry.reference,
  length_normalised: entry.lengthNormalised,
  link: entry.link,
  params: Object.fromEntries(Object.entries(entry.params).map(([name, spec]) => [name, spec.default])),
  inputs: entry.inputs,
  loss: entry.loss,
  level: entry.level,
  rho: entry.rho === null ? null : ratioAsPublished(entry.rho),
  terms: entry.terms === null ? null : entry.terms.map(ratioAsPublished),
  notes: entry.notes,
  code_vs_paper: entry.codeVersusPaper,
  aliases: entry.aliases,
  source: entry.source,
  checked_against: entry.checkedAgainst
})

const surveyed = catalogue.filter(({ id }) => survey.some((published) => published.id === id))

describe("catalogue", () => {
  it("is the survey, entry by entry and field by field; entries of one's own may stand among them", () => {
    expect(surveyed.map(asPublished)).toEqual(survey)
  })

  it("has every id and alias once", () => {
    const names = catalogue.flatMap(({ id, aliases }) => [id, ...aliases])
    expect(names.length).toBe(new Set(names).size)
    for (const entry of catalogue) {
      for (const name of [entry.id, ...entry.aliases]) expect(getCatalogueEntry(name)).toBe(entry)
      for (const variant of entry.variants)
        expect(getCatalogueEntry(variant)?.id, `${entry.id}: ${variant}`).toBe(variant)
    }
  })

  it("allows its own defaults and the goldens' parameters", () => {
    for (const entry of catalogue) {
      for (const [name, spec] of Object.entries(entry.params))
        expect(inRange(spec.default, spec), `${entry.id}.${name}`).toBe(true)
    }
    for (const { id, params } of goldens) {
      for (const [name, value] of Object.entries(params)) {
        expect(inRange(value, getCatalogueEntry(id)!.params[name]!), `${id}.${name} = ${value}`).toBe(true)
      }
    }
  })

  it("names only declared parameters and inputs, and its grammar reads as mathjs does", () => {
    for (const entry of catalogue) {
      const known = new Set([...Object.keys(entry.params), ...entry.inputs])
      const names = [...namesIn(parseKnownExpression(entry.loss)).keys()]
      expect(names.filter((name) => !known.has(name))).toEqual([])
      const mathjs = Result.getOrThrow(parseExpression(entry.loss))
      expect(new Set(expressionNames(mathjs))).toEqual(new Set(names))
    }
  })

  it("says what stops every entry that is no structure, and only of those", () => {
    for (const { id, level, obstacle } of catalogue) {
      expect(obstacle !== undefined, id).toBe(["sum", "power", "shape", "token"].includes(level))
    }
  })

  it("declares batch statistics among the inputs", () => {
    for (const { id, inputs, batchStatistics } of catalogue) {
      for (const name of Object.keys(batchStatistics ?? {})) expect(inputs, id).toContain(name)
    }
  })
})

describe("decompiled catalogue", () => {
  it("is what decompiling gives now", () => {
    const fresh = catalogue.map((entry) => [entry.id, decompileEntry(entry)] as const)
    expect(decompiled).toEqual(Object.fromEntries(fresh.filter(([, found]) => Object.keys(found).length > 0)))
  })

  it("gives the published levels", () => {
    for (const { id, level, rho } of catalogue) {
      if (rho === null || rho.when !== undefined) continue
      expect(levelOfRatio(decompiled[id]!.rho!), id).toBe(level)
    }
    const single = surveyed.filter(({ rho, terms }) => rho !== null && terms === null)
    expect(single.length).toBe(45 + 4 + 3 + 3 + 1)
  })

  it("gives the sixteen lattice structures their published rows", () => {
    for (const { id, structure } of NAMED) {
      expect(catalogueIds).toContain(id)
      expect(equalStructures(structureOf(decompiled[id]!.rho!), structure), id).toBe(true)
    }
  })

  it("shows DPOP's branch below the reference with a copy of M(w): six propositions", () => {
    const [above, below] = decompiled.dpop!.parts!
    expect(above!.propositions).toBe("M(w),M(l),Ref(w),Ref(l)")
    expect(below!.propositions.split(",").sort()).toEqual(["M(l)", "M(w)", "M2(w)", "Ref(l)", "Ref(w)", "Ref2(w)"])
  })
})

describe("resolved catalogue", () => {
  it("has the structures that can be listed without compiling", () => {
    const listed = new Map(catalogueStructures().map(({ id, ...rest }) => [id, rest]))
    for (const id of catalogueIds) {
      const { structure, semantics, lengthNormalised } = Result.getOrThrow(resolveLoss(id))
      expect(listed.get(id), id).toEqual(
        structure === undefined ? undefined : { structure, semantics, lengthNormalised }
      )
    }
  })

  it("expresses what the survey says, refuses the rest with a reason", () => {
    for (const entry of catalogue) {
      const loss = Result.getOrThrow(resolveLoss(entry.id))
      const expressible = entry.obstacle === undefined || entry.id === "unlikelihood"
      expect(loss.structure !== undefined, entry.id).toBe(expressible)
      expect(loss.refusal !== undefined, entry.id).toBe(!expressible)
      expect(loss.entry).toBe(entry)
      expect(loss.latex).toMatch(/^\\mathcal\{L\} = ./)
      expect([...loss.inputs].sort(), entry.id).toEqual([...entry.inputs].sort())
    }
  })
})
