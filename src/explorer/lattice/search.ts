/** Finding losses of a lattice by name, by formula, by property. */
import * as Result from "effect/Result"
import { lossKey } from "../../derive/published.ts"
import { hasRho } from "../../landscape/limits.ts"
import type { Loss } from "../../loss/loss.ts"
import { resolveLoss } from "../../loss/resolve.ts"
import type { LatticeDrawing, LatticeNode } from "./data.ts"

/** What a search text leads to. */
export interface Found {
  /** Places of the losses that fit, best first. */
  readonly places: ReadonlyArray<number>
  /** The key of the loss that a formula means, whether or not the lattice has it. */
  readonly key?: string
  /** Why a formula means no loss, or none of this kind; one sentence. */
  readonly problem?: string
}

/** A formula as a LOSS text: with its form in front, which may be left out where it is plain. Undefined for a name. */
export const formulaText = (text: string): string | undefined => {
  const trimmed = text.trim()
  if (/^(?:logic|ratio|rows|expr):/.test(trimmed)) return trimmed
  if (/\bM2?\(|\bRef2?\(/.test(trimmed)) return `logic:${trimmed}`
  return /\b[pr]_[wl]\b/.test(trimmed) ? `ratio:${trimmed}` : undefined
}

const keyOf = ({ structure, semantics, oddsBeta }: Loss): string | undefined =>
  structure === undefined || !hasRho(structure) || semantics !== "absolute" || oddsBeta !== 1
    ? undefined
    : lossKey(structure)

const byFormula = ({ nodes }: LatticeDrawing, text: string): Found => {
  const loss = resolveLoss(text)
  if (Result.isFailure(loss)) return { places: [], problem: loss.failure.message }
  const key = keyOf(loss.success)
  if (key === undefined) return { places: [], problem: `${text} has no structure whose rows could be compared` }
  const places = nodes.flatMap((node, place) => (node.key === key ? [place] : []))
  return { places, key }
}

const rank = (node: LatticeNode, text: string): number => {
  const names = [node.name, ...node.published].map((name) => name.toLowerCase())
  if (names.includes(text)) return 0
  if (names.some((name) => name.startsWith(text))) return 1
  if (names.some((name) => name.includes(text))) return 2
  return [node.core, node.loss].some((formula) => formula.toLowerCase().includes(text)) ? 3 : 4
}

const byName = ({ nodes }: LatticeDrawing, text: string): Found => {
  const wanted = text.toLowerCase()
  const places = nodes
    .map((node, place) => ({ place, rank: rank(node, wanted) }))
    .filter((entry) => entry.rank < 4)
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .map(({ place }) => place)
  if (places.length > 0) return { places }
  // A name of the catalogue with parameters, such as `dpo?beta=2`, means the loss with its rho.
  const named = resolveLoss(text)
  const key = Result.isSuccess(named) ? keyOf(named.success) : undefined
  return key === undefined
    ? { places: [] }
    : { places: nodes.flatMap((node, place) => (node.key === key ? [place] : [])), key }
}

/** The losses that a text names or means: a formula the one equal to it, anything else those with it in their names. */
export const findLosses = (drawing: LatticeDrawing, text: string): Found => {
  const formula = formulaText(text)
  return formula === undefined ? byName(drawing, text.trim()) : byFormula(drawing, formula)
}

/** A wish about a property: proved, or refuted. */
export interface Wish {
  readonly property: string
  readonly holds: boolean
}

/** Wishes from their text in a link: `chosen-safe,!rejected-safe`; the names that are no property apart. */
export const readWishes = (
  text: string,
  { properties }: LatticeDrawing
): { readonly wishes: ReadonlyArray<Wish>; readonly unknown: ReadonlyArray<string> } => {
  const all = text
    .split(",")
    .filter((piece) => piece !== "")
    .map((piece): Wish => ({ property: piece.replace(/^!/, ""), holds: !piece.startsWith("!") }))
  const isKnown = ({ property }: Wish): boolean => properties.some((name) => name === property)
  return { wishes: all.filter(isKnown), unknown: all.filter((wish) => !isKnown(wish)).map(({ property }) => property) }
}

/** The text of wishes in a link: the inverse of {@link readWishes}. */
export const wishesText = (wishes: ReadonlyArray<Wish>): string =>
  wishes.map(({ property, holds }) => `${holds ? "" : "!"}${property}`).join(",")

/** Whether a loss has all that is wished. */
export const fulfils = (drawing: LatticeDrawing, node: LatticeNode, wishes: ReadonlyArray<Wish>): boolean =>
  wishes.every(({ property, holds }) => {
    const place = (drawing.properties as ReadonlyArray<string>).indexOf(property)
    return node.verdicts[place] === (holds ? "p" : "r")
  })
