/**
 * @file How losses are called in figures and tables: the name of the lattice or of the derivation where there is one,
 * else the catalogue's, else the LOSS text itself; parameters are shown only where they tell two losses apart.
 */
import { lossBase } from "../../quantities/lossBase.ts"
import { type DeriveRow, landscapeNodes, type Records } from "../records.ts"

/** First word of a title when it is an acronym ("CoPG (contrastive …)"), or the id in capitals when it is the initials. */
const titleName = (id: string, title: string): string => {
  const first = title.split(/[\s,(]/)[0] ?? ""
  if ((first.match(/[A-Z]/g) ?? []).length >= 2) return first
  const initials = (title.match(/\b[A-Z]/g) ?? []).join("").toLowerCase()
  return initials.startsWith(id) ? id.toUpperCase() : id
}

/** The derived loss that a text names: by the text itself, else with other parameters in the same reading. */
const derivedRow = (records: Records, loss: string): DeriveRow | undefined => {
  const [base, marks] = [lossBase(loss), marksOf(loss).join()]
  return (
    records.derive.find((row) => row.loss === loss) ??
    records.derive.find((row) => lossBase(row.loss) === base && marksOf(row.loss).join() === marks)
  )
}

const baseName = (records: Records, loss: string): string => {
  const base = lossBase(loss)
  const derived = derivedRow(records, loss)
  if (derived !== undefined) return derived.latticeName ?? derived.name
  const node = landscapeNodes(records).find((candidate) => candidate.id === base)
  if (node !== undefined) return node.name
  // The policy gradient of the bandits is no catalogue entry: it is no loss over pairs.
  if (base === "pg") return "policy gradient"
  const entry = records.catalogue.find((candidate) => candidate.id === base)
  return entry === undefined ? base : titleName(entry.id, entry.title)
}

const greek: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  lambda: "λ",
  tau: "τ"
}

/** Settings that make another loss of the same truth table: always part of the name. */
const readingMarks: Readonly<Record<string, (value: string) => string | undefined>> = {
  semantics: (value) => (value === "relative" ? "relative" : undefined),
  oddsBeta: (value) => (value === "1" ? undefined : `odds^${value}`),
  reference: (value) => (value === "true" ? "with reference" : undefined)
}

const settingsOf = (loss: string): ReadonlyArray<readonly [string, string]> =>
  loss
    .slice(lossBase(loss).length)
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", value = ""] = part.split("=")
      return [name, value]
    })

/** Whether the LOSS text asks for the relative reading (docs/theory.md §11). */
export const isReadRelatively = (loss: string): boolean =>
  settingsOf(loss).some(([name, value]) => name === "semantics" && value === "relative")

/** How the loss reads its weights, where that is not the plain way: `relative`, `odds^0.5`. */
const marksOf = (loss: string): readonly string[] =>
  settingsOf(loss).flatMap(([name, value]) => readingMarks[name]?.(value) ?? [])

/** The other settings, `β = 0.1`, `margin = 1`. */
const parametersOf = (loss: string): readonly string[] =>
  settingsOf(loss)
    .filter(([name]) => !Object.hasOwn(readingMarks, name))
    .map(([name, value]) => {
      if (name === "baseline") return value === "none" ? "no baseline" : `${value} baseline`
      return `${greek[name] ?? name} = ${value}`
    })

const bracketed = (name: string, parts: readonly string[]): string =>
  parts.length === 0 ? name : `${name} (${parts.join(", ")})`

/** Names of the given LOSS texts, in their order; where two would be called the same, id or parameters are added. */
export const lossNames = (records: Records, losses: readonly string[]): ReadonlyMap<string, string> => {
  const distinct = [...new Set(losses)]
  const plain = distinct.map((loss) => lossName(records, loss))
  return new Map(
    distinct.map((loss, index) => {
      const name = plain[index] as string
      const twins = distinct.filter((_, other) => plain[other] === name)
      if (twins.length === 1) return [loss, name]
      const base = lossBase(loss)
      const id = twins.some((twin) => lossBase(twin) !== base) ? [base] : []
      return [loss, bracketed(baseName(records, loss), [...id, ...marksBeside(records, loss), ...parametersOf(loss)])]
    })
  )
}

/** How a name has to say that the weights are read: a derivation's own name says it (`ORPO.TF-both+rel`). */
const marksBeside = (records: Records, loss: string): readonly string[] => {
  const derived = derivedRow(records, loss)
  return derived !== undefined && derived.latticeName === undefined ? [] : marksOf(loss)
}

/** One loss's name. */
export const lossName = (records: Records, loss: string): string =>
  bracketed(baseName(records, loss), marksBeside(records, loss))
