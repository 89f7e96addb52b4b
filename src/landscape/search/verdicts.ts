/**
 * The verdicts of exactProperties.ts on many structures over the same propositions, without evidence: what takes long there and is
 * the same for many, or can be told from a few integers, is taken from here. Every verdict and value is the one given there, or one where there is none (`undecided`).
 */
import { propositionParts } from "../../logic/proposition.ts"
import { type RowSet, rowsOf } from "../../logic/rows.ts"
import { isDegenerate, makeStructure, type Semantics, type Structure } from "../../logic/structure.ts"
import { popcount } from "../classes.ts"
import { type ExactPropertyName, exactProperties, heavyProperties, mostForHeavy } from "../exactProperties.ts"
import { hasCopies } from "../odds.ts"
import type { ExactVerdict } from "../verdict.ts"
import { marksOf } from "./marks.ts"
import { pointTests } from "./pointTests.ts"
import { type SearchSpace, wholeSpace } from "./space.ts"
import { searchTests } from "./tests.ts"

/** A verdict, and the answer of a property that has one. */
export type PlainVerdict = Pick<ExactVerdict, "verdict" | "value">

/** The verdict of each property asked for; the structure is over the propositions that the decider was made for. */
export type VerdictDecider = (structure: Structure) => (name: ExactPropertyName) => PlainVerdict

/** A shortcut: a verdict, or undefined where only the full decision tells. */
export type Shortcut = (structure: Structure) => PlainVerdict | undefined

const proved: PlainVerdict = { verdict: "proved" }
const refuted: PlainVerdict = { verdict: "refuted" }

/** A property that a search prunes by, as its tests decide it. */
const bySearchTest = (space: SearchSpace): Shortcut => {
  const tests = searchTests(space)
  return (structure) => {
    const marks = marksOf(structure)
    for (const test of tests) {
      for (let row = 0; row < marks.length; row++) if (!test.passes(marks, row)) return refuted
      const verdict = test.verdict(marks, () => structure)
      if (verdict !== "holds") return verdict === "fails" ? refuted : undefined
    }
    return proved
  }
}

/** The rows of a side with the fewest true policy propositions: all that is left of it as the policy's probabilities vanish. */
const leadingRows = (set: RowSet, policy: number): RowSet => {
  const truths = (row: number): number => popcount(row & policy)
  const rows = rowsOf(set)
  const least = Math.min(...rows.map(truths))
  return rows.reduce((leading, row) => (truths(row) === least ? leading | (1n << BigInt(row)) : leading), 0n)
}

/** The limit at vanishing probabilities depends on the leading rows alone, which many structures share. */
const vanishing = (propositions: Structure["propositions"], semantics: Semantics): Shortcut => {
  const policy = propositions.reduce((set, p, k) => (propositionParts(p).model === "M" ? set | (1 << k) : set), 0)
  const known = new Map<string, PlainVerdict>()
  return ({ ticks, crosses }) => {
    const leading = makeStructure(propositions, leadingRows(ticks, policy), leadingRows(crosses, policy))
    const key = `${leading.ticks}/${leading.crosses}`
    const found = known.get(key) ?? exactProperties(leading, semantics)["vanishing-class"]
    known.set(key, found)
    return found
  }
}

/** Where deciding would take seconds and memory for each structure, it stays open. */
const leftOpen = (propositions: Structure["propositions"], name: ExactPropertyName): boolean =>
  propositions.length > mostForHeavy && heavyProperties.has(name)

/** The shortcuts that hold without copies. */
const shortcutsOf = (
  propositions: Structure["propositions"],
  semantics: Semantics
): Readonly<Partial<Record<ExactPropertyName, Shortcut>>> => {
  if (hasCopies(propositions)) return {}
  const space = wholeSpace(propositions)
  return {
    "preference-monotone": bySearchTest({ ...space, monotone: "weak" }),
    "strictly-monotone": bySearchTest({ ...space, monotone: "strict" }),
    "swap-antisymmetric": bySearchTest({ ...space, antisymmetric: true }),
    "vanishing-class": vanishing(propositions, semantics),
    ...pointTests(propositions, semantics)
  }
}

/**
 * A decider for structures over the propositions. Of a monotone structure (a_l <= 0 <= a_w, docs/theory.md §9) chosen-led proves
 * chosen-safe: with S the sum of squares, `a_w (1 - 2 p_w + S) + a_l (S - p_w - p_l)` can only suffer from a_l where
 * `S > p_w + p_l`, and with `|a_l| <= 2 a_w` is at least `a_w (1 + 2 p_l - S) >= 0` there. Only of a pair: a third answer of
 * the policy adds a term of its own, which can be the stronger one.
 */
export const verdictDecider = (propositions: Structure["propositions"], semantics: Semantics): VerdictDecider => {
  const shortcuts = shortcutsOf(propositions, semantics)
  const isPair = propositions
    .map(propositionParts)
    .every(({ model, response }) => model !== "M" || /^[wl]$/.test(response))
  return (structure) => {
    const exact = exactProperties(structure, semantics)
    const known = new Map<ExactPropertyName, PlainVerdict>()
    const decide = (name: ExactPropertyName): PlainVerdict => {
      const found = known.get(name) ?? decided(name)
      known.set(name, found)
      return found
    }
    const decided = (name: ExactPropertyName): PlainVerdict => {
      if (isDegenerate(structure)) return exact[name]
      const isLed = (): boolean =>
        isPair && decide("preference-monotone").verdict === "proved" && decide("chosen-led").verdict === "proved"
      if (name === "chosen-safe" && isLed()) return proved
      const short = shortcuts[name]?.(structure)
      return short ?? (leftOpen(propositions, name) ? { verdict: "undecided" } : exact[name])
    }
    return decide
  }
}
