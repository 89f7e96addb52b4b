/**
 * Deriving losses: the structures that a query reaches, one representative of each distinct loss among them, the properties
 * decided exactly, and for each result what a reader needs to know about it.
 */
import * as Result from "effect/Result"
import { sameLoss } from "../landscape/equality.ts"
import { decideProperty, type ExactPropertyName, exactPropertyNames } from "../landscape/exactProperties.ts"
import {
  count,
  distance,
  equalStructures,
  extendTo,
  formulaText,
  isDegenerate,
  NAMED,
  type Semantics,
  type Structure,
  structureRatio,
  structureSpec,
  tripleOf,
  withReference
} from "../logic/index.ts"
import { sentenceOf } from "./explain.ts"
import { landmarks, systematicName } from "./name.ts"
import { banditOutcome, type OutcomeSpec } from "./outcome.ts"
import type { DeriveQueryError } from "./problems.ts"
import { isSameLoss, lossKey, type PublishedTable, publishedTables, publishedTwins } from "./published.ts"
import { type DeriveQuery, queryError, queryPropositions } from "./query.ts"
import { type RankingError, ranked } from "./rank.ts"
import { queryRegion, slowProperties, startStructures } from "./reach.ts"
import { tableOver } from "./reading.ts"
import { regionMembers, spaceSize } from "./region.ts"

/** A published loss near a result: a LOSS text and the number of row marks that differ. */
export interface Neighbour {
  readonly id: string
  readonly distance: number
}

/** One loss found. `loss` is a LOSS text that resolves to it, link and reference included. */
export interface Candidate {
  readonly loss: string
  readonly name: string
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly ratio: { readonly numerator: string; readonly denominator: string }
  /** Exact verdicts; `not-run` where deciding takes long (safety over more than a pair) and the query did not ask. */
  readonly properties: Readonly<Record<string, string>>
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
  /** From 1. */
  readonly rank: number
}

/** `examined` structures were listed, `pruned` ones of the landscape ruled out by bounds: together `4^(2^n)`. */
export interface Derived {
  readonly query: DeriveQuery
  readonly candidates: ReadonlyArray<Candidate>
  readonly examined: number
  readonly pruned: number
  /** Losses left out only because a property was undecided. */
  readonly undecided: number
}

/** What a search may use besides the query. */
export interface DeriveOptions {
  /** Measures a loss for `rankBy: {outcome: …}` instead of the query's bandit. */
  readonly outcome?: (loss: string) => number
}

/** Which of several structures of one loss stands for it: one of the sixteen, a published one, then the canonical order. */
const preference = (structure: Structure, semantics: Semantics): number => {
  if (landmarks(structure.propositions).some((mark) => equalStructures(mark.structure, structure))) return 0
  return publishedTables(semantics).some((table) => equalStructures(table.structure, structure)) ? 1 : 2
}

const isBefore = (a: Structure, b: Structure, semantics: Semantics): boolean => {
  const byKind = preference(a, semantics) - preference(b, semantics)
  if (byKind !== 0) return byKind < 0
  const bySize = count(a.ticks) + count(a.crosses) - count(b.ticks) - count(b.crosses)
  if (bySize !== 0) return bySize < 0
  return a.ticks === b.ticks ? a.crosses < b.crosses : a.ticks < b.ticks
}

/** One representative of each distinct loss, in order of first occurrence. */
const distinctLosses = (structures: ReadonlyArray<Structure>, semantics: Semantics): ReadonlyArray<Structure> => {
  const chosen = new Map<string, Structure>()
  const others: Array<Structure> = []
  const better = (old: Structure, next: Structure) => (isBefore(next, old, semantics) ? next : old)
  for (const structure of structures) {
    const key = lossKey(structure)
    if (key !== undefined) {
      const old = chosen.get(key)
      chosen.set(key, old === undefined ? structure : better(old, structure))
      continue
    }
    // Copies have no key: exact comparison, one by one.
    const place = others.findIndex((other) => sameLoss(other, structure))
    if (place < 0) others.push(structure)
    else others[place] = better(others[place]!, structure)
  }
  return [...chosen.values(), ...others]
}

