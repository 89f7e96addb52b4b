/** @file What the pool and its worker threads say to each other. */
import type { Json } from "./canonical.ts"

/** A cell to run: module URL, spec, and where to find what it needs. */
export interface CellRequest {
  readonly id: string
  readonly module: string
  readonly spec: Json
  readonly resources: Json
  readonly workFolder: string
  readonly sharedFolder?: string
  /** Cell id → JSON text of its result. */
  readonly needs: Readonly<Record<string, string>>
}

/** What a worker answers; `Done` and `Failed` end the cell. The result travels as text: it is hashed and written as such. */
export type WorkerMessage =
  | { readonly _tag: "Progress"; readonly fraction: number; readonly text?: string }
  | { readonly _tag: "Done"; readonly json: string }
  | { readonly _tag: "Failed"; readonly error: string; readonly stack?: string }
