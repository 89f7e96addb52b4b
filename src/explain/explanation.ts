/** @file What `explain` says of a loss, as the document of docs/contract.md; the page for people is drawn from the same document. */

import type { Certificate } from "../landscape/certificate.ts"
import { sameLoss } from "../landscape/equality.ts"
import {
  aboutWholeAnswers,
  type ExactPropertyName,
  exactProperties,
  exactPropertyNames
} from "../landscape/exactProperties.ts"
import { type Infimum, lossInfimum } from "../landscape/infimum.ts"
import { hasRho } from "../landscape/limits.ts"
import { oddsCounts } from "../landscape/odds.ts"
import { decideAtOddsBeta, sameAtEveryOddsBeta } from "../landscape/oddsPower.ts"
import { rhoRange } from "../landscape/range.ts"
import type { ExactVerdict, Witness } from "../landscape/verdict.ts"
import { NAMED } from "../logic/lattice.ts"
import { formulaLatex, formulaText } from "../logic/print.ts"
import { type RatioOptions, structureRatio } from "../logic/ratio.ts"
import { rationalToNumber } from "../logic/rational.ts"
import { rowName, rowsOf } from "../logic/rows.ts"
import type { Structure, WeightedStructure } from "../logic/structure.ts"
import { tripleOf } from "../logic/triple.ts"
import { filledLoss } from "../loss/catalogue/projects/index.ts"
import { type SameName, sameNames } from "../loss/catalogue/sameNames.ts"
import { type CatalogueStructure, catalogueStructures } from "../loss/catalogueLoss.ts"
import type { Link, Loss } from "../loss/loss.ts"
import { type Neighbours, neighboursOf } from "./neighbours.ts"
import { sameLosses } from "./sameLosses.ts"
import { type StructureDocument, structureDocument } from "./structureDocument.ts"

/** The logic of a structure in readable form. */
export interface LogicText {
  readonly propositions: ReadonlyArray<string>
  readonly ticks: ReadonlyArray<string>
  readonly crosses: ReadonlyArray<string>
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly ratio: { readonly numerator: string; readonly denominator: string }
}

interface Identity {
  readonly id?: string
  readonly title: string
  readonly citation?: Loss["citation"]
  readonly spec: string
  readonly level?: string
  readonly params: Loss["params"]
  readonly inputs: ReadonlyArray<string>
  readonly latex: string
  readonly semantics: Loss["semantics"]
  readonly lengthNormalised: boolean
  readonly notes?: string
  readonly codeVersusPaper?: string
  readonly variants?: ReadonlyArray<string>
  /** For a trainer's name: the project, the LOSS that the name stands for with its defaults, its conventions, where they were read. */
  readonly project?: {
    readonly name: string
    readonly project: string
    readonly is: string
    readonly params: Readonly<Record<string, number>>
    readonly note?: string
    readonly checked: string
  }
  /** What else goes by the name. */
  readonly sameName?: ReadonlyArray<SameName>
}

/** The trainer's name, and who else uses the name; nothing for losses without a name. */
const nameFacts = ({ project, id }: Loss): Pick<Identity, "project" | "sameName"> => {
  const name = project?.name ?? id
  if (name === undefined) return {}
  const others = sameNames(name)
  return {
    ...(project === undefined
      ? {}
      : {
          project: {
            name: project.name,
            project: project.project,
            is: filledLoss(project),
            params: project.params,
            ...(project.note === undefined ? {} : { note: project.note }),
            checked: project.checked
          }
        }),
    ...(others.length === 0 ? {} : { sameName: others })
  }
}

/** A loss that one structure expresses. */
export interface Expressed extends Identity, LogicText {
  readonly expressible: true
  readonly link: Link
  readonly logicLatex: string
  readonly latticeName?: string
  readonly neighbours?: Neighbours
  readonly sameLossAs: ReadonlyArray<string>
  readonly properties: Readonly<Record<string, string>>
  /** What was found, where a property is a question or its verdict has a value: the limit, the dual, the range. */
  readonly answers: Readonly<Record<string, string>>
  /** The infimum over all weightings; absent where beta or margin depend on inputs, or the link is custom. */
  readonly infimum?: Infimum
  readonly oddsBeta: number
  /** On request: the structure and what `losslattice verify` checks of the verdicts. */
  readonly structure?: StructureDocument
  readonly evidence?: Readonly<Record<string, Evidence>>
}

