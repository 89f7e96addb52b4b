/** What is audited, as the command line names it: `path/file.py:function` or `trl:trainer?setting=value&…`. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** A target that cannot be meant. */
export class TargetError extends Data.TaggedError("TargetError")<{ readonly target: string; readonly reason: string }> {
  override get message(): string {
    return `target "${this.target}": ${this.reason}`
  }
}

/** A user's function (or class), or a trainer of the installed TRL with loss settings. */
export type Target =
  | { readonly kind: "file"; readonly path: string; readonly function: string }
  | { readonly kind: "trl"; readonly trainer: string; readonly settings: Readonly<Record<string, unknown>> }

const fail = (target: string, reason: string): Result.Result<never, TargetError> =>
  Result.fail(new TargetError({ target, reason }))

/** A setting's value: a number, true or false, none, a comma list of numbers or names in brackets, or a text. */
const settingValue = (text: string): unknown => {
  if (/^\[.*\]$/.test(text))
    return text
      .slice(1, -1)
      .split(",")
      .map((part) => settingValue(part.trim()))
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true"
  return /^(?:none|null)$/i.test(text) ? null : text
}

const trlTarget = (text: string): Result.Result<Target, TargetError> => {
  const [trainer, ...rest] = text.slice("trl:".length).split("?")
  if (!/^[a-z]+$/.test(trainer ?? ""))
    return fail(text, 'expected "trl:trainer?setting=value", for instance trl:dpo?loss_type=ipo')
  const settings: Record<string, unknown> = {}
  const query = rest.join("?")
  for (const piece of query === "" ? [] : query.split("&")) {
    const match = /^([A-Za-z_]\w*)=(.+)$/.exec(piece)
    if (match === null) return fail(text, `"${piece}" is no setting: expected name=value, joined by &`)
    settings[match[1]!] = settingValue(match[2]!)
  }
  return Result.succeed({ kind: "trl", trainer: trainer!, settings })
}

/** Reads a target. */
export const parseTarget = (text: string): Result.Result<Target, TargetError> => {
  if (text.startsWith("trl:")) return trlTarget(text)
  const at = text.lastIndexOf(":")
  const [path, name] = at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
  if (path === "" || !/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(name))
    return fail(text, "expected path/file.py:function (or file.py:Class, or trl:trainer?setting=value)")
  return Result.succeed({ kind: "file", path, function: name })
}
