/** @file Resolving the LOSS texts of a command line: loss files are read from disk here, nowhere else. */
import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { catalogueIds } from "../loss/catalogue/index.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { properties } from "../properties/registry.ts"
import type { KnownLoss } from "./explanation.ts"

/** The loss that a LOSS text names (docs/contract.md, "Naming a loss"). */
export const resolve = (spec: string) => resolveLoss(spec, (path) => readFileSync(path, "utf8"))

/** The structures of the catalogue, at default parameters. */
export const knownLosses = (): ReadonlyArray<KnownLoss> =>
  catalogueIds.flatMap((id) => {
    const loss = resolveLoss(id)
    if (Result.isFailure(loss) || loss.success.structure === undefined) return []
    const { structure, semantics, lengthNormalised } = loss.success
    return [{ id, structure, semantics, lengthNormalised }]
  })

/** All ids of the property registry. */
export const propertyIds: ReadonlyArray<string> = properties.map(({ id }) => id)
