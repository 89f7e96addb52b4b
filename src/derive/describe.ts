/** What a reader needs to know about a loss found: how to write it, its properties, its neighbours, a sentence. */
import {
  decideProperty,
  type ExactPropertyName,
  exactProperties,
  exactPropertyNames,
  heavyProperties,
  mostForHeavy
} from "../landscape/exactProperties.ts"
import { vanishingKind } from "../landscape/limits.ts"
import {
  distance,
  equalStructures,
  extendTo,
  formulaText,
  NAMED,
  type Structure,
  structureRatio,
  structureSpec,
  tripleOf,
  withReference
} from "../logic/index.ts"
import { type AnyStructure, isWeighted } from "../logic/structure.ts"
import type { LinkKind } from "../loss/loss.ts"
import { sentenceOf } from "./explain.ts"
import type { Member } from "./members.ts"
import { systematicName } from "./name.ts"
import type { ParetoPlace } from "./pareto.ts"
import { isSameLoss, type PublishedTable, publishedNames, publishedTables, publishedTwins } from "./published.ts"
import type { DeriveQuery } from "./query.ts"
import type { Ranked } from "./rank.ts"
import { supportOf, weightedRatio } from "./weighted.ts"

/** A published loss near a result: a LOSS text and the number of row marks that differ. */
export interface Neighbour {
  readonly id: string
  readonly distance: number
}

/** One loss found. `loss` is a LOSS text that resolves to it, link and reference included. */
export interface Candidate {
  readonly loss: string
  /** The same with each further link of the query. */
  readonly otherLinks?: ReadonlyArray<string>
  readonly name: string
  /** Of the rows on either side, weights aside. */
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly ratio: { readonly numerator: string; readonly denominator: string }
  /** Exact verdicts; `not-run` for safety over more than four propositions. */
  readonly properties: Readonly<Record<string, string>>
  /** What the row "no policy proposition holds" is, which decides the behaviour at vanishing probabilities. */
  readonly vanishing: string
  /** Row marks that differ from the nearest start loss. */
  readonly distance: number
  /** The nearest published losses other than itself. */
  readonly neighbours: ReadonlyArray<Neighbour>
  /** The lattice loss with the same ratio in the same reading. */
  readonly latticeName?: string
  /** Published losses with the same ratio of the same probabilities (per sequence, or per token if the query says so). */
  readonly sameLossAs: ReadonlyArray<string>
  readonly sentence: string
  readonly outcome?: number
  /** Front, outcomes with intervals and what beats it, in a query ranked by several outcomes. */
  readonly pareto?: ParetoPlace
  /** From 1. */
  readonly rank: number
}

/** A member with what ranking looks at. */
export interface Draft extends Member {
  readonly loss: string
  readonly name: string
  readonly distance: number
  readonly support: Structure
}

/** The links of a query, the first one first. */
export const linksOf = ({ link }: Pick<DeriveQuery, "link">): ReadonlyArray<LinkKind> =>
  typeof link === "string" ? [link] : [...new Set(link)]

/** The LOSS text of a structure found: settings that are not the default are said. */
const lossText = (structure: AnyStructure, referenced: boolean, link: LinkKind, query: DeriveQuery): string => {
  const settings = [
    ...(query.semantics === "relative" ? ["semantics=relative"] : []),
    ...(referenced ? ["reference=true"] : []),
    ...(query.lengthNormalised && !isWeighted(structure) ? ["lengthNormalised=true"] : []),
    ...(link === "logistic" ? [] : [`link=${link}`]),
    ...(query.beta === 1 ? [] : [`beta=${query.beta}`]),
    ...(query.margin === 0 ? [] : [`margin=${query.margin}`])
  ]
  return `${specOf(structure, query)}${settings.length === 0 ? "" : `?${settings.join("&")}`}`
}

const specOf = (structure: AnyStructure, query: DeriveQuery): string => {
  if (!isWeighted(structure)) return structureSpec(structure)
  const { numerator, denominator } = weightedRatio(structure, query)
  return `ratio:(${numerator})/(${denominator})`
}

/** The draft of a member, its distance measured from the start structures. */
export const draftOf = (query: DeriveQuery, member: Member, starts: ReadonlyArray<Structure>): Draft => {
  const support = supportOf(member.structure)
  return {
    ...member,
    support,
    loss: lossText(member.structure, member.referenced, linksOf(query)[0]!, query),
    name: systematicName(member.structure, {
      reference: member.referenced,
      relative: query.semantics === "relative"
    }),
    distance: Math.min(...starts.map((start) => distance(start, support)))
  }
}

