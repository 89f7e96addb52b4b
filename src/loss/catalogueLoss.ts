/** Losses of the catalogue: parameters checked, structure from the decompiled ratios, program from structure or expression. */
import * as Result from "effect/Result"
import { NAMED } from "../logic/lattice.ts"
import type { Semantics, Structure } from "../logic/structure.ts"
import { type DecompiledRatio, structureOf } from "./catalogue/decompile.ts"
import { decompiled } from "./catalogue/decompiled.ts"
import { catalogue } from "./catalogue/index.ts"
import type { CatalogueEntry, RatioSpec } from "./catalogue/schema.ts"
import { compileExpression } from "./compileExpression.ts"
import { parseKnownExpression } from "./expression.ts"
import { programFromExpression } from "./fromExpression.ts"
import { programFromStructure } from "./fromStructure.ts"
import { expressionLossLatex, ratioLossLatex } from "./latex.ts"
import { type LinkSource, recogniseLink } from "./links.ts"
import type { Loss, LossPart } from "./loss.ts"
import { readParameters, readStructureOptions, type StructureOptions } from "./settings.ts"
import { Graph } from "./simplify.ts"
import { type LossSpec, type LossSpecError, specFailure } from "./spec.ts"
import { applyReference, checkReading, lossFromStructure } from "./structureLoss.ts"

/** Ids of the sixteen lattice losses: they take the options of structures besides beta. */
export const latticeIds: ReadonlySet<string> = new Set(NAMED.map(({ id }) => id))

/** Whether a condition on parameters (`alpha == 1`) holds; no condition always does. */
export const conditionHolds = (condition: string | undefined, params: Readonly<Record<string, number>>): boolean => {
  if (condition === undefined) return true
  const graph = new Graph()
  const id = compileExpression(graph, parseKnownExpression(condition), (name) => graph.constant(params[name]!))
  return graph.constantValue(id) === 1
}

/** The loss of a catalogue entry as the text names it. */
export const catalogueLoss = (entry: CatalogueEntry, spec: LossSpec): Result.Result<Loss, LossSpecError> =>
  latticeIds.has(entry.id) ? latticeLoss(entry, spec) : publishedLoss(entry, spec)

/** A catalogue entry that is a structure at its default parameters. */
export interface CatalogueStructure {
  readonly id: string
  readonly structure: Structure
  readonly semantics: Semantics
  readonly lengthNormalised: boolean
}

/** The structures of the catalogue at default parameters, without compiling a program: what losses are compared with. */
export const catalogueStructures = (): ReadonlyArray<CatalogueStructure> =>
  catalogue.flatMap(({ id, rho, params }) => {
    const ratio = decompiled[id]?.rho
    const defaults = Object.fromEntries(Object.entries(params).map(([name, spec]) => [name, spec.default]))
    if (rho === null || ratio === undefined || !conditionHolds(rho.when, defaults)) return []
    const { semantics, lengthNormalised } = ratio
    return [{ id, structure: structureOf(ratio), semantics, lengthNormalised }]
  })

const identityOf = (entry: CatalogueEntry): Pick<Loss, "title" | "citation" | "kind" | "level" | "entry"> => ({
  title: entry.title,
  citation: {
    ...(entry.arxiv === null ? {} : { arxiv: entry.arxiv }),
    ...(entry.year === null ? {} : { year: entry.year })
  },
  kind: entry.kind,
  level: entry.level,
  entry
})

const keepsRho = ({ reference, semantics, oddsBeta, lengthNormalised }: StructureOptions): boolean =>
  reference !== true && semantics !== "relative" && (oddsBeta ?? 1) === 1 && lengthNormalised !== true

const latticeLoss = (entry: CatalogueEntry, spec: LossSpec): Result.Result<Loss, LossSpecError> => {
  const read = readStructureOptions(spec.settings)
  if (Result.isFailure(read)) return specFailure(spec.source, read.failure)
  const { options } = read.success
  const structure = applyReference(structureOf(decompiled[entry.id]!.rho!), options)
  if (Result.isFailure(structure)) return specFailure(spec.source, structure.failure)
  const reading = checkReading(structure.success, options.semantics ?? "absolute")
  if (Result.isFailure(reading)) return specFailure(spec.source, reading.failure)
  const loss = lossFromStructure(structure.success, options, { spec: spec.source })
  // Another ratio than the catalogue's (reference, reading, lengths) is another loss, of the same name's family.
  const { level, ...identity } = identityOf(entry)
  const settings = [...spec.settings].map(([name, value]) => `${name}=${value}`).join(", ")
  if (!keepsRho(options)) return Result.succeed({ ...loss, ...identity, title: `${entry.title} with ${settings}` })
  return Result.succeed({ ...loss, id: entry.id, ...identity, level: level! })
}

