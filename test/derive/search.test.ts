import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Candidate, type Derived, decodeDeriveQuery, deriveLosses } from "../../src/derive/index.ts"
import { lossKey } from "../../src/derive/published.ts"
import { lossClasses, structureOf } from "../../src/landscape/classes.ts"
import { sameLoss } from "../../src/landscape/equality.ts"
import { decideProperty, exactProperties } from "../../src/landscape/exactProperties.ts"
import {
  distance,
  entails,
  extendTo,
  formulaText,
  isDegenerate,
  makeStructure,
  NAMED,
  pairPropositions,
  type Semantics,
  type Structure,
  structureFromTriple,
  tripleOf,
  withReference
} from "../../src/logic/index.ts"
import { parseTriple } from "../../src/logic/structureText.ts"
import { catalogueIds } from "../../src/loss/catalogue/index.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { lossOf } from "../arbitraries/properties.ts"

const derived = (input: unknown): Derived => {
  const query = decodeDeriveQuery(input)
  if (Result.isFailure(query)) throw query.failure
  const found = deriveLosses(query.success)
  if (Result.isFailure(found)) throw found.failure
  return found.success
}

/** The structure of a LOSS text, by the parser and resolver that everybody uses. */
const structureOfLoss = (loss: string): Structure => {
  const resolved = resolveLoss(loss)
  if (Result.isFailure(resolved)) throw resolved.failure
  return resolved.success.structure!
}

const everyPair: ReadonlyArray<Structure> = Array.from({ length: 256 }, (_, code) =>
  makeStructure(pairPropositions, BigInt(code & 15), BigInt(code >> 4))
).filter((structure) => !isDegenerate(structure))

const structureByName = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

const catalogueStructures = (semantics: Semantics): ReadonlyArray<Structure> =>
  catalogueIds.flatMap((id) => {
    const loss = resolveLoss(id)
    return Result.isSuccess(loss) && loss.success.structure && loss.success.semantics === semantics
      ? [loss.success.structure]
      : []
  })

describe("the sixteen", () => {
  const { candidates, examined, pruned } = derived({ admissible: true })

  it("come out of admissible alone, each by its published name", () => {
    expect(candidates.map(({ latticeName }) => latticeName).sort()).toEqual(NAMED.map(({ name }) => name).sort())
    for (const { loss, name, latticeName, distance: away } of candidates) {
      expect(structureOfLoss(loss)).toEqual(structureByName(latticeName!))
      expect(name).toBe(latticeName)
      expect(away).toBe(0)
    }
    expect([examined, pruned]).toEqual([16, 240])
  })

  it("have their twins under the relative reading, and versions with a reference model", () => {
    const twins = derived({ admissible: true, semantics: "relative" }).candidates
    expect(new Set(twins.map(({ latticeName }) => latticeName)).size).toBe(16)
    const orpo = twins.find(({ latticeName }) => latticeName === "ORPO")!
    expect(resolveLoss(orpo.loss)).toMatchObject({ success: { semantics: "relative" } })
    const referred = derived({ admissible: true, reference: true }).candidates
    expect(referred).toHaveLength(16)
    const dpo = referred.find(({ name }) => name === "CPO+ref")!
    expect(sameLoss(structureOfLoss(dpo.loss), structureOfLoss("dpo"))).toBe(true)
    expect(dpo.sameLossAs).toContain("dpo")
    expect(dpo.latticeName).toBeUndefined()
  })

  it("say which published losses they are", () => {
    const cpo = candidates.find(({ name }) => name === "CPO")!
    expect(cpo.sameLossAs).toContain("cpo_core")
    // SimPO has CPO's rows over per-token probabilities.
    expect(cpo.sameLossAs).not.toContain("simpo")
    const perToken = derived({ admissible: true, lengthNormalised: true }).candidates
    expect(perToken.find(({ name }) => name.startsWith("CPO"))!.sameLossAs).toContain("simpo")
  })
})

