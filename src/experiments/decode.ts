/** @file A configuration checked against its Schema: every problem at once, each as one sentence with its place. */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { decodeWhole, findingText } from "../loss/schemaFindings.ts"
import { type ConfigIssue, type Located, placeOf, plainOf } from "./located.ts"

/** Decodes a located tree; on failure every problem, in the order they stand in the files. */
export const decodeLocated = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  located: Located
): Result.Result<S["Type"], ReadonlyArray<ConfigIssue>> =>
  Result.mapError(decodeWhole(schema, plainOf(located)), (findings) =>
    sortedIssues(
      findings.map((finding) => ({
        place: placeOf(located, finding.path, finding.atKey),
        path: finding.path,
        message: findingText(finding)
      }))
    )
  )

/** In reading order, without repetitions (a profile shares most of its study's problems). */
export const sortedIssues = (issues: ReadonlyArray<ConfigIssue>): ReadonlyArray<ConfigIssue> => {
  const unique = new Map(issues.map((issue) => [JSON.stringify([issue.place, issue.message]), issue]))
  const position = ({ place }: ConfigIssue): readonly [string, number, number] =>
    place._tag === "File" ? [place.file, place.line, place.column] : [`\uffff${place.argument}`, 0, 0]
  return [...unique.values()].sort((a, b) => {
    const [fileA, lineA, columnA] = position(a)
    const [fileB, lineB, columnB] = position(b)
    return fileA === fileB ? lineA - lineB || columnA - columnB : fileA < fileB ? -1 : 1
  })
}