const publishedLoss = (entry: CatalogueEntry, spec: LossSpec): Result.Result<Loss, LossSpecError> => {
  const params = readParameters(entry.params, spec.settings)
  if (Result.isFailure(params)) return specFailure(spec.source, params.failure)
  const cached = decompiled[entry.id]?.rho
  const common = { spec: spec.source, id: entry.id, ...identityOf(entry), params: params.success, oddsBeta: 1 }
  if (entry.rho === null || cached === undefined || !conditionHolds(entry.rho.when, params.success)) {
    return Result.succeed({ ...common, ...refusedLoss(entry, params.success) })
  }
  return Result.succeed({ ...common, ...ratioLoss(entry, entry.rho, cached, params.success) })
}

/** Scale, link formula and log factor of a decompiled ratio. */
const linkSource = (rho: RatioSpec, ratio: DecompiledRatio): LinkSource => ({
  scale: parseKnownExpression(rho.scale),
  formula: parseKnownExpression(rho.link),
  logFactor: parseKnownExpression(ratio.logFactor)
})

const ratioLoss = (
  entry: CatalogueEntry,
  rho: RatioSpec,
  ratio: DecompiledRatio,
  params: Readonly<Record<string, number>>
) => {
  const structure = structureOf(ratio)
  const { semantics, lengthNormalised } = ratio
  const source = linkSource(rho, ratio)
  const link = recogniseLink(source, params)
  const program = programFromStructure(
    structure,
    { semantics, lengthNormalised, oddsBeta: 1 },
    source,
    params,
    entry.inputs
  )
  const latex = ratioLossLatex(structure, link, { semantics, lengthNormalised })
  return { semantics, lengthNormalised, structure, link, inputs: program.inputs, program, latex }
}

const levelNames = {
  sum: "a sum of links of several ratios",
  power: "one ratio with exponents other than 1",
  shape: "its reward is not the logarithm of a ratio of probabilities",
  token: "it needs token-level quantities"
} as const

/** Why an entry is no single structure: its level in words, and what stops it. */
const refusalOf = (entry: CatalogueEntry): string => {
  const level = entry.level in levelNames ? levelNames[entry.level as keyof typeof levelNames] : "no single ratio"
  const rest = entry.rho?.when === undefined ? "" : ` (it is one ratio where ${entry.rho.when})`
  return `level ${entry.level}: ${level}; ${entry.obstacle ?? "no structure has this ratio"}${rest}`
}

const partsOf = (entry: CatalogueEntry): ReadonlyArray<LossPart> => {
  const cached = decompiled[entry.id] ?? {}
  const part = (
    ratio: DecompiledRatio,
    { numerator, denominator }: { readonly numerator: string; readonly denominator: string },
    when: string
  ): LossPart => ({
    when,
    numerator,
    denominator,
    structure: structureOf(ratio),
    semantics: ratio.semantics,
    lengthNormalised: ratio.lengthNormalised
  })
  return [
    ...(cached.parts ?? []).map((ratio, k) => part(ratio, entry.parts![k]!, entry.parts![k]!.when)),
    ...(cached.terms ?? []).map((ratio, k) => {
      const term = entry.terms![k]!
      return part(
        ratio,
        term,
        `term ${k + 1}: ${term.link} at z = ${term.scale === "1" ? "" : `${term.scale}*`}log(N/D)`
      )
    })
  ]
}

const refusedLoss = (entry: CatalogueEntry, params: Readonly<Record<string, number>>) => {
  const expression = parseKnownExpression(entry.loss)
  const program = programFromExpression(expression, params, entry.inputs)
  const parts = partsOf(entry)
  return {
    semantics: "absolute" as const,
    lengthNormalised: entry.lengthNormalised,
    link: { kind: "custom" as const, beta: 1, margin: 0 },
    refusal: refusalOf(entry),
    ...(parts.length === 0 ? {} : { parts }),
    inputs: program.inputs,
    program,
    latex: expressionLossLatex(expression)
  }
}
