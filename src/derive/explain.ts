/** One sentence about a derived loss, generated from its truth table. */
import { type Proposition, propositionParts, rowCount, type Semantics, type Structure } from "../logic/index.ts"
import { rationalText } from "../logic/rational.ts"
import { type AnyStructure, isWeighted } from "../logic/structure.ts"
import { type Mark, markOf, nearestLandmark } from "./name.ts"
import { supportOf } from "./weighted.ts"

const listed = (parts: ReadonlyArray<string>): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`

const pairWords = (w: boolean, l: boolean): string =>
  w ? (l ? "both answers" : "only the chosen answer") : l ? "only the rejected answer" : "neither answer"

/** `the policy accepts only the chosen answer` for the propositions of one model that a row makes true. */
const modelWords = (who: string, verb: string, responses: ReadonlyMap<string, boolean>): ReadonlyArray<string> => {
  const words: Array<string> = []
  const [w, l] = [responses.get("w"), responses.get("l")]
  if (w !== undefined && l !== undefined) words.push(`${who} ${verb} ${pairWords(w, l)}`)
  else if (w !== undefined)
    words.push(`${who} ${w ? "" : "does not "}${w ? verb : verb.slice(0, -1)} the chosen answer`)
  else if (l !== undefined)
    words.push(`${who} ${l ? "" : "does not "}${l ? verb : verb.slice(0, -1)} the rejected answer`)
  const others = [...responses].filter(([response]) => response !== "w" && response !== "l")
  for (const [response, holds] of others) {
    words.push(`${who} ${holds ? verb : `does not ${verb.slice(0, -1)}`} answer ${response}`)
  }
  return words
}

/** What a row says in words: "both answers are rejected" over the pair alone, else what each model accepts. */
const rowWords = (row: number, propositions: ReadonlyArray<Proposition>, semantics: Semantics): string => {
  if (propositions.length === 2) {
    const [w, l] = [(row & 1) === 1, (row & 2) === 2]
    if (semantics === "relative") return `${pairWords(w, l)} ${w && l ? "are" : "is"} preferred to the reference`
    if (!w && !l) return "both answers are rejected"
    return `${pairWords(w, l)} ${w && l ? "are" : "is"} accepted`
  }
  const models = new Map<string, { readonly verb: string; readonly responses: Map<string, boolean> }>()
  propositions.forEach((proposition, k) => {
    const { model, copy, response } = propositionParts(proposition)
    const who = model === "Ref" ? "the reference" : copy === 1 ? "the policy" : `the policy's copy ${copy}`
    const verb = semantics === "relative" ? "prefers" : "accepts"
    const known = models.get(who) ?? { verb, responses: new Map<string, boolean>() }
    known.responses.set(response, ((row >> k) & 1) === 1)
    models.set(who, known)
  })
  return listed([...models].flatMap(([who, { verb, responses }]) => modelWords(who, verb, responses)))
}

/** What happens to a row when its mark changes, with `#` for "the case where …". */
const transitions: Readonly<Record<Mark, Readonly<Record<Mark, string>>>> = {
  none: {
    tick: "also counts # as a win",
    cross: "also counts # as a loss",
    both: "also counts # as a win and as a loss",
    none: ""
  },
  tick: {
    none: "no longer counts #",
    cross: "counts # as a loss instead of a win",
    both: "counts # as a loss too",
    tick: ""
  },
  cross: {
    none: "no longer counts #",
    tick: "counts # as a win instead of a loss",
    both: "counts # as a win too",
    cross: ""
  },
  both: {
    none: "no longer counts #",
    tick: "counts # as a win only",
    cross: "counts # as a loss only",
    both: ""
  }
}

const effects: Readonly<Record<Mark, string>> = {
  tick: "as a win",
  cross: "as a loss",
  both: "as a win and as a loss",
  none: ""
}

const cases = (words: ReadonlyArray<string>): string =>
  words.length === 1 ? `the case where ${words[0]}` : `the cases where ${words.join(", or where ")}`

/** Groups rows by a phrase, in order of first occurrence, and puts the cases into it. */
const phrases = (rows: ReadonlyArray<{ readonly phrase: string; readonly words: string }>): ReadonlyArray<string> => {
  const groups = new Map<string, Array<string>>()
  for (const { phrase, words } of rows) groups.set(phrase, [...(groups.get(phrase) ?? []), words])
  return [...groups].map(([phrase, words]) => phrase.replace("#", cases(words)))
}

const weightWords = (structure: AnyStructure, semantics: Semantics): string => {
  if (!isWeighted(structure)) return ""
  const side = (rows: typeof structure.ticks, effect: string): ReadonlyArray<string> =>
    [...rows].flatMap(([row, weight]) =>
      weight.num === weight.den
        ? []
        : [`${rationalText(weight)} times ${effect} where ${rowWords(row, structure.propositions, semantics)}`]
    )
  const parts = [...side(structure.ticks, "as a win"), ...side(structure.crosses, "as a loss")]
  return parts.length === 0 ? "" : `; it counts ${listed(parts)}`
}

const landmarkWords = (structure: Structure, semantics: Semantics): string => {
  const rows = Array.from({ length: rowCount(structure.propositions.length) }, (_, row) => ({
    mark: markOf(structure, row),
    words: rowWords(row, structure.propositions, semantics)
  }))
  const order: ReadonlyArray<Mark> = ["tick", "cross", "both"]
  return listed(
    phrases(
      order.flatMap((mark) =>
        rows.filter((row) => row.mark === mark).map(({ words }) => ({ phrase: `# ${effects[mark]}`, words }))
      )
    )
  )
}

/**
 * What the loss asks for, in one sentence. Of one of the sixteen: what its rows count as. Of any other: the nearest of the
 * sixteen and what differs, "Like cCPO, but also counts the case where both answers are rejected as a loss."
 */
export const sentenceOf = (
  structure: AnyStructure,
  semantics: Semantics,
  { reference, twin }: { readonly reference: boolean; readonly twin?: string | undefined }
): string => {
  const support = supportOf(structure)
  const { landmark, changes } = nearestLandmark(support)
  const changed = phrases(
    changes.map(({ row, mark }) => ({
      phrase: transitions[markOf(landmark.structure, row)][mark],
      words: rowWords(row, support.propositions, semantics)
    }))
  )
  const body =
    changes.length === 0
      ? `${landmark.name} counts ${landmarkWords(support, semantics)}`
      : `Like ${landmark.name}, but ${listed(changed)}`
  const ratio = twin === undefined || twin === landmark.name ? "" : `; its ratio equals that of ${twin}`
  const model = reference ? "; a reference model is added, so that only the change against it matters" : ""
  return `${body}${weightWords(structure, semantics)}${ratio}${model}.`
}