describe("strictly monotone losses that are not published", () => {
  const { candidates } = derived({ require: ["strictly-monotone"], exclude: ["published"] })
  const found = candidates.map(({ loss }) => structureOfLoss(loss))

  // One structure of each of the 187 losses, by exact polynomials and nothing of the search.
  const published = [...catalogueStructures("absolute"), ...NAMED.map(({ structure }) => structure)]
  const expected = lossClasses(pairPropositions)
    .map(({ members }) => structureOf(pairPropositions, members[0]!))
    .filter((structure) => decideProperty(structure, "absolute", "strictly-monotone").verdict === "proved")
    .filter((structure) => !published.some((known) => sameLoss(known, structure)))

  it("are exactly those that exact comparison of all classes leaves", () => {
    expect(expected.length).toBeGreaterThan(0)
    expect(found).toHaveLength(expected.length)
    for (const structure of expected) expect(found.filter((one) => sameLoss(one, structure))).toHaveLength(1)
  })

  it("are twenty, of the thirty-four strictly monotone ones", () => {
    expect(candidates).toHaveLength(20)
    expect(derived({ require: ["strictly-monotone"] }).candidates).toHaveLength(34)
    expect(candidates.map(({ loss }) => loss)).toContain("rows:TF/FF,TT")
  })

  it("have no lattice name, and say what they do", () => {
    const one = candidates.find(({ loss }) => loss === "rows:TF,TT/TF,FT,TT")!
    expect(one.latticeName).toBeUndefined()
    expect(one.sameLossAs).toEqual([])
    expect(one.name).toBe("CPO.TF-both")
    expect(one.neighbours[0]).toEqual({ id: "cpo_core", distance: 1 })
    expect(one.sentence).toBe("Like CPO, but counts the case where only the chosen answer is accepted as a loss too.")
    expect(one.ratio).toEqual({ numerator: "p_w", denominator: "p_w + p_l*(1-p_w)" })
  })

  it.each([false, true])("have neighbours that read the same probabilities (per token: %s)", (lengthNormalised) => {
    const { candidates: found } = derived({ require: ["strictly-monotone"], exclude: ["published"], lengthNormalised })
    const near = [...new Set(found.flatMap(({ neighbours }) => neighbours.map(({ id }) => id)))]
    expect(near.length).toBeGreaterThan(3)
    for (const id of near) expect(lossOf(id).lengthNormalised, id).toBe(lengthNormalised)
  })
})

describe("order and distance", () => {
  it("between lists the interval, strictly without its ends", () => {
    const between = ["CPO", "unCPO"]
    const names = (input: unknown): ReadonlyArray<string> =>
      derived(input)
        .candidates.map(({ name }) => name)
        .sort()
    expect(names({ order: { between } })).toEqual(["CPO", "cCPO", "l14", "unCPO"])
    expect(names({ order: { between, strict: true } })).toEqual(["cCPO", "l14"])
    expect(names({ order: { between: ["cpo_core", "rows:FF,TF,TT/FT"], strict: true } })).toEqual(["cCPO", "l14"])
  })

  it("entails and entailedBy bound one side", () => {
    const orpo = structureByName("ORPO")
    const losses = derived({ order: { entails: "ORPO" } }).candidates.map(({ loss }) => structureOfLoss(loss))
    const oracle = everyPair.filter((structure) => entails(structure, orpo))
    expect(losses.every((structure) => entails(structure, orpo))).toBe(true)
    for (const structure of oracle) expect(losses.filter((one) => sameLoss(one, structure))).toHaveLength(1)
    const above = derived({ order: { entailedBy: "ORPO", strict: true } }).candidates
    expect(above.length).toBeGreaterThan(0)
    expect(above.every(({ loss }) => entails(orpo, structureOfLoss(loss)))).toBe(true)
    expect(above.some(({ loss }) => sameLoss(structureOfLoss(loss), orpo))).toBe(false)
  })

  it("maxDistance keeps to the start losses", () => {
    const cpo = structureByName("CPO")
    const { candidates, examined, pruned } = derived({ start: ["CPO"], maxDistance: 2 })
    // 1 + 8 + 28 structures, two of them degenerate.
    expect([examined, pruned]).toEqual([35, 256 - 35])
    for (const { loss, distance: away } of candidates) {
      expect(distance(structureOfLoss(loss), cpo)).toBe(away)
      expect(away).toBeLessThanOrEqual(2)
    }
  })

  it("searches four propositions around DPO without listing them all", () => {
    const around = derived({
      propositions: ["M(w)", "M(l)", "Ref(w)", "Ref(l)"],
      start: ["dpo"],
      maxDistance: 1,
      require: ["strictly-monotone"],
      exclude: ["dpo"]
    })
    expect(around.examined + Number(around.pruned)).toBe(2 ** 32)
    expect(around.examined).toBeLessThanOrEqual(33)
    expect(around.candidates.length).toBeGreaterThan(0)
    const dpo = structureOfLoss("dpo")
    for (const { loss, name, properties } of around.candidates) {
      const structure = structureOfLoss(loss)
      expect(structure.propositions).toHaveLength(4)
      expect(distance(structure, dpo)).toBe(1)
      expect(name).toMatch(/^[A-Za-z0-9]+\+ref\.[TF]{4}-(tick|cross|both|none)$/)
      expect(decideProperty(structure, "absolute", "strictly-monotone").verdict).toBe("proved")
      expect(["proved", "refuted"]).toContain(properties["chosen-safe"])
    }
  })

  it("tells structures with copies apart by exact polynomials", () => {
    const { candidates } = derived({ propositions: ["M(w)", "M(l)", "M2(w)"], start: ["CPO"], maxDistance: 1 })
    const found = candidates.map(({ loss }) => structureOfLoss(loss))
    expect(found.length).toBeGreaterThan(5)
    for (const [i, a] of found.entries()) for (const b of found.slice(0, i)) expect(sameLoss(a, b)).toBe(false)
  })
})

