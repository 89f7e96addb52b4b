import * as Result from "effect/Result"
import { sameLoss } from "../../landscape/equality.ts"
import { decompileRatio, type RatioSource } from "../../logic/decompile/index.ts"
import { propositionParts } from "../../logic/proposition.ts"
import { structureRatio } from "../../logic/ratio.ts"
import { equalStructures, extendTo, type Structure } from "../../logic/structure.ts"
import type { Loss } from "../../loss/loss.ts"
import { needsStructure, type Property } from "../property.ts"
import { structureText } from "../rows.ts"
import type { Decision } from "../verdict.ts"

const textOf = (source: RatioSource): string =>
  source.kind === "text" ? source.text : `${source.numerator} over ${source.denominator}`

/** Rows that exchanging copies of one proposition makes equal are interchangeable: then equal rho is all one can ask. */
const hasCopies = (structure: Structure): boolean => structure.propositions.some((p) => propositionParts(p).copy > 1)

const same = (found: Structure, wanted: Structure): boolean => {
  if (!found.propositions.every((p) => wanted.propositions.includes(p))) return false
  return equalStructures(extendTo(found, wanted.propositions), wanted) || (hasCopies(wanted) && sameLoss(found, wanted))
}

/** What is wrong with reading the ratio as the structure; undefined when it decompiles to exactly that. */
const fault = (
  loss: Loss,
  structure: Structure,
  source: RatioSource,
  extras: ReadonlyArray<string>
): string | undefined => {
  const found = decompileRatio(source, { semantics: loss.semantics, extras })
  if (Result.isFailure(found)) return `${textOf(source)} does not decompile: ${found.failure.message}`
  const { success } = found
  if (success.kind === "weighted") return `${textOf(source)} decompiles to weighted rows`
  return same(success.structure, structure)
    ? undefined
    : `${textOf(source)} decompiles to ${structureText(success.structure)} over ${success.structure.propositions.join(", ")}, not to ` +
        structureText(structure)
}

const decide = (loss: Loss, structure: Structure): Decision => {
  const { semantics, lengthNormalised, entry } = loss
  const compiled: RatioSource = { kind: "parts", ...structureRatio(structure, { semantics, lengthNormalised }) }
  // Without the entry's id the loss is a relative of the published one (a reference added, another reading), with another ratio.
  const published: RatioSource | undefined =
    loss.id === undefined || entry?.rho == null
      ? undefined
      : { kind: "parts", numerator: entry.rho.numerator, denominator: entry.rho.denominator }
  const extras = [...Object.keys(loss.params), ...(entry?.inputs ?? [])].filter((name) => !/^[lr][wl]$/.test(name))
  const sources = published === undefined ? [compiled] : [compiled, published]
  for (const source of sources) {
    const wrong = fault(loss, structure, source, extras)
    if (wrong !== undefined) return { verdict: "refuted", witness: wrong }
  }
  return {
    verdict: "proved",
    certificate: `${sources.map(textOf).join(" and ")}: the vertex values give ${structureText(structure)}`
  }
}

/** Exact by evaluation at the 0/1 vertices (docs/theory.md §6); the published ratio too where the catalogue has one. */
export const p2: Property = {
  id: "P2",
  aliases: ["decompiles-back"],
  title: "Decompiling gives the structure back",
  statement:
    "The structure's ratio, and the published one where there is one, decompiles to exactly this loss's ticks and crosses.",
  quantifiers: "for this loss's ratio (for all 225 non-degenerate structures over M(w), M(l) in the test suite)",
  source: "docs/experiments.md P2; docs/theory.md §6; arXiv 2412.17696",
  appliesTo: needsStructure,
  decide: ({ loss }) => (loss.structure === undefined ? undefined : decide(loss, loss.structure))
}
