import { formulaRows } from "../../logic/formula.ts"
import { formulaText } from "../../logic/print.ts"
import { count } from "../../logic/rows.ts"
import { equalStructures, type Structure, structureFromTriple } from "../../logic/structure.ts"
import { tripleOf } from "../../logic/triple.ts"
import { armRows, pointOf } from "../pairCase.ts"
import { type Check, equalWithin, identityTolerance, needsPair, needsStructure, type Property } from "../property.ts"
import { makeRatio } from "../ratio.ts"
import { freeRows, type RewriteCase, rewriteCases } from "../rewriteCase.ts"
import { formulaOfRows, rowsText, structureText } from "../rows.ts"
import { type LossSubject, linkAt } from "../subject.ts"
import { numberText } from "../table.ts"

/** The structure whose core is rewritten as a disjunction of rows with the given rows flipped. */
export const rewritten = (structure: Structure, flipped: bigint): Structure => {
  const triple = tripleOf(structure)
  const rows = formulaRows(triple.core, structure.propositions) ^ flipped
  return structureFromTriple({ ...triple, core: formulaOfRows(rows, structure.propositions) }, structure.propositions)
}

const evaluate = (subject: LossSubject, value: RewriteCase) => {
  const other = rewritten(subject.loss.structure!, BigInt(value.flipped))
  const point = pointOf(value.pair)
  const { semantics, oddsBeta } = subject.loss
  const ratio = makeRatio(other, { semantics, oddsBeta })(point)
  const actual = subject.at(point)
  return { other, ratio, actual, expected: linkAt(subject.loss, ratio.rho) }
}

const check: Check<RewriteCase> = {
  arbitrary: rewriteCases,
  predicate: (subject, value) => {
    const { other, ratio, actual, expected } = evaluate(subject, value)
    if (!Number.isFinite(actual.loss)) return { outside: "the loss is not finite here" }
    if (!equalStructures(other, subject.loss.structure!)) return { holds: false, margin: -1 }
    if (expected !== undefined) {
      const same = equalWithin(actual.loss, expected, identityTolerance * (1 + Math.abs(expected)))
      if ("holds" in same && !same.holds) return same
    }
    // Equal up to the link's slope: the two gradients must be parallel.
    const size = Math.hypot(actual.dlw, actual.dll) * Math.hypot(ratio.aw, ratio.al)
    return equalWithin(actual.dlw * ratio.al, actual.dll * ratio.aw, 1e-8 * size + 1e-12)
  },
  describe: (subject, value) => {
    const { other, ratio, actual, expected } = evaluate(subject, value)
    return {
      arms: armRows(value.pair),
      facts: {
        loss: actual.loss,
        "loss of the rewritten form": expected ?? "none",
        rho: ratio.rho,
        ...value.pair.inputs
      },
      explanation:
        `The core ${formulaText(tripleOf(subject.loss.structure!).core)} rewritten on the free rows ` +
        `{${rowsText(BigInt(value.flipped), other.propositions.length)}} means ${structureText(other)}, but the loss program gives ` +
        `${numberText(actual.loss)} with derivatives (${numberText(actual.dlw)}, ${numberText(actual.dll)}) where the rewritten structure gives ` +
        `${expected === undefined ? "another direction" : numberText(expected)}.`
    }
  }
}

/** Each free row alone is enough: the map from core to structure works row by row. */
export const p5: Property = {
  id: "P5",
  aliases: ["equivalence"],
  title: "Equivalent formulas give the same loss",
  statement:
    "Writing the core differently, or changing it where the conditioning constraint excludes or the additive constraint includes a row, changes neither value nor gradient.",
  quantifiers:
    "for all cores that agree with the structure's on the rows that count, all policies, references and extra inputs",
  source: "docs/experiments.md P5",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    return structure === true ? needsPair(subject) : structure
  },
  decide: (subject) => {
    const { structure } = subject.loss
    if (structure === undefined || !subject.agrees) return undefined
    const free = freeRows(structure)
    const n = structure.propositions.length
    // With many free rows, all single flips and all flips at once; rows do not interact in the definition.
    const singles = Array.from({ length: 2 ** n }, (_, row) => 1n << BigInt(row)).filter((row) => (free & row) !== 0n)
    const same = [0n, free, ...singles].every((flipped) => equalStructures(rewritten(structure, flipped), structure))
    return same
      ? {
          verdict: "proved",
          certificate: `${count(free)} free rows {${rowsText(free, n)}}: flipping the core on any of them leaves ticks and crosses unchanged`
        }
      : { verdict: "refuted", witness: "a rewritten core has other ticks or crosses" }
  },
  check
}