/** The LOSS text of a structure found: settings that are not the default are said. */
const lossText = (structure: Structure, query: DeriveQuery): string => {
  const settings = [
    ...(query.semantics === "relative" ? ["semantics=relative"] : []),
    ...(query.reference ? ["reference=true"] : []),
    ...(query.lengthNormalised ? ["lengthNormalised=true"] : []),
    ...(query.link === "logistic" ? [] : [`link=${query.link}`]),
    ...(query.beta === 1 ? [] : [`beta=${query.beta}`]),
    ...(query.margin === 0 ? [] : [`margin=${query.margin}`])
  ]
  return `${structureSpec(structure)}${settings.length === 0 ? "" : `?${settings.join("&")}`}`
}

/** A representative and the same with what the query adds. */
interface Found {
  readonly structure: Structure
  readonly result: Structure
}

const isExcluded = (query: DeriveQuery): ((found: Found) => boolean) => {
  const { exclude, order, reference, semantics } = query
  const propositions = queryPropositions(query)
  const ends = order.strict
    ? [...(order.between ?? []), order.entails, order.entailedBy].filter((text) => text !== undefined)
    : []
  const bounds = ends.map((text) => tableOver(text, propositions))
  return ({ structure, result }) => {
    const same = (text: string): boolean => isSameLoss(tableOver(text, result.propositions), result)
    const published = (): boolean =>
      publishedTwins(result, semantics).length > 0 ||
      (reference && NAMED.some((entry) => isSameLoss(extendTo(entry.structure, structure.propositions), structure)))
    return (
      bounds.some((bound) => isSameLoss(bound, structure)) ||
      exclude.some((text) => (text === "published" ? published() : same(text)))
    )
  }
}

/** Whether the properties asked for hold: yes, no, or undecided. What is decided quickly is asked first. */
const answers = ({ require, forbid, semantics }: DeriveQuery, result: Structure): "yes" | "no" | "undecided" => {
  const asked = [
    ...require.map((name) => ({ name, wanted: "proved" })),
    ...forbid.map((name) => ({ name, wanted: "refuted" }))
  ]
  const isSlow = ({ name }: { readonly name: string }): boolean => slowProperties.includes(name)
  let isUndecided = false
  for (const { name, wanted } of [...asked.filter((one) => !isSlow(one)), ...asked.filter(isSlow)]) {
    const { verdict } = decideProperty(result, semantics, name as ExactPropertyName)
    if (verdict === "undecided") isUndecided = true
    else if (verdict !== wanted) return "no"
  }
  return isUndecided ? "undecided" : "yes"
}

const verdictsOf = (query: DeriveQuery, result: Structure): Readonly<Record<string, string>> => {
  const asked: ReadonlyArray<string> = [...query.require, ...query.forbid]
  // A reference that is only added leaves the signs those of the pair.
  const isPair = queryPropositions(query).length === 2
  return Object.fromEntries(
    exactPropertyNames.map((name) => [
      name,
      isPair || asked.includes(name) || !slowProperties.includes(name)
        ? decideProperty(result, query.semantics, name).verdict
        : "not-run"
    ])
  )
}

/** How many published neighbours a result lists. */
const neighbourCount = 3

/** A published loss with a table that reads the probabilities that the query asks for; the sixteen are read either way. */
const nameIn = (table: PublishedTable, lengthNormalised: boolean): string | undefined => {
  const [own] = lengthNormalised ? table.perToken : table.perSequence
  const isNamed = NAMED.some(({ structure }) => equalStructures(structure, table.structure))
  return own ?? (isNamed && lengthNormalised ? `${table.id}${lengthSetting(table.id)}` : undefined)
}

const lengthSetting = (id: string): string => `${id.includes("?") ? "&" : "?"}lengthNormalised=true`

