/** The numbers of a LOSS text that a reader may turn, with their ranges, and the text with one of them changed. */
import * as Result from "effect/Result"
import { getCatalogueEntry } from "../../loss/catalogue/index.ts"
import { getProjectName } from "../../loss/catalogue/projects/index.ts"
import type { ParameterSpec } from "../../loss/catalogue/schema.ts"
import { latticeIds } from "../../loss/catalogueLoss.ts"
import { type LossSpec, parseLossSpec } from "../../loss/spec.ts"

/** A number of a LOSS text. */
export interface LossParameter {
  readonly name: string
  readonly spec: ParameterSpec
  /** As the text has it, else the default. */
  readonly value: string
}

const ofStructures: Readonly<Record<string, ParameterSpec>> = { beta: { default: 1, above: 0 }, margin: { default: 0 } }

const withDefaults = (params: Readonly<Record<string, number>>): Readonly<Record<string, ParameterSpec>> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { default: value }]))

/** What is set in a text and no parameter of its form is a number of its formula: `expr:softplus(-b*lw)?b=2`. */
const numbersSet = ({ settings }: LossSpec): Readonly<Record<string, ParameterSpec>> =>
  withDefaults(
    Object.fromEntries(
      [...settings].filter(([, text]) => Number.isFinite(Number(text))).map(([name, text]) => [name, Number(text)])
    )
  )

const specsOf = (spec: LossSpec): Readonly<Record<string, ParameterSpec>> => {
  const { form, body } = spec
  if (form === "catalogue") {
    const entry = getCatalogueEntry(body)
    if (entry === undefined) return withDefaults(getProjectName(body)?.params ?? {})
    return latticeIds.has(entry.id) ? { ...ofStructures, ...entry.params } : entry.params
  }
  if (form === "file") return {}
  const { oddsBeta: _, ...own } = numbersSet(spec)
  return form === "expr" ? own : { ...own, ...ofStructures }
}

/** The parameters of a text; none for one that names no loss. */
export const parametersOf = (text: string): ReadonlyArray<LossParameter> => {
  const parsed = parseLossSpec(text)
  if (Result.isFailure(parsed)) return []
  const { settings } = parsed.success
  return Object.entries(specsOf(parsed.success)).map(([name, spec]) => ({
    name,
    spec,
    value: settings.get(name) ?? String(spec.default)
  }))
}

/** The text with a parameter set; an empty value takes the setting out. */
export const withParameter = (text: string, name: string, value: string): string => {
  const parsed = parseLossSpec(text)
  if (Result.isFailure(parsed)) return text
  const { source, settings } = parsed.success
  const head = settings.size === 0 ? source : source.slice(0, source.lastIndexOf("?"))
  const changed = new Map(settings)
  if (value.trim() === "") changed.delete(name)
  else changed.set(name, value.trim())
  const tail = [...changed].map(([key, setting]) => `${key}=${setting}`).join("&")
  return tail === "" ? head : `${head}?${tail}`
}

/** Where a slider stands, between `least` and `most` in steps of `step`, and the value of a place. */
export interface Scale {
  readonly least: number
  readonly most: number
  readonly step: number
  readonly place: (value: number) => number
  readonly value: (place: number) => number
}

const rounded = (value: number): number => Number(value.toPrecision(3))

/** The scale of a parameter: by powers of ten where it must be positive and has no upper bound, else linear. */
export const scaleOf = (spec: ParameterSpec, current: number): Scale => {
  const low = spec.above ?? spec.atLeast
  const high = spec.below ?? spec.atMost
  if (low === 0 && high === undefined && spec.above !== undefined) {
    const reach = Math.max(2, Math.ceil(Math.log10(Math.max(current, 1e-3))))
    return {
      least: Math.min(-3, Math.floor(Math.log10(Math.max(current, 1e-9)))),
      most: reach,
      step: 0.01,
      place: Math.log10,
      value: (place) => rounded(10 ** place)
    }
  }
  const least = low ?? Math.min(-5, current, spec.default)
  const most = high ?? Math.max(least + 1, 5, current, 2 * spec.default)
  const step = (most - least) / 200
  // Bounds that are not allowed themselves keep a step's distance.
  return {
    least: spec.above === undefined ? least : least + step,
    most: spec.below === undefined ? most : most - step,
    step,
    place: (value) => value,
    value: rounded
  }
}
