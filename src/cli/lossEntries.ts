/** @file Derived losses as files that a config can use at once: one loss file each, and an index. */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import type { Derived } from "../derive/index.ts"
import { writeFileAtomic } from "../finetune/atomicFile.ts"
import { exportLoss } from "../loss/export/index.ts"
import { resolveLoss } from "../loss/resolve.ts"

/** A file to write: its name within the folder, and its text. */
interface Entry {
  readonly file: string
  readonly content: string
}

/** Names have letters, digits, `.`, `-`, `+` and `/` of weights, which no file name may carry. */
const fileName = (name: string, suffix: string): string => `${name.replaceAll("/", "_")}${suffix}.json`

const entriesOf = ({ candidates }: Derived): Result.Result<ReadonlyArray<Entry>, string> => {
  const entries: Array<Entry> = []
  for (const { name, loss, otherLinks = [] } of candidates) {
    for (const [i, text] of [loss, ...otherLinks].entries()) {
      const resolved = resolveLoss(text)
      if (Result.isFailure(resolved)) return Result.fail(resolved.failure.message)
      const content = exportLoss(resolved.success, "json")
      if (Result.isFailure(content)) return Result.fail(content.failure.message)
      const suffix = i === 0 ? "" : `.${resolved.success.link.kind}`
      entries.push({ file: fileName(name, suffix), content: content.success })
    }
  }
  return Result.succeed(entries)
}

const indexOf = ({ query, candidates }: Derived): Entry => ({
  file: "index.json",
  content: `${JSON.stringify(
    {
      query,
      losses: candidates.map(({ name, loss, sentence, properties, distance }) => ({
        file: fileName(name, ""),
        name,
        loss,
        sentence,
        distance,
        properties
      }))
    },
    null,
    2
  )}\n`
})

/**
 * Writes a loss file `<name>.json` for each candidate (and `<name>.<link>.json` for each further link) and `index.json`.
 * Files with other content are kept: without `force` nothing is written then, and the failure names them.
 * @returns the loss files, in the order of the candidates
 */
export const writeLossEntries = (
  folder: string,
  derived: Derived,
  force: boolean
): Result.Result<ReadonlyArray<string>, string> => {
  const entries = entriesOf(derived)
  if (Result.isFailure(entries)) return Result.fail(entries.failure)
  const all = [...entries.success, indexOf(derived)]
  try {
    mkdirSync(folder, { recursive: true })
    const taken = all.filter(({ file, content }) => {
      const path = join(folder, file)
      return existsSync(path) && readFileSync(path, "utf8") !== content
    })
    if (taken.length > 0 && !force) {
      const names = taken.slice(0, 3).map(({ file }) => join(folder, file))
      return Result.fail(
        `${names.join(", ")}${taken.length > 3 ? ", …" : ""}: there already with other content; name another folder, or give --force to replace`
      )
    }
    for (const { file, content } of all) writeFileAtomic(join(folder, file), content)
  } catch (error) {
    return Result.fail(`${folder}: cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
  return Result.succeed(entries.success.map(({ file }) => join(folder, file)))
}
