import { rowSetOf, rowsOf } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"
import { armRows, type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsStructure, type Property } from "../property.ts"
import { makeRatio } from "../ratio.ts"
import { pairRow, structureText } from "../rows.ts"
import { type LossSubject, linkAt } from "../subject.ts"
import { numberText } from "../table.ts"

/**
 * The dual of a structure over M(w), M(l): TT and FF exchanged, TF and FT kept, on both sides.
 * @throws RangeError over other propositions
 */
export const dualStructure = (structure: Structure): Structure => {
  if (structure.propositions.join() !== "M(w),M(l)") {
    throw new RangeError(`dualStructure: needs exactly M(w), M(l), got ${structure.propositions.join(", ")}`)
  }
  const moved = (set: bigint): bigint => {
    const kept = set & (pairRow("TF") | pairRow("FT"))
    const exchanged = rowsOf(set & (pairRow("TT") | pairRow("FF"))).map((row) => 3 - row)
    return kept | rowSetOf(exchanged)
  }
  return { ...structure, ticks: moved(structure.ticks), crosses: moved(structure.crosses) }
}

const mirrored = (subject: LossSubject, pair: PairCase): { readonly here: number; readonly there: number } => {
  const point = pointOf(pair)
  const ratio = makeRatio(dualStructure(subject.loss.structure!), {
    semantics: "absolute",
    oddsBeta: subject.loss.oddsBeta
  })
  const [lw, ll] = [Math.log1p(-Math.exp(point.ll!)), Math.log1p(-Math.exp(point.lw!))]
  const { rho } = ratio({ ...point, lw, ll })
  // Where the link has a value of its own, the program itself is compared; else only its ratio.
  const expected = linkAt(subject.loss, rho)
  return expected === undefined
    ? { here: subject.ratio!(point).rho, there: rho }
    : { here: subject.at(point).loss, there: expected }
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const { here, there } = mirrored(subject, pair)
    if (!Number.isFinite(here)) return { outside: "the loss is not finite here" }
    return equalWithin(here, there, identityTolerance * 1e3 * (1 + Math.abs(here)))
  },
  describe: (subject, pair) => {
    const { here, there } = mirrored(subject, pair)
    return {
      arms: armRows(pair),
      facts: { "at (p_w, p_l)": here, "dual at (1 - p_l, 1 - p_w)": there },
      explanation:
        `The program gives ${numberText(here)}, the dual structure ${structureText(dualStructure(subject.loss.structure!))} at the mirrored ` +
        `point ${numberText(there)}: the program is not the loss of its structure.`
    }
  }
}

/** p_w -> 1 - p_l and p_l -> 1 - p_w send row (a, b) to (not b, not a): TT and FF change places. */
export const p7: Property = {
  id: "P7",
  aliases: ["complement-swap-duality"],
  title: "Complement and swap lead to the dual structure",
  statement: "rho at (p_w, p_l) is the rho of the structure with TT and FF exchanged at (1 - p_l, 1 - p_w).",
  quantifiers: "for all p_w, p_l in (0, 1); structures over M(w), M(l) in the absolute reading",
  source: "docs/experiments.md P7",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    if (structure !== true) return structure
    if (subject.loss.semantics === "relative") return "in the relative reading there is no complement 1 - p"
    return subject.loss.structure!.propositions.join() === "M(w),M(l)"
      ? true
      : "the duality is about structures over exactly M(w) and M(l)"
  },
  decide: (subject) => {
    if (!subject.agrees || subject.loss.structure === undefined) return undefined
    const dual = structureText(dualStructure(subject.loss.structure))
    return {
      verdict: "proved",
      certificate: `row (a, b) goes to (not b, not a) with equal weight; the dual is ${dual}`
    }
  },
  check
}
