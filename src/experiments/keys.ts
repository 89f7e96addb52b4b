/** @file What makes two pieces of work the same: hashes of everything that their results depend on. */
import { hashOf, type Json } from "./canonical.ts"

/** Key of a stage: its configuration, the outputs it reads, the files it reads, its code. Order of the lists does not count. */
export const stageKey = (parts: {
  readonly stage: string
  readonly config: Json
  readonly upstream: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly code: string
}): string => hashOf({ kind: "stage", ...parts })

/** Key of a cell: its spec, the keys of the cells it reads, the code that runs it. Where it stands in a study does not count. */
export const cellKey = (parts: {
  readonly stage: string
  readonly spec: Json
  readonly needs: ReadonlyArray<string>
  readonly code: string
}): string => hashOf({ kind: "cell", ...parts })
