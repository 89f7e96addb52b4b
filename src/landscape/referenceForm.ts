/** How a reference enters rho (docs/experiments.md 1.4, docs/theory.md §11): not at all, added, through p/r alone, or mixed. */
import { latticeNameOf } from "../logic/lattice.ts"
import { type AnyStructure, isWeighted, type Semantics } from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import { keptCountsAt } from "./countsAt.ts"
import { decideSum, scaling, type VanishingSum } from "./identity.ts"
import { type OddsCounts, slope } from "./odds.ts"
import { add, constant, multiply, scale, variable } from "./oddsPolynomial.ts"
import { policyPart, relativePart } from "./referenceParts.ts"
import type { ExactVerdict } from "./verdict.ts"

/** The growth of rho with one odds, `N D d rho/d log o_k`: zero iff rho does not depend on it. */
const growthIn = (counts: OddsCounts, k: number): VanishingSum => ({
  variables: counts.variables,
  at: (odds) => keptCountsAt(counts, odds).growths[k]!,
  polynomial: () => slope(counts, k)
})

/** Rho does not depend on any reference probability. */
export const referenceFree = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const prefix = semantics === "relative" ? "p_" : "r_"
  for (const [k, name] of counts.variables.entries()) {
    if (!name.startsWith(prefix)) continue
    const claim = `rho does not depend on ${name.replace("p_", "r_")}`
    const verdict = decideSum(claim, growthIn(counts, k), semantics)
    if (verdict.verdict !== "proved") return verdict
  }
  return { verdict: "proved", explanation: "no reference probability occurs in rho" }
}

/** The first of several sums that does not vanish refutes the claim; else all do. */
const allVanish = (claim: string, sums: ReadonlyArray<VanishingSum>, semantics: Semantics): ExactVerdict => {
  const verdicts = sums.map((sum) => decideSum(claim, sum, semantics))
  return verdicts.find(({ verdict }) => verdict !== "proved") ?? verdicts[0]!
}

/**
 * Rho is that of a loss without reference minus `log(r_w / r_l)` (docs/experiments.md 1.4): times `r_w / r_l` no reference
 * probability is left in it. Asked of the absolute reading; the relative one carries its reference in every odds.
 */
const referenceAdded = (counts: OddsCounts): ExactVerdict => {
  const { variables, ticks, crosses } = counts
  const claim = "rho + log(r_w / r_l) does not depend on the reference"
  if (!variables.includes("r_w") || !variables.includes("r_l")) {
    return { verdict: "refuted", explanation: `not ${claim}: r_w or r_l does not occur` }
  }
  const sums = variables.flatMap((name, k): ReadonlyArray<VanishingSum> => {
    if (!name.startsWith("r_")) return []
    // d log r / d log odds is 1/(1 + o): times (1 + o), the growth of rho has to be -N D in r_w and N D in r_l.
    const taken = name === "r_w" ? 1n : name === "r_l" ? -1n : 0n
    const odds = variable(variables, k)
    const rate = multiply(odds, add(constant(variables, 1n), odds))
    return [
      {
        variables,
        at: (point) => {
          const { weights, product } = keptCountsAt(counts, point)
          return weights[k]! + taken * product
        },
        polynomial: () => add(multiply(rate, slope(counts, k)), scale(multiply(ticks, crosses), taken))
      }
    ]
  })
  return allVanish(claim, sums, "absolute")
}

/** Rho depends on `p_x / r_x` alone, for every response x, so that it has a relative structure (docs/theory.md §11). */
const referenceRelative = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const claim = "rho depends on p/r alone"
  if (semantics === "relative") return { verdict: "proved", explanation: `${claim}: the reading is relative` }
  const responseOf = (name: string): string => name.slice(2)
  const responses = [...new Set(counts.variables.map(responseOf))]
  const sums = responses.map((response) => scaling(counts, (name) => responseOf(name) === response, semantics))
  return allVanish(claim, sums, semantics)
}

const named = (structure: AnyStructure | undefined): string => {
  if (structure === undefined) return "none over single propositions"
  return isWeighted(structure) ? "a weighted one" : (latticeNameOf(structure) ?? structureSpec(structure))
}

/**
 * How a reference enters rho: `none`, `added`, `relative`, both of these, or `mixed`. The explanation names the loss that the
 * reference is added to and the relative structure, where there is one.
 */
export const referenceForm = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const free = referenceFree(counts, semantics)
  if (free.verdict === "proved") return { ...free, value: "none" }
  const relative = referenceRelative(counts, semantics)
  const added = semantics === "absolute" ? referenceAdded(counts) : undefined
  const forms: Array<{ readonly name: string; readonly by: ExactVerdict; readonly part: string }> = []
  if (added?.verdict === "proved")
    forms.push({ name: "added", by: added, part: `added to ${named(policyPart(counts))}` })
  if (relative.verdict === "proved") {
    const part = semantics === "relative" ? "" : `the relative structure is ${named(relativePart(counts))}`
    forms.push({ name: "relative", by: relative, part })
  }
  if (forms.length === 0) return mixed(added, relative)
  const certificate = forms.flatMap(({ by }) => by.certificate ?? [])
  return {
    verdict: "proved",
    value: forms.map(({ name }) => name).join(" and "),
    explanation: forms.map(({ by, part }) => (part === "" ? by.explanation : `${by.explanation}: ${part}`)).join("; "),
    ...(certificate.length === 0 ? {} : { certificate })
  }
}

/** Neither form: the witness is a point where a factor of p_x and r_x changes rho. */
const mixed = (added: ExactVerdict | undefined, relative: ExactVerdict): ExactVerdict => ({
  verdict: "proved",
  value: "mixed",
  explanation: [...(added === undefined ? [] : [added.explanation]), relative.explanation].join("; "),
  ...(relative.witness === undefined ? {} : { witness: relative.witness })
})