/** How many published neighbours a result lists. */
const neighbourCount = 3

const lengthSetting = (id: string): string => `${id.includes("?") ? "&" : "?"}lengthNormalised=true`

/** A published loss with a table that reads the probabilities that the query asks for; the sixteen are read either way. */
const nameIn = (table: PublishedTable, lengthNormalised: boolean): string | undefined => {
  const [own] = lengthNormalised ? table.perToken : table.perSequence
  const isNamed = NAMED.some(({ structure }) => equalStructures(structure, table.structure))
  return own ?? (isNamed && lengthNormalised ? `${table.id}${lengthSetting(table.id)}` : undefined)
}

const neighboursOf = (
  query: DeriveQuery,
  { support, result, referenced }: Draft,
  twins: ReadonlyArray<string>
): ReadonlyArray<Neighbour> => {
  const { propositions } = support
  const tables = publishedTables(query.semantics)
  const seen = supportOf(result)
  const near = referenced
    ? // Distances stay those of the search: the sixteen with their reference, by the id of the published loss where there is one.
      NAMED.map(({ id, structure: base }) => ({
        id: tables.find((table) => equalStructures(table.structure, withReference(base)))?.id ?? `${id}?reference=true`,
        distance: distance(extendTo(base, propositions), support)
      }))
    : tables
        .filter((table) => table.structure.propositions.every((p) => seen.propositions.includes(p)))
        .flatMap((table) => {
          const id = nameIn(table, query.lengthNormalised)
          return id === undefined
            ? []
            : [{ id, distance: distance(extendTo(table.structure, seen.propositions), seen) }]
        })
  return near
    .filter(({ id }) => !twins.includes(id))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, neighbourCount)
}

const publishedIds = (query: DeriveQuery, result: AnyStructure): ReadonlyArray<string> =>
  isWeighted(result)
    ? publishedNames(result, query.semantics)
    : publishedTwins(result, query.semantics).flatMap((table) =>
        query.lengthNormalised ? table.perToken : table.perSequence
      )

/** The candidate of a ranked draft. */
export const describe = (query: DeriveQuery, draft: Draft & Ranked, rank: number): Candidate => {
  const { structure, result, referenced, loss, name, outcome, pareto } = draft
  const { semantics, lengthNormalised } = query
  const table = supportOf(result)
  const { core, conditioning, additive } = tripleOf(table)
  const twins = publishedTwins(result, semantics)
  const lattice = NAMED.find((entry) => isSameLoss(extendTo(entry.structure, result.propositions), result))?.name
  const verdicts = exactProperties(result, semantics)
  const [, ...further] = linksOf(query)
  return {
    loss,
    ...(further.length === 0
      ? {}
      : { otherLinks: further.map((link) => lossText(structure, referenced, link, query)) }),
    name,
    core: formulaText(core),
    conditioning: formulaText(conditioning),
    additive: formulaText(additive),
    ratio: isWeighted(result) ? weightedRatio(result, query) : structureRatio(result, { semantics, lengthNormalised }),
    properties: Object.fromEntries(
      exactPropertyNames.map((property) => {
        const isTooHeavy = result.propositions.length > mostForHeavy && heavyProperties.has(property)
        return [property, isTooHeavy ? "not-run" : verdicts[property].verdict]
      })
    ),
    vanishing: vanishingKind(result),
    distance: draft.distance,
    neighbours: neighboursOf(
      query,
      draft,
      twins.flatMap((twin) => nameIn(twin, lengthNormalised) ?? twin.id)
    ),
    ...(lattice === undefined ? {} : { latticeName: lattice }),
    sameLossAs: publishedIds(query, result),
    sentence: sentenceOf(structure, semantics, { reference: referenced, twin: lattice }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(pareto === undefined ? {} : { pareto }),
    rank
  }
}

/** Which of the properties that the query prefers are proved of a result. */
export const provedOf = ({ result }: Draft, { semantics, prefer }: DeriveQuery): ReadonlyArray<boolean> =>
  prefer.map((name) => decideProperty(result, semantics, name as ExactPropertyName).verdict === "proved")
