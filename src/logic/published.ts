/**
 * The published wording of the sixteen named losses: their triples (docs/experiments.md 1.5) and, for their versions with a
 * reference model, the core formulas as drawn ("Reference core formulas as drawn"). Each is checked against the structure
 * it is said of by the tests.
 */
import * as Result from "effect/Result"
import type { Formula } from "./formula.ts"
import { NAMED } from "./lattice.ts"
import { parseFormula } from "./parse.ts"
import { type Structure, withReference } from "./structure.ts"

interface Wording {
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly referenceCore: string
}

const implication = "M(l) -> M(w)"
const both = "M(w) and M(l)"
const either = "M(w) or M(l)"
const neither = "not M(w) and not M(l)"
const notBoth = "not (M(w) and M(l))"
const plainReference = "M(l) and Ref(w) -> M(w)"
const dpo = "Ref(w) and M(l) -> M(w) and Ref(l)"
const greedyReference = "Ref(w) and (M(l) or not Ref(l)) -> M(w)"

const word = (core: string, conditioning: string, additive: string, referenceCore: string): Wording => ({
  core,
  conditioning,
  additive,
  referenceCore
})

const wordings: Readonly<Record<string, Wording>> = {
  CEUnl: word("M(w) and not M(l)", "true", "false", "Ref(w) -> M(w) and not M(l)"),
  cUNL: word("not M(l)", either, "false", "Ref(w) -> not M(l)"),
  l3: word("M(w)", notBoth, "false", "Ref(w) -> M(w)"),
  ORPO: word(implication, "M(w) xor M(l)", "false", plainReference),
  sCE: word("M(w)", "true", both, "Ref(w) and (not M(w) or not Ref(l)) -> M(w) and not M(l)"),
  CPO: word(implication, either, both, dpo),
  CE: word("M(w)", "true", "false", "Ref(w) -> M(w)"),
  cCPO: word(implication, either, "false", plainReference),
  l20: word("not M(l)", "true", neither, "Ref(w) and (M(l) or not Ref(l)) -> M(w) and not M(l)"),
  fUNL: word("not M(l)", "true", "false", "Ref(w) -> not M(l)"),
  qfUNL: word(implication, notBoth, neither, greedyReference),
  cfUNL: word(implication, notBoth, "false", plainReference),
  l5: word(
    implication,
    "true",
    "(M(w) and M(l)) or (not M(w) and not M(l))",
    "Ref(w) and (M(l) or not Ref(l)) and (not M(w) or not Ref(l)) -> M(w) and not M(l)"
  ),
  l14: word(implication, "true", both, dpo),
  bCPO: word(implication, "true", neither, greedyReference),
  unCPO: word(implication, "true", "false", plainReference)
}

const read = (text: string): Formula => Result.getOrThrow(parseFormula(text))

/** What is published about a structure: a whole triple for the sixteen, the core alone for them with a reference model. */
export interface PublishedWording {
  readonly core: Formula
  readonly conditioning?: Formula
  readonly additive?: Formula
}

const keyOf = ({ propositions, ticks, crosses }: Structure): string => `${ticks}/${crosses}@${propositions.join()}`

/** All published wordings by structure, read once on first use. */
let published: ReadonlyMap<string, PublishedWording> | undefined

const readAll = (): ReadonlyMap<string, PublishedWording> =>
  new Map(
    NAMED.flatMap(({ name, structure }): ReadonlyArray<[string, PublishedWording]> => {
      const { core, conditioning, additive, referenceCore } = wordings[name]!
      return [
        [keyOf(structure), { core: read(core), conditioning: read(conditioning), additive: read(additive) }],
        [keyOf(withReference(structure)), { core: read(referenceCore) }]
      ]
    })
  )

/** The published wording of a structure; undefined for one that no paper writes down. */
export const publishedWording = (structure: Structure): PublishedWording | undefined => {
  published ??= readAll()
  return published.get(keyOf(structure))
}
