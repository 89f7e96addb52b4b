/** @file The catalogue cell: every published loss of the list, resolved, with what its structure says. */
import * as Result from "effect/Result"
import { sameLoss } from "../../../landscape/equality.ts"
import { hasRho, vanishingClass, vanishingKind } from "../../../landscape/limits.ts"
import { NAMED } from "../../../logic/lattice.ts"
import type { Loss } from "../../../loss/loss.ts"
import { resolveLoss } from "../../../loss/resolve.ts"
import type { Json } from "../../canonical.ts"
import type { CatalogueRow } from "../../figures/records.ts"
import type { CellTools } from "../../Stage.ts"
import { logicFacts } from "../lossFacts.ts"

const resolved = (spec: string): Loss => {
  const loss = resolveLoss(spec)
  if (Result.isFailure(loss)) throw loss.failure
  return loss.success
}

/** Losses whose rho is the same on the same probabilities, whatever their link. */
const sameAs = (loss: Loss, all: ReadonlyArray<Loss>): ReadonlyArray<string> => {
  const { structure } = loss
  if (structure === undefined || !hasRho(structure)) return []
  return all
    .filter(
      (other) =>
        other !== loss &&
        other.structure !== undefined &&
        other.semantics === loss.semantics &&
        other.lengthNormalised === loss.lengthNormalised &&
        hasRho(other.structure) &&
        sameLoss(other.structure, structure)
    )
    .map((other) => other.id ?? other.spec)
}

/** Why no single structure expresses the loss, in one sentence. */
const reasonOf = (loss: Loss): string =>
  loss.refusal ??
  (loss.weighted === undefined
    ? "no single ratio of sums of rows expresses it"
    : "its rows carry weights other than 0 and 1: a weighted structure")

/** P13 of a structure with rho. */
const vanishing = ({ structure, semantics }: Loss): Pick<CatalogueRow, "vanishingClass" | "vanishingLimit"> =>
  structure === undefined || !hasRho(structure)
    ? {}
    : { vanishingClass: vanishingKind(structure), vanishingLimit: vanishingClass(structure, semantics).value! }

const usesReference = ({ entry, inputs }: Loss): boolean =>
  entry?.reference ?? inputs.some((input) => /^r[wl\d]/.test(input))

const rowOf = (loss: Loss, all: ReadonlyArray<Loss>): CatalogueRow => {
  const { structure, link } = loss
  const latticeName =
    structure && hasRho(structure) ? NAMED.find((named) => sameLoss(named.structure, structure))?.name : undefined
  return {
    id: loss.id ?? loss.spec,
    title: loss.title,
    ...(loss.citation?.year === undefined ? {} : { year: loss.citation.year }),
    ...(loss.citation?.arxiv === undefined ? {} : { arxiv: loss.citation.arxiv }),
    level: loss.level ?? "structure",
    expressible: structure !== undefined,
    ...(structure === undefined ? { reason: reasonOf(loss) } : logicFacts(structure, loss)),
    semantics: loss.semantics,
    lengthNormalised: loss.lengthNormalised,
    reference: usesReference(loss),
    ...(loss.entry === undefined ? {} : { linkName: loss.entry.link }),
    link: {
      kind: link.kind,
      beta: link.beta,
      margin: link.margin,
      ...(link.formula === undefined ? {} : { formula: link.formula })
    },
    ...vanishing(loss),
    ...(latticeName === undefined ? {} : { latticeName }),
    sameLossAs: sameAs(loss, all)
  }
}

/** @param spec `{ losses: [LOSS] }` @returns the rows of `records/catalogue.jsonl`, in that order */
export const runCell = (spec: Json, tools: CellTools): ReadonlyArray<CatalogueRow> => {
  const { losses } = spec as unknown as { readonly losses: ReadonlyArray<string> }
  const all = losses.map((loss, i) => {
    tools.report(i / losses.length, loss)
    return resolved(loss)
  })
  return all.map((loss) => rowOf(loss, all))
}