/** The evidence of an exact verdict: certificates where it holds, a point where it fails. */
interface Evidence {
  readonly certificates?: ReadonlyArray<Certificate>
  readonly witness?: Witness
}

/** A loss that none does: why, and the parts of it that are structures. */
export interface Refused extends Identity {
  readonly expressible: false
  readonly reason: string
  readonly link?: Link
  readonly weighted?: {
    readonly ticks: Readonly<Record<string, number>>
    readonly crosses: Readonly<Record<string, number>>
  }
  readonly propositions?: ReadonlyArray<string>
  readonly terms?: ReadonlyArray<{
    readonly numerator: string
    readonly denominator: string
    readonly scale: string
    readonly link: string
  }>
  readonly parts?: ReadonlyArray<LogicText & { readonly when: string }>
}

/** What `explain` says of a loss: its structure and what follows, or why it has none. */
export type Explanation = Expressed | Refused

const rowNames = (set: bigint, n: number): ReadonlyArray<string> => rowsOf(set).map((row) => rowName(row, n))

/** Row names, readable triple and ratio of a structure. */
export const logicText = (structure: Structure, reading: RatioOptions): LogicText => {
  const n = structure.propositions.length
  const { core, conditioning, additive } = tripleOf(structure)
  return {
    propositions: structure.propositions,
    ticks: rowNames(structure.ticks, n),
    crosses: rowNames(structure.crosses, n),
    core: formulaText(core),
    conditioning: formulaText(conditioning),
    additive: formulaText(additive),
    ratio: structureRatio(structure, reading)
  }
}

const identity = (loss: Loss): Identity => ({
  ...(loss.id === undefined ? {} : { id: loss.id }),
  title: loss.title,
  ...(loss.citation === undefined ? {} : { citation: loss.citation }),
  spec: loss.spec,
  ...(loss.level === undefined ? {} : { level: loss.level }),
  params: loss.params,
  inputs: loss.inputs,
  latex: loss.latex,
  semantics: loss.semantics,
  lengthNormalised: loss.lengthNormalised,
  ...(loss.entry?.notes ? { notes: loss.entry.notes } : {}),
  ...(loss.entry?.codeVersusPaper ? { codeVersusPaper: loss.entry.codeVersusPaper } : {}),
  ...(loss.entry && loss.entry.variants.length > 0 ? { variants: loss.entry.variants } : {}),
  ...nameFacts(loss)
})

const logicLatex = (structure: Structure): string => {
  const { core, conditioning, additive } = tripleOf(structure)
  return `P = ${formulaLatex(core)},\\quad P_C = ${formulaLatex(conditioning)},\\quad P_A = ${formulaLatex(additive)}`
}

/** The exact properties that are a numbered one word for word; the others with a number say something related. */
const numbers: Readonly<Record<string, string>> = {
  "swap-antisymmetric": "P6",
  "preference-monotone": "P8",
  "chosen-safe": "P9",
  "rejected-safe": "P10",
  "level-invariant": "P15",
  "reference-invariant": "P27"
}

/** Whether the exact decision at power 1 speaks for the loss, its per-token means and powers of odds taken into account. */
const isDecided = (loss: Loss, structure: Structure, name: ExactPropertyName): boolean =>
  !(loss.lengthNormalised && aboutWholeAnswers.has(name)) &&
  (loss.oddsBeta === 1 || sameAtEveryOddsBeta(name, loss.semantics, structure))

const evidenceOf = (loss: Loss, structure: Structure): Readonly<Record<string, Evidence>> => {
  const exact = exactProperties(structure, loss.semantics)
  return Object.fromEntries(
    exactPropertyNames
      .filter((name) => isDecided(loss, structure, name))
      .map((name) => {
        const { certificate, witness } = exact[name]
        return [
          name,
          {
            ...(certificate === undefined ? {} : { certificates: certificate }),
            ...(witness === undefined ? {} : { witness })
          }
        ]
      })
  )
}

