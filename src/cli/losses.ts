/** @file Resolving the LOSS texts of a command line: loss files are read from disk here, nowhere else. */
import { readFileSync } from "node:fs"
import { structureOf } from "../loss/catalogue/decompile.ts"
import { decompiled } from "../loss/catalogue/decompiled.ts"
import { catalogue } from "../loss/catalogue/index.ts"
import type { CatalogueEntry } from "../loss/catalogue/schema.ts"
import { conditionHolds } from "../loss/catalogueLoss.ts"
import { resolveLoss } from "../loss/resolve.ts"
import type { KnownLoss } from "./explanation.ts"

/** The loss that a LOSS text names (docs/contract.md, "Naming a loss"). */
export const resolve = (spec: string) => resolveLoss(spec, (path) => readFileSync(path, "utf8"))

const defaults = ({ params }: CatalogueEntry): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(params).map(([name, spec]) => [name, spec.default]))

/** The structures of the catalogue at default parameters, as the decompiler found them; no program is built for it. */
export const knownLosses = (): ReadonlyArray<KnownLoss> =>
  catalogue.flatMap((entry) => {
    const ratio = decompiled[entry.id]?.rho
    if (ratio === undefined || !conditionHolds(entry.rho?.when, defaults(entry))) return []
    const { semantics, lengthNormalised } = ratio
    return [{ id: entry.id, structure: structureOf(ratio), semantics, lengthNormalised }]
  })
