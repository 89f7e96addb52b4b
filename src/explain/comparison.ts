/** @file How two losses stand to each other, as `compare` reports it (docs/contract.md). */
import * as Result from "effect/Result"
import type { Certificate } from "../landscape/certificate.ts"
import { type Dominance, dominance } from "../landscape/dominance.ts"
import { hasRho } from "../landscape/limits.ts"
import { relativeTwin } from "../logic/decompile/relative.ts"
import { entails, join, meet } from "../logic/order.ts"
import { canonicalOrder } from "../logic/proposition.ts"
import { type AnyStructure, extendTo, isWeighted, type Semantics, type Structure } from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import type { Link, Loss } from "../loss/loss.ts"
import { type StructureDocument, structureDocument } from "./structureDocument.ts"

type Entailment = "A⊑B" | "B⊑A" | "both" | "none"

type ComparisonPoint = Readonly<Record<string, number>>

/**
 * A point (p_w, p_l, …) with `rhoA` and `rhoB` there; `onSimplex`: whether a real policy has these probabilities; `exact`: the
 * point in fractions (at oddsBeta 1: its odds are those of the point to that power).
 */
export type ComparisonWitness = Readonly<Record<string, number | boolean | Readonly<Record<string, string>>>>

/** A loss with the structure that was compared. */
interface ComparedLoss {
  readonly loss: string
  readonly structure: StructureDocument
}

/** What `compare --json` prints. */
export interface Comparison {
  readonly entails: Entailment
  readonly sameLoss: boolean
  readonly dominance: {
    readonly verdict: Dominance["verdict"]
    readonly witnesses?: ReadonlyArray<ComparisonWitness>
    readonly certificate?: string
    /** What `losslattice verify` checks; those on the simplex alone come last. */
    readonly certificates?: ReadonlyArray<Certificate>
    readonly onSimplex?: Dominance["onSimplex"]
    readonly reason?: string
  }
  readonly meet: string | null
  readonly join: string | null
  readonly sameLink: boolean
  readonly semantics: Semantics
  /** Both losses with the structures that were compared. */
  readonly losses: { readonly A: ComparedLoss; readonly B: ComparedLoss }
  /** False when one reads sequence probabilities and the other per-token ones: the structures compare, the losses differ. */
  readonly sameProbabilities: boolean
}

const plain = (structure: AnyStructure): Structure | undefined => (isWeighted(structure) ? undefined : structure)

/** The structure of a loss in the wanted semantics; an absolute one is read again from its ratio when relative is wanted. */
export const structureIn = (
  loss: Loss,
  semantics: Semantics
): Result.Result<AnyStructure, { readonly message: string }> => {
  const structure = loss.structure ?? loss.weighted
  if (structure === undefined) {
    return Result.fail({
      message: `${loss.spec} has no structure to compare: ${loss.refusal ?? "no single ratio expresses it"}`
    })
  }
  if (loss.semantics === semantics) return Result.succeed(structure)
  const absolute = plain(structure)
  if (absolute === undefined || !hasRho(absolute) || loss.oddsBeta !== 1) {
    return Result.fail({ message: `${loss.spec} has no ${semantics} structure` })
  }
  const twin = relativeTwin(absolute)
  return Result.mapError(twin, ({ reason }) => ({
    message: `${loss.spec} cannot be read relatively, as the other loss must be: ${reason}`
  }))
}

const sameLink = (a: Link, b: Link): boolean =>
  a.kind === b.kind && a.beta === b.beta && a.margin === b.margin && a.formula === b.formula

const entailment = (a: Structure, b: Structure): Entailment => {
  const [up, down] = [entails(a, b), entails(b, a)]
  if (up && down) return "both"
  return up ? "A⊑B" : down ? "B⊑A" : "none"
}

/**
 * The probabilities at which odds to the power b are the odds of the given point. Relative odds are `p/r`: one reference
 * probability, small enough for all responses, serves them as it does in the point.
 */