/** Exact verdicts under the name and, where there is one, the number of each property; the others are `not-run`. */
const propertyVerdicts = (
  loss: Loss,
  structure: Structure,
  ids: ReadonlyArray<string>
): Pick<Expressed, "properties" | "answers"> => {
  const verdicts: Record<string, string> = {}
  const answers: Record<string, string> = {}
  const exact = exactProperties(structure, loss.semantics)
  const decided = (name: ExactPropertyName): ExactVerdict | undefined => {
    if (isDecided(loss, structure, name)) return exact[name]
    if (loss.lengthNormalised && aboutWholeAnswers.has(name)) return undefined
    return decideAtOddsBeta(structure, loss.semantics, name, loss.oddsBeta)
  }
  for (const name of exactPropertyNames) {
    const found = decided(name)
    const verdict = found?.verdict ?? "not-run"
    verdicts[name] = verdict
    if (found?.value !== undefined) answers[name] = found.value
    const number = numbers[name]
    if (number !== undefined) verdicts[number] = verdict
  }
  for (const id of ids) verdicts[id] ??= "not-run"
  return { properties: verdicts, answers }
}

const infimumOf = ({ link, oddsBeta }: Loss, structure: Structure): Infimum | undefined => {
  const { kind, beta, margin } = link
  if (kind === "custom" || typeof beta === "string" || typeof margin === "string" || oddsBeta !== 1) return undefined
  const counts = oddsCounts(structure)
  return lossInfimum({ kind, beta, margin }, rhoRange(counts), counts.variables)
}

const expressed = (
  loss: Loss,
  structure: Structure,
  known: ReadonlyArray<CatalogueStructure>,
  ids: ReadonlyArray<string>
): Expressed => {
  const alive = hasRho(structure)
  const neighbours = neighboursOf(structure)
  const latticeName =
    alive && loss.oddsBeta === 1 ? NAMED.find((entry) => sameLoss(entry.structure, structure))?.name : undefined
  const infimum = alive ? infimumOf(loss, structure) : undefined
  return {
    ...identity(loss),
    expressible: true,
    ...logicText(structure, loss),
    logicLatex: logicLatex(structure),
    link: loss.link,
    oddsBeta: loss.oddsBeta,
    ...(latticeName === undefined ? {} : { latticeName }),
    ...(neighbours === undefined ? {} : { neighbours }),
    sameLossAs: alive ? sameLosses(loss, structure, known) : [],
    ...propertyVerdicts(loss, structure, ids),
    ...(infimum === undefined ? {} : { infimum })
  }
}

const weightTable = ({ propositions }: WeightedStructure, side: WeightedStructure["ticks"]): Record<string, number> =>
  Object.fromEntries([...side].map(([row, weight]) => [rowName(row, propositions.length), rationalToNumber(weight)]))

const refused = (loss: Loss): Refused => {
  const { weighted } = loss
  return {
    ...identity(loss),
    expressible: false,
    reason:
      loss.refusal ??
      (weighted === undefined
        ? "no single ratio of sums of rows expresses it"
        : "rows carry weights other than 0 and 1: a weighted structure, still a loss and still comparable"),
    ...(weighted === undefined
      ? {}
      : {
          link: loss.link,
          propositions: weighted.propositions,
          weighted: { ticks: weightTable(weighted, weighted.ticks), crosses: weightTable(weighted, weighted.crosses) }
        }),
    ...(loss.entry?.terms
      ? {
          terms: loss.entry.terms.map(({ numerator, denominator, scale, link }) => ({
            numerator,
            denominator,
            scale,
            link
          }))
        }
      : {}),
    ...(loss.parts && loss.parts.length > 0
      ? { parts: loss.parts.map((part) => ({ when: part.when, ...logicText(part.structure, part) })) }
      : {})
  }
}

/**
 * The explanation of a loss.
 * @param known the structures to look among for `sameLossAs`; default: the catalogue's
 * @param options.certificates whether to add the evidence of every exact verdict
 * @param propertyIds ids of further properties, which are reported as `not-run` where they have no exact decision; default: none
 */
export const explainLoss = (
  loss: Loss,
  known: ReadonlyArray<CatalogueStructure> = catalogueStructures(),
  propertyIds: ReadonlyArray<string> = [],
  options: { readonly certificates?: boolean } = {}
): Explanation => {
  const { structure } = loss
  if (structure === undefined) return refused(loss)
  const explanation = expressed(loss, structure, known, propertyIds)
  return options.certificates && hasRho(structure)
    ? { ...explanation, structure: structureDocument(structure), evidence: evidenceOf(loss, structure) }
    : explanation
}