describe("what every candidate satisfies", () => {
  const property = fc.constantFrom(
    "strictly-monotone",
    "swap-antisymmetric",
    "chosen-safe",
    "rejected-safe",
    "unbounded-margin"
  )
  const bound = fc.option(fc.constantFrom(...NAMED.map(({ name }) => name)), { nil: undefined })
  const queries = fc.record({
    semantics: fc.constantFrom<Semantics>("absolute", "relative"),
    require: fc.uniqueArray(property, { maxLength: 2 }),
    forbid: fc.uniqueArray(property, { maxLength: 1 }),
    start: fc.option(fc.constantFrom("CPO", "unCPO", "l5"), { nil: undefined }),
    maxDistance: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    above: bound,
    below: bound,
    admissible: fc.boolean(),
    published: fc.boolean()
  })

  it("is what the query says, and nothing that satisfies it is missing", () => {
    fc.assert(
      fc.property(queries, ({ start, maxDistance, above, below, published, ...plain }) => {
        const query = {
          ...plain,
          ...(start === undefined ? {} : { start: [start] }),
          ...(maxDistance === undefined ? {} : { maxDistance }),
          order: {
            ...(above === undefined ? {} : { entailedBy: above }),
            ...(below === undefined ? {} : { entails: below })
          },
          exclude: published ? ["published"] : []
        }
        const { candidates, examined, pruned } = derived(query)
        expect(examined + Number(pruned)).toBe(256)
        const starts = start === undefined ? NAMED.map((entry) => entry.structure) : [structureByName(start)]
        // Of the relative twins these are published, as DPO, NPO and A2PO; f-DPO's ratio is in the catalogue as it stands.
        const lattice =
          plain.semantics === "absolute"
            ? NAMED.map((entry) => entry.structure)
            : ["ORPO", "fUNL", "CE"].map(structureByName)
        const known = [...catalogueStructures(plain.semantics), ...lattice]
        const holds = (structure: Structure): boolean => {
          const verdicts = exactProperties(structure, plain.semantics)
          const isAdmissible = NAMED.some((entry) => distance(entry.structure, structure) === 0)
          return (
            (maxDistance === undefined || starts.some((one) => distance(one, structure) <= maxDistance)) &&
            (above === undefined || entails(structureByName(above), structure)) &&
            (below === undefined || entails(structure, structureByName(below))) &&
            (!plain.admissible || isAdmissible) &&
            plain.require.every((name) => verdicts[name]!.verdict === "proved") &&
            plain.forbid.every((name) => verdicts[name]!.verdict === "refuted") &&
            !(published && known.some((one) => one.propositions.length === 2 && sameLoss(one, structure)))
          )
        }
        const found = candidates.map(({ loss }) => structureOfLoss(loss))
        for (const structure of found) expect(holds(structure)).toBe(true)
        const keys = found.map(lossKey)
        expect(new Set(keys).size).toBe(found.length)
        // The property and sameLoss are decided on the loss, so one member may stand for its class.
        for (const structure of everyPair.filter(holds)) expect(keys).toContain(lossKey(structure))
      }),
      { numRuns: 25, seed: 7 }
    )
  })

  it("has formulas that mean its rows", () => {
    for (const { loss, core, conditioning, additive } of derived({ require: ["preference-monotone"] }).candidates) {
      const triple = parseTriple(`${core}; given: ${conditioning}; both: ${additive}`)
      if (Result.isFailure(triple)) throw triple.failure
      expect(structureFromTriple(triple.success, pairPropositions)).toEqual(structureOfLoss(loss))
    }
  })

  it("keys agree with exact equality, whatever is declared", () => {
    const structure = fc.integer({ min: 0, max: everyPair.length - 1 }).map((i) => everyPair[i]!)
    fc.assert(
      fc.property(structure, structure, (a, b) => {
        const wide = extendTo(b, ["Ref(w)", "M(l)", "M(w)"])
        expect(lossKey(a) === lossKey(wide)).toBe(sameLoss(a, b))
        expect(lossKey(withReference(a)) === lossKey(withReference(b))).toBe(sameLoss(a, b))
      }),
      { numRuns: 300, seed: 3 }
    )
    expect(lossKey(makeStructure(["M(w)", "M(l)", "M2(w)"], 2n, 4n))).toBeUndefined()
  })

  it("has a name of its own", () => {
    const { candidates } = derived({})
    expect(candidates).toHaveLength(187)
    const names = candidates.map(({ name }) => name)
    expect(new Set(names).size).toBe(187)
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9]+(\.(TT|TF|FT|FF)-(tick|cross|both|none))*$/)
    for (const { sentence } of candidates) expect(sentence).toMatch(/^[^\n]+[^.]\.$/)
  })
})