const atPower = (point: ComparisonPoint, semantics: Semantics, b: number): ComparisonPoint => {
  if (b === 1) return point
  const names = Object.keys(point)
  if (semantics === "absolute") {
    const odds = (name: string): number => (point[name]! / (1 - point[name]!)) ** (1 / b)
    return Object.fromEntries(names.map((name) => [name, odds(name) / (1 + odds(name))]))
  }
  const policy = names.filter((name) => name.startsWith("p_"))
  const odds = policy.map((name) => (point[name]! / point[name.replace("p_", "r_")]!) ** (1 / b))
  const reference = 0.5 / odds.reduce((sum, x) => sum + x, policy.length)
  const entries = policy.flatMap((name, k) => [
    [name, odds[k]! * reference] as const,
    [name.replace("p_", "r_"), reference] as const
  ])
  return Object.fromEntries(entries)
}

const dominanceReport = (
  a: AnyStructure,
  b: AnyStructure,
  { semantics, oddsBeta }: Pick<Loss, "semantics" | "oddsBeta">
): Comparison["dominance"] => {
  if (!hasRho(a) || !hasRho(b))
    return { verdict: "undecided", reason: "a degenerate structure has no finite rho to compare" }
  const found = dominance(a, b, semantics)
  const witnesses = found.witnesses.map(
    ({ point, exact, rhoA, rhoB, onSimplex }): ComparisonWitness => ({
      ...atPower(point, semantics, oddsBeta),
      rhoA,
      rhoB,
      onSimplex,
      exact
    })
  )
  return {
    verdict: found.verdict,
    ...(witnesses.length > 0 ? { witnesses } : {}),
    ...(found.certificate === undefined ? {} : { certificate: found.certificate }),
    ...(found.certificates.length > 0 ? { certificates: found.certificates } : {}),
    onSimplex: found.onSimplex
  }
}

/**
 * Compares two losses by their structures and rho; links only say whether they agree.
 * @returns a failure when one has no structure, or none in the semantics that the other needs
 */
export const compareLosses = (a: Loss, b: Loss): Result.Result<Comparison, { readonly message: string }> => {
  const semantics: Semantics = a.semantics === "relative" || b.semantics === "relative" ? "relative" : "absolute"
  if (a.oddsBeta !== b.oddsBeta) {
    return Result.fail({
      message: `${a.spec} takes every odds to the power ${a.oddsBeta}, ${b.spec} to the power ${b.oddsBeta}: rho can only be compared at one oddsBeta`
    })
  }
  const first = structureIn(a, semantics)
  if (Result.isFailure(first)) return Result.fail(first.failure)
  const second = structureIn(b, semantics)
  if (Result.isFailure(second)) return Result.fail(second.failure)
  const [left, right] = [plain(first.success), plain(second.success)]
  const { oddsBeta } = a
  const report = dominanceReport(first.success, second.success, { semantics, oddsBeta })
  const shared = {
    sameLoss: report.verdict === "equal",
    dominance: report,
    sameLink: sameLink(a.link, b.link),
    semantics,
    losses: {
      A: { loss: a.spec, structure: structureDocument(first.success) },
      B: { loss: b.spec, structure: structureDocument(second.success) }
    },
    sameProbabilities: a.lengthNormalised === b.lengthNormalised
  }
  // A weighted structure has no row marks to join or meet.
  if (left === undefined || right === undefined)
    return Result.succeed({ entails: "none", ...shared, meet: null, join: null })
  const propositions = canonicalOrder([...left.propositions, ...right.propositions])
  const [x, y] = [extendTo(left, propositions), extendTo(right, propositions)]
  const settings = [
    ...(semantics === "relative" ? ["semantics=relative"] : []),
    ...(oddsBeta === 1 ? [] : [`oddsBeta=${oddsBeta}`])
  ].join("&")
  const text = (structure: Structure) => structureSpec(structure) + (settings === "" ? "" : `?${settings}`)
  return Result.succeed({ entails: entailment(x, y), ...shared, meet: text(meet(x, y)), join: text(join(x, y)) })
}
