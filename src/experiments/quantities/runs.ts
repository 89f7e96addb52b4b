/** @file Bandit records as runs, and runs as groups that differ by seed only. Pure. */
import type { BanditRow } from "../figures/records.ts"
import { alternatives, armOf, averagePrefix, columnOfMetric, initialPrefix, prefixOf } from "./columns.ts"
import type { Scope } from "./formula.ts"

/** What a group of runs has in common; `environment` is the study's name, with the swept settings after a space. */
export interface Condition {
  readonly study: string
  readonly environment: string
  readonly loss: string
  readonly reference: boolean
  readonly ceWeight: number
  /** Numbers among the loss's parameters and the swept settings, by their last name. */
  readonly settings: ReadonlyMap<string, number>
}

/** One trained policy: its checkpoints in order. */
export interface Run {
  readonly condition: Condition
  readonly seed: number
  readonly rows: ReadonlyArray<BanditRow>
  /** Whether it stopped before its last step. */
  readonly failed: boolean
}

/** Runs of one condition, by seed. */
export interface Group {
  readonly condition: Condition
  readonly runs: ReadonlyArray<Run>
}

const numberSettings = (text: string, separator: RegExp): ReadonlyArray<readonly [string, number]> =>
  text.split(separator).flatMap((part) => {
    const match = /^([\w.]+)=(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)$/.exec(part)
    return match === null ? [] : [[match[1]!.split(".").at(-1)!, Number(match[2])] as const]
  })

/** The condition that a cell's own words describe. */
export const conditionOf = (cell: Pick<BanditRow, "environment" | "loss" | "reference" | "ceWeight">): Condition => {
  const [study = "", ...variant] = cell.environment.split(" ")
  const parameters = /\?([A-Za-z]\w*=[^?]*)$/.exec(cell.loss)?.[1] ?? ""
  return {
    study,
    environment: cell.environment,
    loss: cell.loss,
    reference: cell.reference,
    ceWeight: cell.ceWeight,
    settings: new Map([...numberSettings(variant.join(" "), /,/), ...numberSettings(parameters, /&/)])
  }
}

/** One text for one condition. */
export const conditionKey = ({
  environment,
  loss,
  reference,
  ceWeight
}: Omit<Condition, "settings" | "study">): string => JSON.stringify([environment, loss, reference, ceWeight])

/** All groups of the records, in order of first appearance. */
export const groupsOf = (rows: ReadonlyArray<BanditRow>): ReadonlyArray<Group> => {
  const groups = new Map<string, { condition: Condition; runs: Map<number, Array<BanditRow>> }>()
  for (const row of rows) {
    const key = conditionKey(row)
    const group = groups.get(key) ?? { condition: conditionOf(row), runs: new Map<number, Array<BanditRow>>() }
    groups.set(key, group)
    group.runs.set(row.seed, [...(group.runs.get(row.seed) ?? []), row])
  }
  return [...groups.values()].map(({ condition, runs }) => ({
    condition,
    runs: [...runs].map(([seed, own]) => {
      const ordered = own.toSorted((a, b) => a.step - b.step)
      return { condition, seed, rows: ordered, failed: ordered.some(({ failure }) => failure !== undefined) }
    })
  }))
}

const numberIn = (row: BanditRow | undefined, name: string): number | undefined => {
  if (row === undefined) return undefined
  const arm = armOf(name)
  const value =
    arm === undefined ? (row as unknown as Record<string, unknown>)[columnOfMetric(name)] : row.armProbabilities?.[arm]
  return typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : undefined
}

const ownSetting = ({ settings, ceWeight }: Condition, name: string): number | undefined =>
  name === "ceWeight" ? ceWeight : settings.get(name)

/** A parameter, the weight of the cross-entropy term or a swept setting; of `tau_or_beta` the first that the condition has. */
export const settingOf = (condition: Condition, name: string): number | undefined =>
  alternatives(name)
    .map((one) => ownSetting(condition, one))
    .find((value) => value !== undefined)

/** The mean over the checkpoints up to the one of `row`; undefined as soon as one of them lacks the number. */
const averageUpTo = (run: Run, row: BanditRow, name: string): number | undefined => {
  const values = run.rows.filter(({ step }) => step <= row.step).map((one) => numberIn(one, name))
  const known = values.filter((value) => value !== undefined)
  return known.length < values.length ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** What names are worth at one checkpoint of a run: see columns.ts. */
export const scopeOf =
  (run: Run, row: BanditRow): Scope =>
  (name) => {
    const { plain, prefix } = prefixOf(name)
    if (prefix === initialPrefix) return numberIn(run.rows[0], plain)
    if (prefix === averagePrefix) return averageUpTo(run, row, plain)
    return numberIn(row, name) ?? settingOf(run.condition, name)
  }
