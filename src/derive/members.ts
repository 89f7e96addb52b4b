/** The losses that a query's space holds: structures listed or pruned, one representative for each loss, filtered by what is asked. */

import { relation } from "../landscape/dominance.ts"
import { sameLoss } from "../landscape/equality.ts"
import { decideProperty, type ExactPropertyName } from "../landscape/exactProperties.ts"
import { vanishingKind } from "../landscape/limits.ts"
import { commonCounts } from "../landscape/odds.ts"
import { searchStats, searchStructures } from "../landscape/search/index.ts"
import {
  codeOf,
  count,
  equalStructures,
  extendTo,
  isDegenerate,
  NAMED,
  type Semantics,
  type Structure,
  withReference
} from "../logic/index.ts"
import { type AnyStructure, isWeighted } from "../logic/structure.ts"
import { landmarks } from "./name.ts"
import { DeriveQueryError } from "./problems.ts"
import { isSameLoss, lossKey, publishedNames, publishedTables } from "./published.ts"
import { type DeriveQuery, queryPropositions } from "./query.ts"
import { querySpace, searchBudget } from "./reach.ts"
import { tableOver } from "./reading.ts"
import { rowConstraint } from "./rowRules.ts"
import { isMarginOfPlain, plainIfPossible, reducedKey, supportOf, weightedStructures } from "./weighted.ts"

/** A representative of one loss, and the same with the reference that the query adds. */
export interface Member {
  readonly structure: AnyStructure
  readonly result: AnyStructure
  readonly referenced: boolean
}

/** What became of the structures and losses of a query's space: every number is about this query. */
export interface Report {
  /** Structures of the landscape over the propositions, `4^(2^n)`, weighted ones if weights are given; as text beyond 2^53. */
  readonly space: number | string
  readonly examined: number
  readonly pruned: number | string
  /** Structures in the space that are degenerate or the same loss as another. */
  readonly equivalent: number
  /** Distinct losses that were compared with what the query asks. */
  readonly losses: number
  /** Left out by name: the losses that they equal. */
  readonly known: ReadonlyArray<{ readonly loss: string; readonly sameAs: ReadonlyArray<string> }>
  /** Left out by order, row marks or behaviour, and by each property. */
  readonly rejected: Readonly<Record<string, number>>
  readonly undecided: number
}

/** What a search may report while it runs. */
export type Progress = (found: { readonly examined: number; readonly losses: number }) => void

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

/** Collects structures, one representative of each distinct loss, in order of first occurrence. */
const makeCollector = (semantics: Semantics) => {
  const chosen = new Map<string, Structure>()
  const others: Array<Structure> = []
  const better = (old: Structure, next: Structure) => (isBefore(next, old, semantics) ? next : old)
  return {
    add: (structure: Structure): void => {
      const key = lossKey(structure)
      if (key !== undefined) {
        const old = chosen.get(key)
        chosen.set(key, old === undefined ? structure : better(old, structure))
        return
      }
      // Copies have no key: exact comparison, one by one.
      const place = others.findIndex((other) => sameLoss(other, structure))
      if (place < 0) others.push(structure)
      else others[place] = better(others[place]!, structure)
    },
    size: (): number => chosen.size + others.length,
    all: (): ReadonlyArray<Structure> => [...chosen.values(), ...others]
  }
}

interface Listed {
  readonly losses: ReadonlyArray<AnyStructure>
  readonly examined: number
  /** Structures taken up, degenerate ones aside. */
  readonly taken: number
  readonly undecided: number
}

const tooMany = (size: number): DeriveQueryError =>
  new DeriveQueryError({
    problems: [
      `propositions: more than ${size} structures pass what prunes the search: add order (between, entails or entailedBy), rows or maxDistance`
    ]
  })

/** How many structures are made between two reports of progress. */
const reportEvery = 4096

const listPlain = (query: DeriveQuery, progress: Progress): Listed | DeriveQueryError => {
  const constraint = rowConstraint(query.rows, queryPropositions(query))
  if (constraint.empty) return { losses: [], examined: 0, taken: 0, undecided: 0 }
  const stats = searchStats()
  const collector = makeCollector(query.semantics)
  let taken = 0
  for (const structure of searchStructures(querySpace(query), stats)) {
    if (stats.examined > searchBudget.examined) return tooMany(searchBudget.examined)
    if (taken > searchBudget.members) return tooMany(searchBudget.members)
    if (++taken % reportEvery === 0) progress({ examined: stats.examined, losses: collector.size() })
    if (constraint.allows(structure)) collector.add(structure)
  }
  return { losses: collector.all(), examined: stats.examined, taken, undecided: stats.undecided }
}

/** A simpler table stands for a loss: fewer rows, then lighter ones. */
const weightOf = (structure: AnyStructure): number =>
  isWeighted(structure)
    ? [...structure.ticks.values(), ...structure.crosses.values()].reduce(
        (sum, { num, den }) => sum + Number(num) / Number(den),
        0
      )
    : count(structure.ticks) + count(structure.crosses)

