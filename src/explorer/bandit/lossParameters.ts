/** The numbers of a LOSS text that a reader may turn: those of its catalogue entry, or of a structure's link. */
import * as Result from "effect/Result"
import { getCatalogueEntry } from "../../loss/catalogue/index.ts"
import type { ParameterSpec } from "../../loss/catalogue/schema.ts"
import { parseLossSpec } from "../../loss/spec.ts"

export interface LossParameter {
  readonly name: string
  readonly spec: ParameterSpec
  /** As the text has it, else the default. */
  readonly value: string
}

/** What every structure has. */
const linkParameters: Readonly<Record<string, ParameterSpec>> = { beta: { default: 1, above: 0 } }

/** The parameters of a text; none for one that names no loss, and for expressions, whose numbers have no ranges. */
export const parametersOf = (text: string): ReadonlyArray<LossParameter> => {
  const parsed = parseLossSpec(text)
  if (Result.isFailure(parsed)) return []
  const { form, body, settings } = parsed.success
  const params =
    form === "catalogue"
      ? (getCatalogueEntry(body)?.params ?? {})
      : form === "rows" || form === "logic" || form === "ratio"
        ? linkParameters
        : {}
  return Object.entries(params).map(([name, spec]) => ({
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
  const list = [...settings].map(([key, old]) => `${key}=${old}`).join("&")
  const at = list === "" ? -1 : source.lastIndexOf("?")
  const head = at < 0 ? source : source.slice(0, at)
  const changed = new Map(settings)
  if (value.trim() === "") changed.delete(name)
  else changed.set(name, value.trim())
  const tail = [...changed].map(([key, setting]) => `${key}=${setting}`).join("&")
  return tail === "" ? head : `${head}?${tail}`
}