describe("results as asked", () => {
  const text = (candidates: ReadonlyArray<Candidate>): ReadonlyArray<string> => candidates.map(({ loss }) => loss)

  it("carry link, scale, margin, reference and length normalisation", () => {
    const [first] = derived({
      link: "hinge",
      beta: 0.5,
      margin: 2,
      reference: true,
      lengthNormalised: true,
      limit: 1
    }).candidates
    const loss = resolveLoss(first!.loss)
    expect(loss).toMatchObject({
      success: {
        link: { kind: "hinge", beta: 0.5, margin: 2 },
        lengthNormalised: true,
        structure: { propositions: ["M(w)", "M(l)", "Ref(w)", "Ref(l)"] }
      }
    })
    const { core } = tripleOf(structureOfLoss(first!.loss))
    expect(first!.core).toBe(formulaText(core))
  })

  it("are ranked by distance, by how much they ask, by name, by outcome", () => {
    const { candidates } = derived({ rankBy: "constrainedness", admissible: true })
    expect([candidates[0]!.name, candidates[15]!.name]).toEqual(["CEUnl", "unCPO"])
    expect(candidates.map(({ rank }) => rank)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
    const names = derived({ rankBy: "name", admissible: true }).candidates.map(({ name }) => name)
    expect(names).toEqual([...names].sort())
    const away = derived({ start: ["CPO"] }).candidates.map((one) => one.distance)
    expect(away).toEqual([...away].sort((a, b) => a - b))
    expect(text(derived({ limit: 3, rankBy: "name", admissible: true }).candidates)).toHaveLength(3)
  })

  it("are ranked by the bandit, or by what the caller measures", () => {
    const rankBy = { outcome: "expectedReward", steps: 20, seeds: [1] }
    const best = derived({ admissible: true, rankBy }).candidates.map(({ outcome }) => outcome!)
    expect(best).toEqual([...best].sort((a, b) => b - a))
    expect(new Set(best).size).toBeGreaterThan(8)
    const query = decodeDeriveQuery({ admissible: true, rankBy: { ...rankBy, direction: "min" } })
    if (Result.isFailure(query)) throw query.failure
    const own = deriveLosses(query.success, { outcome: (loss) => loss.length })
    expect(Result.isSuccess(own) && own.success.candidates[0]!.loss).toBe("rows:TF/FT")
    const bad = deriveLosses(query.success, { outcome: () => Number.NaN })
    expect(Result.isFailure(bad) && bad.failure.message).toMatch(/^rankBy\.outcome: expectedReward of rows:\S+ is NaN$/)
  })

  it("are the same every time", () => {
    const query = { require: ["preference-monotone"], reference: true }
    expect(derived(query)).toEqual(derived(query))
  })
})