const listWeighted = (query: DeriveQuery, progress: Progress): Listed => {
  const propositions = queryPropositions(query)
  const { low, high, centres, radius } = querySpace(query)
  const { allows } = rowConstraint(query.rows, propositions)
  const chosen = new Map<string, AnyStructure>()
  let [examined, taken] = [0, 0]
  for (const weighted of weightedStructures(propositions, query.weights)) {
    if (++examined % reportEvery === 0) progress({ examined, losses: chosen.size })
    const support = supportOf(weighted)
    const code = codeOf(support)
    if ((low & ~code) !== 0n || (code & ~high) !== 0n || !allows(support)) continue
    if (radius !== undefined && !centres!.some((centre) => count(centre ^ code) <= radius)) continue
    if (isMarginOfPlain(weighted)) continue
    taken++
    const structure = plainIfPossible(weighted)
    const key = reducedKey(structure)
    const old = chosen.get(key)
    const isSimpler = (): boolean =>
      isWeighted(old!) === isWeighted(structure)
        ? isWeighted(old!)
          ? weightOf(structure) < weightOf(old!)
          : isBefore(structure as Structure, old as Structure, query.semantics)
        : !isWeighted(structure)
    if (old === undefined || isSimpler()) chosen.set(key, structure)
  }
  return { losses: [...chosen.values()], examined, taken, undecided: 0 }
}

/** Whether the query asks for rows with weights. */
export const asksForWeights = ({ weights }: Pick<DeriveQuery, "weights">): boolean =>
  weights.some((weight) => weight !== 1)

/** The names under which a result is excluded: none when it is not. */
const makeExclusion = (query: DeriveQuery): ((member: Member) => ReadonlyArray<string>) => {
  const { exclude, order, semantics } = query
  const propositions = queryPropositions(query)
  const ends = order.strict
    ? [...(order.between ?? []), order.entails, order.entailedBy].filter((text) => text !== undefined)
    : []
  const bounds = ends.map((text) => ({ text, structure: tableOver(text, propositions) }))
  return ({ structure, result, referenced }) => {
    const published = (): ReadonlyArray<string> => [
      ...publishedNames(result, semantics),
      ...(referenced && !isWeighted(structure)
        ? NAMED.filter((entry) => isSameLoss(extendTo(entry.structure, structure.propositions), structure)).map(
            ({ id }) => `${id}?reference=true`
          )
        : [])
    ]
    return [
      ...bounds.filter((bound) => isSameLoss(bound.structure, structure)).map(({ text }) => text),
      ...exclude.flatMap((text) =>
        text === "published" ? published() : isSameLoss(tableOver(text, result.propositions), result) ? [text] : []
      )
    ]
  }
}

/** The first thing asked that the loss does not satisfy, by name; undefined when all hold; `undecided` when that stays open. */
const makeRejection = (query: DeriveQuery): ((member: Member) => string | undefined) => {
  const { require, forbid, semantics, vanishing, order } = query
  const asked = [
    ...require.map((name) => ({ name, wanted: "proved" })),
    ...forbid.map((name) => ({ name, wanted: "refuted" }))
  ]
  return ({ result }) => {
    if (vanishing !== undefined && !vanishing.includes(vanishingKind(result))) return "vanishing"
    for (const [key, wanted] of [
      ["dominates", "A<=B"],
      ["dominatedBy", "B<=A"]
    ] as const) {
      const text = order[key]
      if (text === undefined) continue
      const found = relation(...commonCounts(tableOver(text, result.propositions), result))
      if (found === "undecided") return "undecided"
      if (found !== wanted && found !== "equal") return key
    }
    let isUndecided = false
    for (const { name, wanted } of asked) {
      const { verdict } = decideProperty(result, semantics, name as ExactPropertyName)
      if (verdict === "undecided") isUndecided = true
      else if (verdict !== wanted) return wanted === "proved" ? name : `not ${name}`
    }
    return isUndecided ? "undecided" : undefined
  }
}

const exactNumber = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()

const spaceOf = (query: DeriveQuery): bigint => {
  const n = queryPropositions(query).length
  return asksForWeights(query)
    ? BigInt(new Set(query.weights).size + 1) ** BigInt(2 ** (n + 1))
    : 1n << BigInt(2 ** (n + 1))
}

/** The losses that a query asks for, unranked, and the report on all others. */
export const queryMembers = (
  query: DeriveQuery,
  progress: Progress
): { readonly members: ReadonlyArray<Member>; readonly report: Report } | DeriveQueryError => {
  const listed = asksForWeights(query) ? listWeighted(query, progress) : listPlain(query, progress)
  if (listed instanceof DeriveQueryError) return listed
  const known: Array<Report["known"][number]> = []
  const rejected: Record<string, number> = {}
  let undecided = listed.undecided
  const [excludedAs, rejectedBy] = [makeExclusion(query), makeRejection(query)]
  const forms = query.reference === "either" ? [false, true] : [query.reference]
  const members: Array<Member> = []
  let compared = 0
  for (const structure of listed.losses) {
    if (isDegenerate(structure)) continue
    for (const referenced of forms) {
      const result = referenced && !isWeighted(structure) ? withReference(structure) : structure
      const member = { structure, result, referenced }
      if (++compared % reportEvery === 0) progress({ examined: listed.examined, losses: compared })
      const reason = rejectedBy(member)
      if (reason === "undecided") undecided++
      else if (reason !== undefined) rejected[reason] = (rejected[reason] ?? 0) + 1
      if (reason !== undefined) continue
      const names = excludedAs(member)
      if (names.length > 0) known.push({ loss: names[0]!, sameAs: names })
      else members.push(member)
    }
  }
  const space = spaceOf(query)
  return {
    members,
    report: {
      space: exactNumber(space),
      examined: listed.examined,
      pruned: exactNumber(space - BigInt(listed.examined)),
      equivalent: listed.taken - listed.losses.length,
      losses: compared,
      known,
      rejected,
      undecided
    }
  }
}