const neighboursOf = (
  query: DeriveQuery,
  { structure, result }: Found,
  twins: ReadonlyArray<string>
): ReadonlyArray<Neighbour> => {
  const { propositions } = structure
  const tables = publishedTables(query.semantics)
  const near = query.reference
    ? // Distances stay those of the search: the sixteen with their reference, by the id of the published loss where there is one.
      NAMED.map(({ id, structure: base }) => ({
        id: tables.find((table) => equalStructures(table.structure, withReference(base)))?.id ?? `${id}?reference=true`,
        distance: distance(extendTo(base, propositions), structure)
      }))
    : tables
        .filter((table) => table.structure.propositions.every((p) => result.propositions.includes(p)))
        .flatMap((table) => {
          const id = nameIn(table, query.lengthNormalised)
          return id === undefined
            ? []
            : [{ id, distance: distance(extendTo(table.structure, result.propositions), result) }]
        })
  return near
    .filter(({ id }) => !twins.includes(id))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, neighbourCount)
}

type Draft = Found & { readonly loss: string; readonly name: string; readonly distance: number }

const describe = (query: DeriveQuery, draft: Draft & { readonly outcome?: number }, rank: number): Candidate => {
  const { structure, result, loss, name, outcome } = draft
  const { semantics, reference } = query
  const { core, conditioning, additive } = tripleOf(result)
  const twins = publishedTwins(result, semantics)
  const lattice = NAMED.find((entry) => isSameLoss(extendTo(entry.structure, result.propositions), result))?.name
  return {
    loss,
    name,
    core: formulaText(core),
    conditioning: formulaText(conditioning),
    additive: formulaText(additive),
    ratio: structureRatio(result, { semantics, lengthNormalised: query.lengthNormalised }),
    properties: verdictsOf(query, result),
    distance: draft.distance,
    neighbours: neighboursOf(
      query,
      draft,
      twins.flatMap((table) => nameIn(table, query.lengthNormalised) ?? table.id)
    ),
    ...(lattice === undefined ? {} : { latticeName: lattice }),
    sameLossAs: twins.flatMap((table) => (query.lengthNormalised ? table.perToken : table.perSequence)),
    sentence: sentenceOf(structure, semantics, { reference, twin: lattice }),
    ...(outcome === undefined ? {} : { outcome }),
    rank
  }
}

/**
 * The losses that a query asks for, ranked. Each is finite, distinct from the others by ratio, satisfies the order and the
 * distance by its own rows, and has every required property proved and every forbidden one refuted.
 */
export const deriveLosses = (
  query: DeriveQuery,
  options: DeriveOptions = {}
): Result.Result<Derived, DeriveQueryError | RankingError> => {
  const error = queryError(query)
  if (error !== undefined) return Result.fail(error)
  const propositions = queryPropositions(query)
  const members = regionMembers(queryRegion(query))
  const excluded = isExcluded(query)
  const starts = startStructures(query, propositions)
  const drafts: Array<Draft> = []
  let undecided = 0
  for (const structure of distinctLosses(
    members.filter((one) => !isDegenerate(one)),
    query.semantics
  )) {
    const result = query.reference ? withReference(structure) : structure
    if (excluded({ structure, result })) continue
    const answer = answers(query, result)
    if (answer === "undecided") undecided++
    if (answer !== "yes") continue
    drafts.push({
      structure,
      result,
      loss: lossText(structure, query),
      name: systematicName(structure, { reference: query.reference, relative: query.semantics === "relative" }),
      distance: Math.min(...starts.map((start) => distance(start, structure)))
    })
  }
  const { outcome } = options
  const measure =
    outcome === undefined ? banditOutcome : (_: OutcomeSpec, loss: string) => Result.succeed(outcome(loss))
  const order = ranked(drafts, query.rankBy, measure)
  if (Result.isFailure(order)) return Result.fail(order.failure)
  return Result.succeed({
    query,
    candidates: order.success.slice(0, query.limit).map((draft, i) => describe(query, draft, i + 1)),
    examined: members.length,
    pruned: Number(spaceSize(propositions.length) - BigInt(members.length)),
    undecided
  })
}
