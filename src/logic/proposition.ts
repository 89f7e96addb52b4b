/**
 * Names of propositions. `M(w)` says "the policy deems the chosen response valid", `Ref(l)` "the reference deems the
 * rejected one valid"; `M2(w)` is a second copy of `M(w)` with the same weight, `M(y3)` speaks of a further response.
 * A name is always kept in its canonical spelling, so names compare as strings.
 */

/** Canonical spelling of a proposition: `M(w)`, `Ref(l)`, `M2(w)`, `M(y3)`. */
export type Proposition = string

/** The parts of a proposition's name; `copy` is 1 when no number is written. */
export interface PropositionParts {
  readonly model: "M" | "Ref"
  readonly copy: number
  readonly response: string
}

const spelling = /^\s*(M|Ref)([1-9]\d{0,2})?\s*\(\s*([a-z][A-Za-z0-9]{0,15})\s*\)\s*$/

/** The parts of a name such as `M2(w)`; undefined when the text is no proposition (`M1(w)` is not: copy 1 is `M(w)`). */
export const parseProposition = (text: string): PropositionParts | undefined => {
  const match = spelling.exec(text)
  if (match === null || match[2] === "1") return undefined
  return {
    model: match[1] === "M" ? "M" : "Ref",
    copy: match[2] === undefined ? 1 : Number(match[2]),
    response: match[3]!
  }
}

/** The canonical name of the given parts: the inverse of {@link parseProposition}. */
export const makeProposition = (parts: PropositionParts): Proposition =>
  `${parts.model}${parts.copy === 1 ? "" : parts.copy}(${parts.response})`

/** The parts of a name known to be one. @throws RangeError when it is not */
export const propositionParts = (proposition: Proposition): PropositionParts => {
  const parts = parseProposition(proposition)
  if (parts === undefined) throw new RangeError(`propositionParts: "${proposition}" is not a proposition such as M(w)`)
  return parts
}

/**
 * The order in which a loss declares its propositions: M(w), M(l) always, then Ref(w), Ref(l) if either occurs, then
 * the others by first occurrence. Repetitions are dropped.
 */
export const canonicalOrder = (propositions: Iterable<Proposition>): ReadonlyArray<Proposition> => {
  const seen = new Set(propositions)
  const first = ["M(w)", "M(l)"]
  if (seen.has("Ref(w)") || seen.has("Ref(l)")) first.push("Ref(w)", "Ref(l)")
  return [...new Set([...first, ...seen])]
}

/** The same proposition about the other response of the pair: w ↔ l; further responses stay. */
export const swapResponses = (proposition: Proposition): Proposition => {
  const parts = propositionParts(proposition)
  const response = parts.response === "w" ? "l" : parts.response === "l" ? "w" : parts.response
  return makeProposition({ ...parts, response })
}

/** Name of the log-probability that weighs the proposition: `M(w)` → `lw`, `Ref(y3)` → `ry3`; copies share it. */
export const logProbName = (proposition: Proposition): string => {
  const { model, response } = propositionParts(proposition)
  return `${model === "M" ? "l" : "r"}${response}`
}

/** Name of the probability in ratio notation: `M(w)` → `p_w`, `Ref(l)` → `r_l`; copies share it. */
export const ratioName = (proposition: Proposition): string => {
  const { model, response } = propositionParts(proposition)
  return `${model === "M" ? "p" : "r"}_${response}`
}

/** The (first copy of the) proposition that a ratio variable weighs: `p_w` → `M(w)`; undefined for any other name. */
export const fromRatioName = (name: string): Proposition | undefined => {
  const match = /^([pr])_([a-z][A-Za-z0-9]{0,15})$/.exec(name)
  return match === null
    ? undefined
    : makeProposition({ model: match[1] === "p" ? "M" : "Ref", copy: 1, response: match[2]! })
}

/** LaTeX of a proposition: `M(w)` → `\mathrm{M}(y_w)`, `Ref2(y3)` → `\mathrm{Ref}_{2}(y_{3})`. */
export const propositionLatex = (proposition: Proposition): string => {
  const { model, copy, response } = propositionParts(proposition)
  return `\\mathrm{${model}}${copy === 1 ? "" : `_{${copy}}`}(${responseLatex(response)})`
}

/** LaTeX of a response's name: `w` → `y_w`, `y3` → `y_{3}`, `gold` → `y_{gold}`. */
export const responseLatex = (response: string): string => {
  const index = /^y(\d+)$/.exec(response)?.[1] ?? response
  return index.length === 1 && index === response ? `y_${index}` : `y_{${index}}`
}
