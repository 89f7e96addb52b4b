/**
 * The grammar of LOSS texts (docs/contract.md, "Naming a loss"): a form, its body, and settings after the last `?` that a
 * `name=` follows. Reading a text here says nothing about whether the loss exists; resolve.ts does.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { getCatalogueEntry } from "./catalogue/index.ts"
import { nearest } from "./nearest.ts"

/** The forms that a prefix announces. */
export const prefixes = ["ratio", "logic", "rows", "expr"] as const

export type LossForm = "catalogue" | "file" | (typeof prefixes)[number]

/** A LOSS text in parts. */
export interface LossSpec {
  readonly source: string
  readonly form: LossForm
  /** Id, path, ratio, formula, rows or expression. */
  readonly body: string
  /** `name=value` pairs as written, in order. */
  readonly settings: ReadonlyMap<string, string>
}

/** A LOSS text that names nothing, or sets what cannot be set; one sentence. */
export class LossSpecError extends Data.TaggedError("LossSpecError")<{
  readonly spec: string
  readonly reason: string
}> {
  override get message(): string {
    const shown = this.spec.length > 80 ? `${this.spec.slice(0, 77)}...` : this.spec
    return `loss "${shown}": ${this.reason}`
  }
}

/** The failure with the given reason. */
export const specFailure = (spec: string, reason: string): Result.Result<never, LossSpecError> =>
  Result.fail(new LossSpecError({ spec, reason }))

/** Splits at the last `?` that a `name=` follows. */
const splitSettings = (text: string): readonly [string, string | undefined] => {
  let at = -1
  for (const match of text.matchAll(/\?(?=\s*[A-Za-z_]\w*\s*=(?!=))/g)) at = match.index
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const readSettings = (source: string, text: string): Result.Result<ReadonlyMap<string, string>, LossSpecError> => {
  const settings = new Map<string, string>()
  for (const piece of text.split("&")) {
    const match = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(piece)
    if (match === null) return specFailure(source, `"${piece}" is no setting: expected name=value, joined by &`)
    const [, name, value] = match as unknown as readonly [string, string, string]
    if (settings.has(name)) return specFailure(source, `${name} is set twice`)
    if (value === "") return specFailure(source, `${name} has no value`)
    settings.set(name, value)
  }
  return Result.succeed(settings)
}

/** Reads a LOSS text. */
export const parseLossSpec = (text: string): Result.Result<LossSpec, LossSpecError> => {
  const source = text.trim()
  if (source === "") return specFailure(text, "the name is empty")
  const [head, tail] = splitSettings(source)
  const settings = tail === undefined ? Result.succeed(new Map<string, string>()) : readSettings(source, tail)
  if (Result.isFailure(settings)) return Result.fail(settings.failure)
  const make = (form: LossForm, body: string): Result.Result<LossSpec, LossSpecError> =>
    body.trim() === ""
      ? specFailure(source, `nothing follows "${form}:"`)
      : Result.succeed({ source, form, body: body.trim(), settings: settings.success })
  const prefix = /^([A-Za-z]+):/.exec(head)?.[1]
  const form = prefixes.find((name) => name === prefix)
  if (form !== undefined) return make(form, head.slice(form.length + 1))
  if (/\.json$/i.test(head) || (/[/\\]/.test(head) && getCatalogueEntry(head) === undefined)) return make("file", head)
  if (prefix !== undefined) return specFailure(source, `unknown form "${prefix}:"; ${nearest(prefix, prefixes)}`)
  if (head.includes("?"))
    return specFailure(source, `"${head.slice(head.indexOf("?"))}" is no list of name=value settings`)
  return make("catalogue", head)
}
