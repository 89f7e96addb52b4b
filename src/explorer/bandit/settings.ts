/**
 * A setting of the playground: what a link says of it, as the cells of a bandit study. Keys of the link are the dotted names
 * of the study file (`environment.arms=5`, `optimizer.learningRate=0.05`), so that both say the same in the same words.
 */
import * as Result from "effect/Result"
import { type BanditCellSpec, decodeBanditCell } from "../../bandit/cellSchema.ts"
import type { LinkState, Patch } from "../link.ts"

/** Settings with settings inside. A link that names one of a section's settings says the whole section. */
export const sections = ["environment", "data", "optimizer", "policy", "regime"] as const
export type Section = (typeof sections)[number]

/** What a link that says nothing shows. */
export const defaults: LinkState = {
  loss: "dpo?beta=0.5\ncpo_core\nipo?tau=0.5",
  seeds: "0-3",
  steps: "600",
  checkpoints: "60",
  "environment.kind": "bradley-terry",
  "environment.arms": "6",
  "environment.reference": "normal",
  "data.mode": "exact",
  "optimizer.kind": "adam",
  "optimizer.learningRate": "0.02"
}

/** Cells that a page trains at once, losses times seeds. */
export const mostCells = 60

/** Rows that a page keeps of each. */
export const mostCheckpoints = 1_000

/** A setting that can be trained. */
export interface Setting {
  readonly losses: ReadonlyArray<string>
  readonly seeds: ReadonlyArray<number>
  /** What all cells have in common. */
  readonly shared: Omit<BanditCellSpec, "loss" | "seed">
}

type Plain = null | boolean | number | string | ReadonlyArray<Plain> | { readonly [key: string]: Plain }

/** A number, truth value, list or map where the text is one in JSON, else the text. */
const plainOf = (text: string): Plain => {
  try {
    return JSON.parse(text) as Plain
  } catch {
    return text
  }
}

type Entry = readonly [path: ReadonlyArray<string>, text: string]

/** The map that dotted names stand for. */
const nested = (entries: ReadonlyArray<Entry>): Plain => {
  const [first] = entries
  if (first === undefined) return {}
  const inner = entries.filter(([path]) => path.length > 0)
  if (inner.length === 0) return plainOf(first[1])
  const groups = Map.groupBy(inner, ([path]) => path[0]!)
  return Object.fromEntries(
    [...groups].map(([name, own]) => [name, nested(own.map(([path, text]) => [path.slice(1), text]))])
  )
}

const isOf = (section: string, key: string): boolean => key === section || key.startsWith(`${section}.`)

/** The link with everything it leaves out: single settings one by one, sections as a whole. */
export const completed = (state: LinkState): LinkState => {
  const own = Object.entries(state).filter(([, text]) => text !== "")
  const said = (key: string): boolean => {
    const section = sections.find((name) => isOf(name, key)) ?? key
    return own.some(([other]) => isOf(section, other))
  }
  return Object.fromEntries([...Object.entries(defaults).filter(([key]) => !said(key)), ...own])
}

/** The settings of a section as the link has them, names without the section's. */
export const sectionOf = (state: LinkState, section: Section): LinkState =>
  Object.fromEntries(
    Object.entries(completed(state))
      .filter(([key]) => key.startsWith(`${section}.`))
      .map(([key, text]) => [key.slice(section.length + 1), text])
  )

/** A change of the link that makes a section be this: all that it was is taken out. */
export const sectionPatch = (state: LinkState, section: Section, settings: LinkState): Patch => {
  const out = Object.keys(state).filter((key) => isOf(section, key))
  return {
    ...Object.fromEntries(out.map((key) => [key, undefined])),
    ...Object.fromEntries(Object.entries(settings).map(([name, text]) => [`${section}.${name}`, text]))
  }
}

/** The lines of a link that name losses, as they are typed. */
export const lossLines = (state: LinkState): ReadonlyArray<string> => {
  const text = state.loss ?? defaults.loss ?? ""
  return text === "" ? [] : text.split("\n")
}

/** The LOSS texts of a link, each once. */
export const lossesOf = (state: LinkState): ReadonlyArray<string> => [
  ...new Set(
    lossLines(state)
      .map((line) => line.trim())
      .filter((line) => line !== "")
  )
]

const seedsOf = (text: string): ReadonlyArray<number> | undefined => {
  const seeds: Array<number> = []
  for (const part of text.split(",").map((piece) => piece.trim())) {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? []
    if (from === undefined || Number(to) < Number(from) || Number(to) - Number(from) > 10_000) return undefined
    for (let seed = Number(from); seed <= Number(to); seed++) seeds.push(seed)
  }
  return [...new Set(seeds)]
}

/** The cells of a setting: losses one after the other, each with all seeds. */
export const cellsOf = ({ losses, seeds, shared }: Setting): ReadonlyArray<BanditCellSpec> =>
  losses.flatMap((loss) => seeds.map((seed) => ({ ...shared, loss, seed })))

const amountProblems = (losses: number, seeds: number, checkpoints: unknown): ReadonlyArray<string> => [
  ...(losses === 0 ? ["loss: at least one is needed, one a line"] : []),
  ...(losses * seeds > mostCells
    ? [`seeds: ${losses} losses times ${seeds} seeds are ${losses * seeds} trainings, at most ${mostCells} in the page`]
    : []),
  ...(typeof checkpoints === "number" && checkpoints > mostCheckpoints
    ? [`checkpoints: at most ${mostCheckpoints} in the page, found ${checkpoints}`]
    : [])
]

/** Reads the setting of a link; the failure lists every problem, each with the setting's name. */
export const readSetting = (state: LinkState): Result.Result<Setting, ReadonlyArray<string>> => {
  const whole = completed(state)
  const names = [...sections, "steps", "checkpoints", "reference", "ceWeight"]
  const entries = Object.entries(whole).filter(([key]) => names.some((name) => isOf(name, key)))
  const shared = nested(entries.map(([key, text]) => [key.split("."), text])) as Record<string, Plain>
  const losses = lossesOf(state)
  const seeds = seedsOf(whole.seeds ?? "")
  const decoded = decodeBanditCell({ ...shared, loss: "dpo", seed: 0 })
  const problems = [
    ...(seeds === undefined ? [`seeds: expected numbers such as 0,1,2 or 0-7, found "${whole.seeds}"`] : []),
    ...amountProblems(losses.length, seeds?.length ?? 1, shared.checkpoints),
    ...(Result.isFailure(decoded) ? decoded.failure.issues : [])
  ]
  if (problems.length > 0 || seeds === undefined || Result.isFailure(decoded)) return Result.fail(problems)
  const { loss: _loss, seed: _seed, ...rest } = decoded.success
  return Result.succeed({ losses, seeds, shared: rest })
}
